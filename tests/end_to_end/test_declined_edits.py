"""An editor that says that it made no edit: its word is not the last, and what it left over goes later."""

from __future__ import annotations

import asyncio
import subprocess
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
    """A move whose edit the editor does not make; all that the server does about it is done."""
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
    """Whether the real keyring holds the token."""
    command = ["secret-tool", "search", "--all", "application", "Python keyring library"]
    return (
        TOKEN in subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout
    )


async def is_let_go(environment: dict[str, str]) -> bool:
    for _ in range(300):
        if not held(environment):
            return True
        await asyncio.sleep(0.1)
    return False


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


async def test_what_a_declined_edit_stored_goes_at_the_next_start(
    unlocked: dict[str, str], folder: Path, path: Path
) -> None:
    """Also when it was declined twice; nothing is said of it."""
    async with editor(unlocked, folder) as one:
        await declined(one, path)
        one.close(path.as_uri())
        await declined(one, path)
        assert held(unlocked)
    async with editor(unlocked, folder) as one:
        assert await is_let_go(unlocked)
        assert one.messages == []
    assert path.read_text() == TEXT


@pytest.mark.parametrize("name", [".env", "notes.md"])
async def test_it_stays_as_long_as_a_text_holds_its_reference(
    unlocked: dict[str, str], folder: Path, path: Path, name: str
) -> None:
    """In a buffer, or in a file that the move had nothing to do with."""
    async with editor(unlocked, folder) as one:
        await declined(one, path)
    async with editor(unlocked, folder) as one:
        if name == ".env":
            one.open(path.as_uri(), MOVED)
        else:
            (folder / name).write_text(f"See {REFERENCE}.\n")
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
