"""After a move, the program that reads the file gets the value."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import tokens
from cli_shell import TOKENWARD, Shell

TOKEN = tokens.github("readers")


def moved(shell: Shell, name: str, text: str) -> Path:
    """Return a file whose token was moved; it is put back in the end."""
    file = shell.folder / name
    file.write_text(text.replace("T0K", TOKEN))
    done = shell("move", name)
    assert done.code == 0, done.err
    assert TOKEN not in file.read_text()
    return file


@pytest.mark.skipif(shutil.which("direnv") is None, reason="direnv is not installed")
@pytest.mark.parametrize("value", ["T0K", '"T0K"', "'T0K'", '"${GH_TOKEN:-T0K}"'])
def test_direnv_reads_the_keyring_in_the_workspace(shell: Shell, value: str) -> None:
    text = f"export GH_TOKEN={value}\nexport B=$'b'\n"
    file = moved(shell, ".envrc", text)
    assert not Path(shell.folder, ".env").exists()
    path = f"{Path(TOKENWARD).parent}{os.pathsep}{shell.environment['PATH']}"
    shown = subprocess.run(
        ["sh", "-c", """direnv allow && direnv exec . sh -c 'echo "$GH_TOKEN $B"'"""],
        cwd=shell.folder,
        env={**shell.environment, "PATH": path},
        check=True,
        capture_output=True,
    )
    assert shown.stdout.decode() == f"{TOKEN} b\n"
    assert shell("restore", ".envrc").code == 0
    assert file.read_text() == text.replace("T0K", TOKEN)


@pytest.mark.parametrize(
    ("name", "line", "command"),
    [
        (".bashrc", "export GH_TOKEN=T0K", "bash --rcfile .bashrc -ic 'echo $GH_TOKEN'"),
        (".zshrc", 'export GH_TOKEN="T0K"', "zsh -c 'source ./.zshrc; echo $GH_TOKEN'"),
        ("config.fish", "set -gx GH_TOKEN 'T0K'", "fish -c 'source fish/config.fish; echo $GH_TOKEN'"),
    ],
)
def test_a_shell_under_run_has_what_its_start_file_set(
    shell: Shell, name: str, line: str, command: str
) -> None:
    program, *words = shlex.split(command)
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    folder = "fish/" if program == "fish" else ""
    (shell.folder / "fish").mkdir()
    file = moved(shell, f"{folder}{name}", f"{line}\n")
    assert f"{TOKEN}\n" in shell("run", "--no-mask", "--", program, *words).text
    assert shell("restore", f"{folder}{name}").code == 0
    assert file.read_text() == f"{line.replace('T0K', TOKEN)}\n"


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="docker-compose is not installed")
def test_compose_gets_the_value_under_run(shell: Shell) -> None:
    text = """services:
  a:
    image: alpine
    environment:
      GH_TOKEN: T0K
      PRICE: "5$$ T0K"
    command: [serve, "--token=T0K"]
