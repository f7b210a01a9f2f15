"""A person at a real Vim with ALE, with a real gnome-keyring."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import tokens
import vim
from vim import Vim

PROGRAM = 'GITHUB_TOKEN = "{}"\n'


@pytest.fixture
def editor(unlocked: dict[str, str], folder: Path) -> Iterator[Vim]:
    if not vim.AVAILABLE:
        pytest.skip(vim.WHY_NOT)
    (folder / ".git").mkdir()
    with vim.vim(unlocked, folder) as started:
        yield started


def test_a_token_is_marked_moves_with_its_line_in_env_and_comes_back(editor: Vim, folder: Path) -> None:
    """The page's lines are enough: ALE marks the token, `:TokenwardMove` moves it, and `u` brings it back."""
    token, app = tokens.github(), folder / "app.py"
    app.write_text(PROGRAM.format(token), "utf-8")
    editor.do("edit app.py")
    (mark,) = editor.marked(1)
    assert PROGRAM.format(token)[mark["col"] - 1 : mark["end_col"]] == token
    assert token not in mark["text"]
    editor.do("TokenwardMove")
    assert editor.text() == app.read_text("utf-8") == 'import os\nGITHUB_TOKEN = os.environ["GITHUB_TOKEN"]\n'
    assert (folder / ".env").read_text("utf-8") == "GITHUB_TOKEN=keyring://acme-api/GITHUB_TOKEN\n"
    assert editor.marked(0) == []
    editor.press("\ru")  # past the output of the command, if Vim waits there
    assert len(editor.marked(1)) == 1
    assert editor.text() == PROGRAM.format(token)


def test_nothing_is_offered_that_ale_would_refuse(editor: Vim, folder: Path) -> None:
    """ALE announces that it applies no edits, so its menu holds no move."""
    (folder / "config.sh").write_text(f"export GITHUB_TOKEN={tokens.github()}\n", "utf-8")
    editor.do("edit config.sh")
    (mark,) = editor.marked(1)
    editor.do(f"call cursor(1, {mark['col']}) | let g:offered = []")
    editor.do("call ale#codefix#Execute(0, {_, items -> extend(g:offered, items)})")
    vim.await_(lambda: bool(editor.evaluate("g:offered")), "code actions")
    titles = [action["title"] for _, action in editor.evaluate("g:offered")]
    assert titles
    assert not [title for title in titles if title.startswith("Move")]
