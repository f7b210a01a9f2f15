"""A person at a real Neovim, with a real gnome-keyring."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import neovim
import tokens
from neovim import Neovim

REFERENCE = "keyring://acme-api/GITHUB_TOKEN"
PROGRAM = """\
import hashlib

greeting = "Grüße 🔑"; GITHUB_TOKEN = "{}"
print(greeting, hashlib.sha256(GITHUB_TOKEN.encode()).hexdigest())
"""


@pytest.fixture
def environment(unlocked: dict[str, str]) -> dict[str, str]:
    """The environment of a user with none of the variables that the programs here read."""
    if not neovim.AVAILABLE:
        pytest.skip(neovim.WHY_NOT)
    kept = {name: value for name, value in unlocked.items() if name != "GITHUB_TOKEN"}
    return neovim.with_programs(kept)


@pytest.fixture
def nvim(environment: dict[str, str], folder: Path) -> Iterator[Neovim]:
    with neovim.neovim(environment, folder) as started:
        yield started


def run(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    """Run a command and return its output."""
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def stored(environment: dict[str, str], folder: Path) -> set[str]:
    """Return the values that other programs read from the keyring."""
    service, name = "tokenward/acme-api/GITHUB_TOKEN", "GITHUB_TOKEN"
    secret_tool = run(["secret-tool", "lookup", "service", service], folder, environment)
    keyring = run(["keyring", "get", service, name], folder, environment)
    return {secret_tool, keyring.removesuffix("\n")}


def test_a_token_in_code_moves_and_the_program_prints_the_same(
    nvim: Neovim, environment: dict[str, str], folder: Path
) -> None:
    """One warning on exactly the token, one fix, and the program runs as before with nothing in its file."""
    token, app = tokens.github(), folder / "app.py"
    app.write_text(PROGRAM.format(token), "utf-8")
    before = run(["python", "app.py"], folder, environment)
    nvim.open(app)
    (warning,) = nvim.warnings(1)
    assert warning["under"] == token
    assert warning["source"] == "tokenward"
    assert token not in warning["message"]
    nvim.fix()
    nvim.save_all()
    assert nvim.warnings(0) == []
    assert app.read_text("utf-8") == "import os\n" + PROGRAM.replace('"{}"', 'os.environ["GITHUB_TOKEN"]')
    assert (folder / ".env").read_text("utf-8") == f"GITHUB_TOKEN={REFERENCE}\n"
    assert stored(environment, folder) == {token}
    assert run(["tokenward", "run", "--no-mask", "--", "python", "app.py"], folder, environment) == before


def test_undo_brings_the_token_and_its_warning_back(nvim: Neovim, folder: Path) -> None:
    """The whole edit is one step to undo."""
    app = folder / "app.py"
    app.write_text(PROGRAM.format(tokens.github()), "utf-8")
    nvim.open(app)
    nvim.warnings(1)
    nvim.fix()
    nvim.warnings(0)
    assert nvim.text() != app.read_text("utf-8")
    nvim.undo()
    assert nvim.text() == app.read_text("utf-8")
    assert nvim.warnings(1)[0]["under"] == tokens.github()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".env", "# für lokal\nGITHUB_TOKEN='{}' # 🔑\nPORT=8000\n"),
        (
            ".vscode/launch.json",
            '{{"configurations": [{{"env": {{"owner": "Zoë", "github_token": "{}"}}}}]}}\n',
        ),
        (".env", "OWNER=Zoë\r\ngithub_token={}\r\n"),
    ],
)
def test_a_token_in_data_becomes_a_reference_and_can_be_filled_in(
    nvim: Neovim, environment: dict[str, str], folder: Path, name: str, text: str
) -> None:
    """Only the token's characters change, and `tokenward inject` gives the same file again."""
    token, path, filled = tokens.github(), folder / name, folder / "filled"
    (folder / "tokenward.toml").touch()
    path.parent.mkdir(exist_ok=True)
    path.write_text(text.format(token), "utf-8", newline="")
    nvim.open(path)
    assert [warning["under"] for warning in nvim.warnings(1)] == [token]
    nvim.fix()
    nvim.save_all()
    assert nvim.warnings(0) == []
    assert path.read_bytes().decode() == text.format(REFERENCE)
    assert stored(environment, folder) == {token}
    run(["tokenward", "inject", name, "--output", "filled"], folder, environment)
    assert filled.read_bytes().decode() == text.format(token)


def test_an_env_file_gains_one_line(nvim: Neovim, folder: Path) -> None:
    """It keeps its other lines and its line endings, and gets no blank line, on the disk and in a buffer."""
    texts = [b"", b"PORT=8000", b"PORT=8000\n", b"PORT=8000\r\n", b"A=1\nB=2\n"]
    for number, before in enumerate([*texts, *texts[1:]]):
        place = folder / f"row-{number}"
        app, env = place / "app.py", place / ".env"
        place.mkdir()
        app.write_text(PROGRAM.format(tokens.github()), "utf-8")
        env.write_bytes(before)
        if number >= len(texts):
            nvim.open(env)
        nvim.open(app)
        nvim.warnings(1)
        nvim.fix()
        nvim.save_all()
        ending = b"\r\n" if b"\r" in before else b"\n"
        lines = [*before.splitlines(), f"GITHUB_TOKEN=keyring://{place.name}/GITHUB_TOKEN".encode()]
        assert env.read_bytes() == b"".join(line + ending for line in lines), (number, before)


