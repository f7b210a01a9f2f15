"""The tools that look up an index's password in `keyring`, with the real tools and an index on this machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from asking_server import AskingServer
from cli_shell import TOKENWARD, Shell
from credential_checks import (
    add_record,
    assert_no_value_in_files,
    move,
    resolved,
    restore,
    start,
    uses,
)
from credentials.real_tools import KEYRING, pip, uv, with_user
from git_tree import repository
from hostile import TOKEN
from package_index import WHEEL, basic, package_index, wheel


def test_the_system_s_keyring_is_asked_first_and_stores(owner: Shell, tmp_path: Path) -> None:
    service = "https://pkgs.example.com/simple"
    add_record(owner, service)
    ask = [str(KEYRING), "get", service, "alice"]
    assert start(owner, ask).text == f"{TOKEN}\n"
    assert start(owner, [str(KEYRING), "set", service, "alice"], b"own\n").code == 0
    assert start(owner, ask).text == "own\n"
    assert uses(owner) == [("resolved", f"keyring:{service}")]
    assert owner.get("GITHUB_TOKEN") == TOKEN
    assert_no_value_in_files(owner, tmp_path)


@pytest.fixture
def index() -> Iterator[AskingServer]:
    with package_index(TOKEN) as served:
        yield served


@pytest.fixture
def shell(owner: Shell, tmp_path: Path) -> Shell:
    """The owner's, with `keyring` on PATH where it is no program of pip's own environment."""
    programs = tmp_path / "programs"
    programs.mkdir()
    programs.joinpath("keyring").symlink_to(KEYRING)
    path = f"{programs}{os.pathsep}{owner.environment['PATH']}"
    return owner.having(PATH=path, PIP_CONFIG_FILE=os.devnull, POETRY_CACHE_DIR=str(tmp_path / "cache"))


def pip_by_file(url: str, place: Path) -> list[str]:
    return [*pip("subprocess")(url, place)[:-3], "demo"]


def uv_by_file(url: str, place: Path) -> list[str]:
    options = {"--no-config", "--keyring-provider", "subprocess", "--default-index", with_user(url)}
    return [word for word in uv(url, place) if word not in options]


def twine_by_file(url: str, place: Path) -> list[str]:
    place.joinpath(WHEEL).write_bytes(wheel())
    upload = ["twine", "upload", "--disable-progress-bar", "--repository", "mine"]
    return [sys.executable, "-m", *upload, str(place / WHEEL)]


MOVED = {
    "pip": (
        ".config/pip/pip.conf",
        "[global]\nindex-url = URL/simple\n",
        pip_by_file,
        "index-url = USER/simple",
    ),
    "uv": (
        ".config/uv/uv.toml",
        'keyring-provider = "subprocess"\n[[index]]\nname = "a"\ndefault = true\nurl = "URL/simple"\n',
        uv_by_file,
        'url = "USER/simple"',
    ),
    "twine": (
        ".pypirc",
        (
            "[distutils]\nindex-servers = mine\n[mine]\nrepository = PLAIN/upload/\nusername = alice\n"
            f"password = {TOKEN}\n"
        ),
        twine_by_file,
        "# password = keyring://",
    ),
}
"""A tool's file in the home folder, with URLs to fill in; the command; and what a move leaves."""


def test_uv_gets_the_password_of_a_project_by_run_alone(
    owner: Shell, index: AskingServer, tmp_path: Path
) -> None:
    url = f"{index.url.replace('//', f'//alice:{TOKEN}@')}/simple"
    owner.folder.joinpath("uv.toml").write_text(f'[[index]]\nname = "a"\ndefault = true\nurl = "{url}"\n')
    moved = owner("move", "uv.toml")
    assert "tokenward run -- uv" in moved.text + moved.err
    command = [str(Path(TOKENWARD).with_name("uv")), *uv_by_file(index.url, tmp_path)[3:]]
    assert start(owner, command).code != 0
    done = start(owner, [TOKENWARD, "run", "--", *command])
    assert done.code == 0, done.err
    assert basic(TOKEN) in index.sent
    assert resolved(owner) == [f"keyring:{index.url}/simple"]


@pytest.mark.parametrize("tool", MOVED)
def test_a_tool_gets_in_every_folder_the_password_of_its_own_file(
    shell: Shell, index: AskingServer, tmp_path: Path, tool: str
) -> None:
    name, template, command, left = MOVED[tool]
    with_password = index.url.replace("//", f"//alice:{TOKEN}@")
    text = template.replace("URL", with_password).replace("PLAIN", index.url)
    said = move(shell, name, text)
    assert "keyring" in said
    moved = Path(shell.environment["HOME"], name).read_text()
    assert left.replace("USER", index.url.replace("//", "//alice@")) in moved
    project = shell.at(repository(tmp_path / "project")).without("PIP_CONFIG_FILE")
    done = start(project, command(index.url, tmp_path))
    assert done.code == 0, done.err
    assert basic(TOKEN) in index.sent
    assert set(resolved(shell)) == {f"keyring:{index.url}/{'upload' if tool == 'twine' else 'simple'}"}
    assert_no_value_in_files(shell, tmp_path)
    assert restore(shell, name) == text
    assert shell.at(Path(shell.environment["HOME"]))("credential", "list").out == b""