"""
    file = moved(shell, "compose.yml", text)
    done = shell("run", "--no-mask", "--", "docker-compose", "config", "--format", "json")
    assert done.code == 0, done.err
    service = json.loads(done.out)["services"]["a"]
    assert service["environment"] == {"GH_TOKEN": TOKEN, "PRICE": f"5$$ {TOKEN}"}
    assert service["command"] == ["serve", f"--token={TOKEN}"]
    assert shell("restore", "compose.yml").code == 0
    assert file.read_text() == text.replace("T0K", TOKEN)


def test_a_manifest_is_filled_on_its_way_to_the_cluster(shell: Shell) -> None:
    text = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\nstringData:\n  token: T0K\n  url: 'u:T0K@example.com'\n"
    file = moved(shell, "secret.yaml", text)
    done = shell("inject", "secret.yaml", "-o", "-")
    assert (done.code, done.text) == (0, text.replace("T0K", TOKEN))
    assert yaml.safe_load(done.text)["stringData"]["token"] == TOKEN
    assert shell("restore", "secret.yaml").code == 0
    assert file.read_text() == text.replace("T0K", TOKEN)


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
def test_kustomize_gets_a_filled_copy_of_all_files_that_it_reads(shell: Shell) -> None:
    values = [f"T0K{number}" for number in range(5)]
    parts = {
        "base/kustomization.yaml": "resources: ['secret.yaml', \"../config\"]\nsecretGenerator:\n"
        "- {name: generated, envs: [generated.env], literals: [b=T0K1]}\n",
        "base/secret.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: own}\nstringData:\n  token: T0K2\n",
        "base/generated.env": "A=T0K3\nPLAIN='1'\n",
        "config/kustomization.yml": "configMapGenerator: [{name: plain, files: [bytes.bin]}]\n",
        "config/bytes.bin": "plain",
        "over/kustomization.yaml": "resources:\n- ../base\npatches:\n- path: patch.yaml\n",
        "over/patch.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: own}\nstringData:\n  more: T0K4\n",
    }
    (shell.folder / ".git").mkdir()
    texts = {}
    for name, text in parts.items():
        for value in values:
            text = text.replace(value, tokens.github(value))  # noqa: PLW2901
        file = shell.folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        texts[file] = text
    moved = [name for name, text in parts.items() if "T0K" in text]
    done = shell("move", *moved, "--yes")
    assert done.code == 0, done.err
    built = shell("run", "--no-mask", "--", "kubectl", "kustomize", "over")
    assert built.code == 0, built.err
    found = [one for one in yaml.safe_load_all(built.text) if one["kind"] == "Secret"]
    texts_of = {one["metadata"]["name"].partition("-")[0]: one for one in found}
    assert texts_of["own"]["stringData"] == {"token": tokens.github("T0K2"), "more": tokens.github("T0K4")}
    data = {name: base64.b64decode(text).decode() for name, text in texts_of["generated"]["data"].items()}
    assert data == {"A": tokens.github("T0K3"), "PLAIN": "'1'", "b": tokens.github("T0K1")}
    left = subprocess.run(
        ["grep", "-rl", tokens.github("T0K2"), shell.folder.parent], capture_output=True, check=False
    )
    assert left.stdout.decode() == ""
    (shell.folder / "config" / "link.yaml").symlink_to("bytes.bin")
    (shell.folder / "config" / "kustomization.yml").write_text(
        "configMapGenerator: [{name: a, files: [link.yaml]}]\n"
    )
    refused = shell("run", "--", "kubectl", "kustomize", "over")
    assert (refused.code, "There is a link" in refused.err) == (125, True)
    clone = shell.folder.parent / "clone"
    (clone / ".git").mkdir(parents=True)
    (clone / "kustomization.yaml").write_text(f"# ../{shell.folder.name}/base/secret.yaml\n")
    refused = shell.at(clone)("run", "--", "kubectl", "kustomize")
    assert (refused.code, "belongs to" in refused.err) == (125, True), refused.err
    for name in moved:
        assert shell("restore", name).code == 0
        assert (shell.folder / name).read_text() == texts[shell.folder / name]


@pytest.mark.parametrize(
    ("name", "text", "command"),
    [
        (
            "secret.json",
            '{"apiVersion": "v1", "kind": "Secret", "stringData": {"token": "T0K"}}\n',
            "kubectl apply -f secret.json",
        ),
        ("env.json", '{"Fn": {"GH_TOKEN": "T0K"}}\n', "sam local invoke -n env.json"),
        (
            "environment.yml",
            "channels:\n  - https://conda.example.com/t/T0K/main\ndependencies: [python]\n",
            "mamba env create --file environment.yml",
        ),
    ],
)
def test_a_command_under_run_gets_the_filled_file(
    shell: Shell, tmp_path: Path, name: str, text: str, command: str
) -> None:
    program = tmp_path / "tools" / command.split(maxsplit=1)[0]
    program.parent.mkdir()
    # What it prints would be redacted.
    program.write_text(f'#!/bin/sh\nfor last; do :; done\ncat "$last" > {tmp_path}/read\n')
    program.chmod(0o755)
    file = moved(shell, name, text)
    found = shell.having(PATH=f"{program.parent}{os.pathsep}{shell.environment['PATH']}")
    assert found("run", "--", *command.split()).code == 0
    assert Path(tmp_path, "read").read_text() == text.replace("T0K", TOKEN)
    assert shell("restore", name).code == 0
    assert file.read_text() == text.replace("T0K", TOKEN)


def test_a_chunk_of_a_report_reads_the_variable(shell: Shell) -> None:
    text = "---\ntitle: A\n---\n```{python}\nprint(hashlib.sha256(b'T0K').hexdigest())\n```\n"
    file = moved(shell, "report.qmd", text)
    code = file.read_text().split("```{python}\n")[1].split("```")[0]
    done = shell("run", "--", sys.executable, "-c", f"import hashlib\n{code}")
    assert (done.code, done.text) == (0, f"{hashlib.sha256(TOKEN.encode()).hexdigest()}\n")
    assert shell("restore", "report.qmd").code == 0
    assert file.read_text() == text.replace("T0K", TOKEN)


def test_a_program_gets_what_its_own_code_reads_from_its_settings(shell: Shell) -> None:
    shell.write_script(
        "app.py",
        "import json, os, pathlib\n"
        "text = os.path.expandvars(pathlib.Path('settings.json').read_text())\n"
        "print(json.loads(text)['key'])\n",
    )
    text = '{"key": "T0K"}\n'
    file = moved(shell, "settings.json", text)
    assert shell("run", "--no-mask", "--", sys.executable, "app.py").text == f"{TOKEN}\n"
    assert shell("restore", "settings.json").code == 0
    assert file.read_text() == text.replace("T0K", TOKEN)


def test_an_entry_of_json_that_a_variable_replaces_is_turned_off_until_the_restore(shell: Shell) -> None:
    text = '{\n  "env": {\n    "GH_TOKEN": "T0K"\n  }\n}\n'
    file = moved(shell, "nodemon.json", text)
    assert json.loads(file.read_text()) == {"env": {"//GH_TOKEN": "set by GH_TOKEN"}}
    assert shell("run", "--no-mask", "--", "sh", "-c", "echo $GH_TOKEN").text == f"{TOKEN}\n"
    assert shell("restore", "nodemon.json").code == 0
    assert file.read_text() == text.replace("T0K", TOKEN)