def test_the_reference_goes_to_the_top_of_the_working_copy(
    nvim: Neovim, environment: dict[str, str], folder: Path
) -> None:
    """A file deep in a repository shares the repository's `.env`."""
    (folder / ".git").mkdir()
    app = folder / "src" / "deep" / "app.py"
    app.parent.mkdir(parents=True)
    app.write_text(PROGRAM.format(tokens.github()), "utf-8")
    nvim.open(app)
    nvim.warnings(1)
    nvim.fix()
    nvim.save_all()
    assert (folder / ".env").read_text("utf-8") == f"GITHUB_TOKEN={REFERENCE}\n"
    assert stored(environment, folder) == {tokens.github()}


def test_a_warning_comes_while_typing(nvim: Neovim, folder: Path) -> None:
    """Nothing has to be saved first, and a deleted token has no more warning."""
    app = folder / "app.py"
    app.write_text(PROGRAM.format("nothing yet"), "utf-8")
    nvim.open(app)
    nvim.warnings(0)
    nvim.type(f'another = "{tokens.npm()}"')
    assert nvim.warnings(1)[0]["under"] == tokens.npm()
    nvim.undo()
    assert nvim.warnings(0) == []


@pytest.mark.parametrize("typed_before", ["", "# a change that Neovim counts"])
def test_a_key_pressed_during_a_move_loses_nothing(
    nvim: Neovim, environment: dict[str, str], folder: Path, typed_before: str
) -> None:
    """Neovim may drop such an edit, or misplace it, and report it as applied; the user learns the truth."""
    app = folder / "app.py"
    app.write_text(PROGRAM.format(tokens.github()), "utf-8")
    nvim.open(app)
    if typed_before:
        nvim.type(typed_before)
    before = nvim.text()
    nvim.warnings(1)
    nvim.fix_while_typing("x")
    (told,) = nvim.messages()
    assert "The text changed" in told
    nvim.undo()
    assert nvim.text() == before
    assert stored(environment, folder) == {tokens.github()}


@pytest.fixture
def repository(folder: Path) -> Path:
    """A folder whose files are scanned without being open; its `.env` has a token, and Git ignores it."""
    (folder / ".git").mkdir()
    (folder / ".gitignore").write_text(".env\n", "utf-8")
    (folder / ".env").write_text(f"PORT=8000\nGITHUB_TOKEN={tokens.github()}\n", "utf-8")
    (folder / "app.py").write_text(PROGRAM.format("nothing"), "utf-8")
    return folder


def test_a_token_in_a_file_that_was_never_opened_is_listed_and_moves(
    nvim: Neovim, environment: dict[str, str], repository: Path
) -> None:
    """The quickfix list names the file, opening it shows the warning once, and the quick fix empties the list."""
    env = repository / ".env"
    nvim.open(repository / "app.py")
    (listed,) = nvim.listed(1)
    assert (listed["file"], listed["line"]) == (str(env), 2)
    assert tokens.github() not in listed["message"]
    nvim.open(env)
    assert [warning["under"] for warning in nvim.warnings(1)] == [tokens.github()]
    assert nvim.listed(1) == [listed]
    nvim.fix()
    nvim.save_all()
    assert nvim.listed(0) == []
    assert env.read_text("utf-8") == f"PORT=8000\nGITHUB_TOKEN={REFERENCE}\n"
    assert stored(environment, repository) == {tokens.github()}


def test_a_listed_token_stays_when_its_file_is_closed_and_goes_with_the_file(
    nvim: Neovim, repository: Path
) -> None:
    """The list shows the file on disk, or its buffer while there is one."""
    env = repository / ".env"
    nvim.open(repository / "app.py")
    listed = nvim.listed(1)
    nvim.open(env)
    nvim.type(f"NPM_TOKEN={tokens.npm()}")
    assert [entry["line"] for entry in nvim.listed(2)] == [1, 3]
    nvim.save_all()
    nvim.close()
    assert [entry["line"] for entry in nvim.listed(2)] == [1, 3]
    env.write_text(f"PORT=8000\nGITHUB_TOKEN={tokens.github()}\n", "utf-8")
    assert nvim.listed(1) == listed
    env.unlink()
    assert nvim.listed(0) == []


@pytest.mark.skipif(not neovim.NEWER.exists(), reason="Neovim 0.11 is a package for x86-64 Linux only")
def test_neovim_0_11_with_its_own_configuration_moves_and_keeps_the_other_warnings(
    environment: dict[str, str], folder: Path
) -> None:
    """The block for `vim.lsp.config` works; the token left in `.env`, which no window shows, stays listed."""
    github, npm = tokens.github(), tokens.npm()
    (folder / "app.py").write_text(f'GITHUB_TOKEN = "{github}"\n', "utf-8")
    (folder / ".env").write_text(f"NPM_TOKEN={npm}\n", "utf-8")
    (folder / "tokenward.toml").touch()
    with neovim.neovim(environment, folder, str(neovim.NEWER), block=2) as nvim:
        nvim.open(folder / "app.py")
        nvim.listed(2)
        nvim.fix()
        nvim.save_all()
        assert [Path(one["file"]).name for one in nvim.listed(1)] == [".env"]
    assert (folder / "app.py").read_text("utf-8") == 'import os\nGITHUB_TOKEN = os.environ["GITHUB_TOKEN"]\n'
    assert (folder / ".env").read_text("utf-8") == f"NPM_TOKEN={npm}\nGITHUB_TOKEN={REFERENCE}\n"
