"""The tools that look up an index's password in `keyring`, with the real tools and an index on this machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from asking_server import AskingServer
from cli_shell import TOKENWARD, Done, Shell
from credential_checks import (
    add_record,
    assert_no_value_in_files,
    end_lease,
    move,
    needs,
    resolved,
    restore,
    start,
    uses,
)
from git_tree import repository
from hostile import TOKEN
from package_index import WHEEL, basic, package_index, wheel

KEYRING = Path(TOKENWARD).with_name("keyring")


def with_user(url: str) -> str:
    """Return an index's URL with its user, without whom uv and older pips ask for no password."""
    return f"{url.replace('//', '//alice@')}/simple/"


def pip(provider: str) -> Callable[[str, Path], list[str]]:
    options = ["--no-cache-dir", "--disable-pip-version-check", "--no-input", "--keyring-provider", provider]
    return lambda url, place: [
        *[sys.executable, "-m", "pip", "install", *options, "--retries", "0"],
        *["--target", str(place / "installed"), "--index-url", with_user(url), "demo"],
    ]


def uv(url: str, place: Path) -> list[str]:
    return [
        *[
            sys.executable,
            "-m",
            "uv",
            "pip",
            "install",
            "--no-cache",
            "--no-config",
            "--python",
            sys.executable,
        ],
        *["--keyring-provider", "subprocess", "--default-index", with_user(url)],
        *["--target", str(place / "installed"), "demo"],
    ]


def twine(url: str, place: Path) -> list[str]:
    place.joinpath(WHEEL).write_bytes(wheel())
    upload = ["twine", "upload", "--disable-progress-bar", "--repository-url", f"{url}/upload/"]
    return [sys.executable, "-m", *upload, "--username", "alice", str(place / WHEEL)]


def poetry(url: str, place: Path) -> list[str]:
    place.joinpath("pyproject.toml").write_text(
        '[project]\nname = "a"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["demo"]\n'
        f'[[tool.poetry.source]]\nname = "mine"\nurl = "{url}/simple"\n'
    )
    return ["poetry", "--no-interaction", "--project", str(place), "lock"]


TOOLS = {
    "pip that imports keyring": (pip("import"), "simple"),
    "pip that starts keyring": (pip("subprocess"), "simple"),
    "uv": (uv, "simple"),
    "twine": (twine, "upload"),
    "poetry": (poetry, "simple"),
}
"""The command for an index at a URL, and the path for which the tool asks."""
HIDES_WHY = {"pip that starts keyring", "uv"}
"""These tools do not show what a helper says."""


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


def test_an_assistant_gets_no_password_without_a_yes(owner: Shell) -> None:
    service = "https://pkgs.example.com/simple"
    add_record(owner, service)
    done = start(owner.having(CLAUDECODE="1"), [str(KEYRING), "get", service, "alice"])
    assert (done.code, done.out) == (1, b"")
    assert "Claude Code" in done.err
    assert uses(owner) == [("refused", f"keyring:{service}")]


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


@pytest.mark.parametrize(
    "tool", [pytest.param(tool, marks=needs(tool) if tool == "poetry" else ()) for tool in TOOLS]
)
def test_a_tool_gets_the_recorded_password_in_its_workspace_alone(
    shell: Shell, clone: Shell, index: AskingServer, tmp_path: Path, tool: str
) -> None:
    command, path = TOOLS[tool]
    clone = clone.having(**shell.environment)

    def asked(where: Shell) -> Done:
        return start(where, command(index.url, Path(mkdtemp(dir=tmp_path))))

    assert asked(shell).code != 0
    assert basic(TOKEN) not in index.sent
    assert uses(shell) == []
    add_record(shell, f"{index.url}/{path}", "--user", "alice")
    done = asked(shell)
    assert done.code == 0, done.err
    sent = index.sent.count(basic(TOKEN))
    elsewhere = asked(clone)
    end_lease(shell)
    ended = asked(shell)
    assert 0 not in (elsewhere.code, ended.code)
    assert index.sent.count(basic(TOKEN)) == sent
    if tool not in HIDES_WHY:
        assert f"acme-api belongs to {shell.folder}" in elsewhere.err
        assert "has no uses left" in ended.err
    name = f"keyring:{index.url}/{path}"
    assert set(uses(shell)) == {("resolved", name), ("refused", name)}
    assert_no_value_in_files(shell, tmp_path)


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
