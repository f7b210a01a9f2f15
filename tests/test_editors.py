"""The files of `editors/`, each read by the program that it is for, or else by its format's parser."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

import emacs
import tokenward
from test_house import ROOT
from tokenward.rewriting.languages import language_of

EDITORS = ROOT / "editors"
BLOCK = re.compile(r"^```(json|toml)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PAGES = [
    page
    for page in sorted((ROOT / "docs" / "start" / "editors").glob("*.md"))
    if BLOCK.search(page.read_text("utf-8"))
]
PARSERS: dict[str, Callable[[str], Any]] = {"toml": tomllib.loads, "yaml": yaml.safe_load, "json": json.loads}
COMMAND = ["tokenward", "server"]

VIM_SCRIPT = """
call mkdir('{place}/autoload', 'p')
call writefile([
  \\ 'function! lsp_settings#get(server, key, default)', 'return a:default', 'endfunction',
  \\ 'function! lsp_settings#exec_path(name)', 'return a:name', 'endfunction',
  \\ 'function! lsp_settings#server_config(name)', 'return {{}}', 'endfunction',
  \\ ], '{place}/autoload/lsp_settings.vim')
set runtimepath^={place}
command! -nargs=1 LspRegisterServer let registered = <args>
source {file}
call writefile([json_encode([registered.name, registered.cmd({{}}), registered.allowlist])], '{place}/out')
qall!
"""
EMACS_SCRIPT = """
(setq byte-compile-error-on-warn t)
(unless (byte-compile-file "{file}") (kill-emacs 1))
(load "{file}c")
(let ((client (gethash 'tokenward lsp-clients)))
  (princ (json-encode (list
    (lsp--client-add-on? client)
    (funcall (lsp--client-activation-fn client) "app.py" 'python-mode)
    lsp-tokenward-command
    (with-temp-buffer
      (setq buffer-file-name "/acme/.env.local")
      (prog1 (lsp-buffer-language) (setq buffer-file-name nil)))))))
"""


def output(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def parsed(name: str) -> Any:
    """Return the content of a TOML, YAML or JSON file."""
    path = EDITORS / name
    return PARSERS[path.suffix[1:]](path.read_text("utf-8"))


@pytest.mark.skipif(shutil.which("nvim") is None, reason="needs nvim")
def test_neovim_loads_the_configuration_for_nvim_lspconfig(tmp_path: Path) -> None:
    file = EDITORS / "nvim-lspconfig" / "lsp" / "tokenward.lua"
    script = tmp_path / "load.lua"
    script.write_text(f"io.write(vim.json.encode(dofile('{file}')))")
    loaded = json.loads(output(["nvim", "--clean", "--headless", "-l", str(script)]))
    assert loaded == {"cmd": COMMAND, "root_markers": ["tokenward.toml", ".git"]}


@pytest.mark.skipif(not emacs.AVAILABLE, reason=emacs.WHY_NOT)
def test_emacs_compiles_the_client_for_lsp_mode_and_starts_it_everywhere(tmp_path: Path) -> None:
    """It has no warning, runs beside other servers, and gives `.env` its language."""
    file = shutil.copy(EDITORS / "lsp-mode" / "clients" / "lsp-tokenward.el", tmp_path)
    environment = {**os.environ, "HOME": str(tmp_path)}
    registered = emacs.evaluate(EMACS_SCRIPT.format(file=file), tmp_path, environment)
    assert registered == [True, True, COMMAND, "dotenv"]


@pytest.mark.skipif(shutil.which("vim") is None, reason="needs vim")
def test_vim_reads_the_registration_for_vim_lsp_settings(tmp_path: Path) -> None:
    """It registers for every kind of file; the functions of vim-lsp-settings return their defaults here."""
    file = EDITORS / "vim-lsp-settings" / "settings" / "tokenward.vim"
    script = tmp_path / "load.vim"
    script.write_text(VIM_SCRIPT.format(place=tmp_path, file=file))
    output(["vim", "-N", "-n", "-i", "NONE", "-u", "NONE", "-es", "-S", str(script)])
    assert json.loads((tmp_path / "out").read_text()) == ["tokenward", COMMAND, ["*"]]
    (row,) = parsed("vim-lsp-settings/settings.json")["_"]
    assert row["command"] == "tokenward"
    assert row["root_uri_patterns"] == ["tokenward.toml", ".git/"]


def test_the_package_for_mason_has_the_fields_that_its_schema_asks_for() -> None:
    package = parsed("mason/packages/tokenward/package.yaml")
    required = {"name", "description", "homepage", "licenses", "languages", "categories", "source"}
    assert required <= set(package) <= required | {"bin"}
    assert package["source"] == {"id": f"pkg:pypi/tokenward@{tokenward.__version__}"}
    assert package["bin"] == {"tokenward": "pypi:tokenward"}


def test_the_template_for_lsp4ij_maps_each_pattern_to_its_language() -> None:
    """LSP4IJ drops a mapping without patterns or language, and it knows `*` and `?` only."""
    template = parsed("lsp4ij/tokenward/template.json")
    assert template["programArgs"] == {"default": " ".join(COMMAND)}
    for mapping in template["fileTypeMappings"]:
        for pattern in mapping["fileType"]["patterns"]:
            name = pattern.replace("*", "sample")
            assert fnmatch.fnmatch(name, pattern)
            of_name, of_id = language_of(name, None), language_of("other", mapping["languageId"])
            assert of_name is not None, pattern
            assert of_id is not None, mapping
            assert of_name.name == of_id.name, pattern


def test_the_extension_for_zed_is_of_this_version_and_names_an_id_for_each_language() -> None:
    extension, crate = parsed("zed/extension.toml"), parsed("zed/Cargo.toml")
    server = extension["language_servers"]["tokenward"]
    assert extension["id"] == "tokenward"
    assert extension["version"] == crate["package"]["version"] == tokenward.__version__
    assert list(server["language_ids"]) == server["languages"]
    assert crate["lib"] == {"crate-type": ["cdylib"]}
    source = (EDITORS / "zed" / "src" / "lib.rs").read_text("utf-8")
    assert re.findall(r"register_extension!\((\w+)\)", source) == re.findall(
        r"impl zed::Extension for (\w+)", source
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_configuration_on_a_page_parses_and_starts_the_server(page: Path) -> None:
    """Each block is a whole file, or a part of one that parses alone; JupyterLab must write no notebook to the disk."""
    whole = [PARSERS[kind](text) for kind, text in BLOCK.findall(page.read_text("utf-8"))]
    if page.stem == "jupyterlab":
        (server,) = whole[0]["LanguageServerManager"]["language_servers"].values()
        assert server["argv"] == COMMAND
        assert server["requires_documents_on_disk"] is False
    if page.stem in {"kate", "sublime-text"}:
        (server,) = next(iter(whole[0].values())).values()
        assert server["command"] == COMMAND
