"""An editor that denies having made an edit may be wrong, so everything that the edit may need stays."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from lsprotocol import types

import tokens
from lsp_client import Editor, editor

TOKEN = tokens.github("declined")
REFERENCE = "keyring://acme-api/GITHUB_TOKEN"
TEXT = f"GITHUB_TOKEN={TOKEN}\n"
MOVED = f"GITHUB_TOKEN={REFERENCE}\n"


@pytest.fixture
def path(folder: Path) -> Path:
    made = folder / ".env"
    made.write_text(TEXT)
    return made


async def declined(one: Editor, path: Path) -> None:
    """A move whose edit the editor does not make, after the server has handled that."""
    uri = path.as_uri()
    one.open(uri, path.read_text())
    (found,) = await one.diagnostics(uri)
    one.refuse = True
    await one.run((await one.actions(uri, found))[0])
    await one.told("did not apply the edit")
    one.refuse = False


def apply_late(one: Editor) -> None:
    """Make the edit that was declined."""
    for change in one.edits[-1].edit.document_changes or ():
        assert isinstance(change, types.TextDocumentEdit)
        one._apply_to(change.text_document.uri, change.edits)


def held(environment: dict[str, str]) -> bool:
    """Return whether the real keyring holds the token."""
    command = ["secret-tool", "search", "--all", "application", "Python keyring library"]
    return (
        TOKEN in subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout
    )


def tokenward(environment: dict[str, str], folder: Path, *arguments: str, stdin: str = "") -> None:
    command = [sys.executable, "-m", "tokenward.cli", *arguments]
    subprocess.run(
        command, env=environment, cwd=folder, input=stdin, capture_output=True, text=True, check=True
    )


async def test_an_edit_that_comes_after_the_editors_no_costs_no_token(
    unlocked: dict[str, str], folder: Path, path: Path
) -> None:
    async with editor(unlocked, folder) as one:
        await declined(one, path)
        apply_late(one)
        one.save(path.as_uri(), path)
        assert path.read_text() == MOVED
        assert held(unlocked)
    async with editor(unlocked, folder) as one:
        assert "nothing is left to do" in await one.told(f"A move of {REFERENCE}")
        assert held(unlocked)


async def test_what_a_declined_edit_stored_stays_until_a_person_removes_it(
    unlocked: dict[str, str], folder: Path, path: Path
) -> None:
    """Another window may have its reference unsaved; the next start says once where the token is."""
    async with editor(unlocked, folder) as one:
        await declined(one, path)
        one.close(path.as_uri())
        await declined(one, path)
    async with editor(unlocked, folder) as one:
        assert "both the keyring and the file" in await one.told(f"A move of {REFERENCE}")
        assert len(one.messages) == 1
        assert held(unlocked)
    assert path.read_text() == TEXT
    tokenward(unlocked, folder, "rm", "GITHUB_TOKEN", "--yes")
    assert not held(unlocked)


async def test_a_token_that_a_person_stored_between_two_declined_moves_stays(
    unlocked: dict[str, str], folder: Path, path: Path
) -> None:
    async with editor(unlocked, folder) as one:
        await declined(one, path)
        tokenward(unlocked, folder, "put", "GITHUB_TOKEN", "--no-env", stdin=TOKEN)
        one.close(path.as_uri())
        await declined(one, path)
    async with editor(unlocked, folder) as one:
        await one.told(f"A move of {REFERENCE}")
        assert held(unlocked)


async def test_a_move_after_one_that_was_declined_is_a_move_like_any(
    unlocked: dict[str, str], folder: Path, path: Path
) -> None:
    async with editor(unlocked, folder) as one:
        await declined(one, path)
        (found,) = await one.diagnostics(path.as_uri())
        await one.run((await one.actions(path.as_uri(), found))[0])
        one.save(path.as_uri(), path)
        assert path.read_text() == MOVED
    async with editor(unlocked, folder) as one:
        one.open(path.as_uri(), MOVED)
        await one.diagnostics(path.as_uri())
        await asyncio.sleep(0)
        assert one.messages == []
        assert held(unlocked)
