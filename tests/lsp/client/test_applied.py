"""Detecting whether the editor made the requested edit."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from lsprotocol import types

import tokens
from keyring_session import paused
from lsp_client import editor
from tokenward.custody.ledger.events import Event
from tokenward.custody.ledger.ledger import Ledger
from tokenward.lsp.client.editor import was_applied
from tokenward.model import Span, Surface
from tokenward.operations.files.editor import FileEdit
from tokenward.rewriting.edits import Edit
from tokenward.sources.source import Origin, Source

TEXT = 'a = 1\nx = "old"; y = "old"\nz = 2\n'
AS_MEANT = "import os\na = 1\nx = new; y = newer\nz = 2\n"


def edited() -> FileEdit:
    first, second = TEXT.index('"old"'), TEXT.rindex('"old"')
    edits = (
        Edit(Span(0, 0), "import os\n"),
        Edit(Span(first, first + 5), "new"),
        Edit(Span(second, second + 5), "newer"),
    )
    return FileEdit(Source(TEXT, Origin("file:///a.py", Surface.DOCUMENT, Path("/a.py"))), edits)


@pytest.mark.parametrize(
    ("text", "applied"),
    [
        (AS_MEANT, True),
        (AS_MEANT.removesuffix("\n"), True),
        (f"typed\n{AS_MEANT}", True),
        (AS_MEANT.replace("a = 1", "a = 11"), True),
        (TEXT, False),
        (f"typed\n{TEXT}", False),
        (AS_MEANT.replace("newer", "newer;"), False),
        (AS_MEANT.replace("x = new", "x =new"), False),
        (AS_MEANT.replace("import os\n", ""), False),
        ("", False),
    ],
)
def test_an_edit_counts_as_applied_when_its_lines_are_there(text: str, applied: bool) -> None:
    assert was_applied(edited(), text) == applied


def events(environment: dict[str, str]) -> list[Event]:
    ledger = Ledger(Path(environment["HOME"], ".local", "share", "tokenward", "ledger.db"))
    return [record.event for record in ledger.records()]


async def test_a_change_during_the_keyrings_work_stops_the_edit(
    unlocked: dict[str, str], folder: Path
) -> None:
    """The server compares versions itself: it does not even send the edit, and it deletes the entry again."""
    text, uri = f'x = "{tokens.github()}"\n', (folder / "app.py").as_uri()
    async with editor(unlocked, folder) as one:
        one.open(uri, text)
        (found,) = await one.diagnostics(uri)
        move, *_ = await one.actions(uri, found)
        with paused(unlocked):
            running = asyncio.create_task(one.run(move))
            while Event.MOVE_STARTED not in events(unlocked):  # noqa: ASYNC110 - the vault waits in a thread
                await asyncio.sleep(0.02)
            one.change(uri, (0, 0), (0, 0), "y = 1; ")
            await one.diagnostics(uri)
        assert "text has changed" in await one.told("text has changed")
        await asyncio.wait([running])
        assert one.edits == []
        assert one.buffers[uri].text == f"y = 1; {text}"
        assert types.MessageType.Warning in {shown.type for shown in one.client.messages}
    assert not (folder / ".env").exists()
