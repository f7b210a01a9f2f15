"""A file whose text breaks its parser ends neither a command nor the server, and keeps no other file from a move."""

from __future__ import annotations

from pathlib import Path

import pytest

import tokens
from cli_shell import Shell
from lsp_client import editor
from tokenward.rewriting.excerpt import LONG

TOKEN = tokens.github("hostile syntax")
DEEP = {
    "lists": "- " * 300 + "a",
    "keys": "? " * 300 + "a",
    "indents": "".join(" " * at + "a:\n" for at in range(400)),
}


@pytest.fixture
def shell(unlocked: dict[str, str], folder: Path) -> Shell:
    """A shell in a workspace, with an unlocked gnome-keyring."""
    return Shell(unlocked, folder)


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
@pytest.mark.parametrize("words", [("--yes",), ("--dry-run",)], ids=["moved", "dry run"])
def test_a_file_beside_it_is_moved(shell: Shell, text: str, words: tuple[str, ...]) -> None:
    """A move reads the compose file beside `.env`, and survives it."""
    (shell.folder / "docker-compose.yml").write_text(text)
    (shell.folder / ".env").write_text(f"GITHUB_TOKEN={TOKEN}\n")
    done = shell("move", *words, ".env")
    assert done.code == 0, done.err
    left = (shell.folder / ".env").read_text()
    assert (TOKEN in left) == ("--dry-run" in words)


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_the_file_itself_is_refused_in_a_sentence(shell: Shell, text: str) -> None:
    """What cannot be rewritten is said in one sentence, and nothing changes."""
    content = f"# {TOKEN}\n{text}\nk: {TOKEN}\n"
    (shell.folder / "values.yaml").write_text(content)
    done = shell("move", "--yes", "values.yaml")
    assert done.code > 0
    assert "Traceback" not in done.err
    assert (shell.folder / "values.yaml").read_text() == content


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
async def test_the_server_survives_it(unlocked: dict[str, str], folder: Path, text: str) -> None:
    """Code actions of the file are without a move, and those of another file have one."""
    deep, plain = folder / "deep.yaml", folder / "plain.yaml"
    async with editor(unlocked, folder) as one:
        one.open(deep.as_uri(), f"k: {TOKEN}\n{text}\n", "yaml")
        one.open(plain.as_uri(), f"github_token: {TOKEN}\n", "yaml")
        titles = {}
        for path in (deep, plain):
            found = await one.diagnostics(path.as_uri())
            titles[path] = [action.title for action in await one.actions(path.as_uri(), found[0])]
        assert any("keyring" in title for title in titles[plain])
        # Of a long text, only the lines around the token are read before the move.
        if len(text) < LONG:
            assert not any("keyring" in title for title in titles[deep])
