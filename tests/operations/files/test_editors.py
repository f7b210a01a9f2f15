"""The contract of every Editor: the disk, a client, and a draft above the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lsprotocol import types

from tokenward.errors import EditRefused
from tokenward.lsp.client.capabilities import ClientCapabilities
from tokenward.lsp.client.editor import LspEditor
from tokenward.lsp.client.protocol import Protocol, TokenwardServer
from tokenward.lsp.client.session import Session
from tokenward.model import Span, Surface
from tokenward.operations.files.disk_editor import DiskEditor
from tokenward.operations.files.draft_editor import DraftEditor
from tokenward.operations.files.editor import Editor, FileEdit
from tokenward.places import Places
from tokenward.rewriting.draft import Draft
from tokenward.rewriting.edits import Edit, apply_edits
from tokenward.sources.source import Origin, Source

NUMBERS = count()
TEXT = "one = 'é😀'\ntwo\n"


class Client:
    """A client that makes each edit on the disk, in UTF-16 positions, as an editor that saves at once."""

    def __init__(self, home: Path) -> None:
        self.loop = asyncio.new_event_loop()
        Thread(target=self.loop.run_forever, daemon=True).start()
        self.editor = asyncio.run_coroutine_threadsafe(self._start(home), self.loop).result(10)

    async def _start(self, home: Path) -> LspEditor:
        session = Session(TokenwardServer("test", "1", protocol_cls=Protocol), Places(home, home, home))
        edit = types.WorkspaceEditClientCapabilities(
            document_changes=True, resource_operations=[types.ResourceOperationKind.Create]
        )
        workspace = types.WorkspaceClientCapabilities(apply_edit=True, workspace_edit=edit)
        session.capabilities = ClientCapabilities.of(types.ClientCapabilities(workspace=workspace))
        session.loop = asyncio.get_running_loop()
        session.server.workspace_apply_edit_async = self._apply  # type: ignore[method-assign]
        self.session = session
        return LspEditor(session)

    async def _apply(self, params: types.ApplyWorkspaceEditParams, *_: Any) -> types.ApplyWorkspaceEditResult:
        for change in params.edit.document_changes or ():
            uri = change.uri if isinstance(change, types.CreateFile) else change.text_document.uri  # type: ignore[union-attr]
            path = Path(url2pathname(urlsplit(uri).path))
            if isinstance(change, types.CreateFile):
                path.touch()
                continue
            assert isinstance(change, types.TextDocumentEdit)
            lines = path.read_bytes().decode().splitlines(keepends=True) or [""]
            for one in reversed([edit for edit in change.edits if isinstance(edit, types.TextEdit)]):
                text = "".join(lines)
                start, end = (_offset(lines, at) for at in (one.range.start, one.range.end))
                lines = (text[:start] + one.new_text + text[end:]).splitlines(keepends=True) or [""]
            path.write_bytes("".join(lines).encode())
        return types.ApplyWorkspaceEditResult(applied=True)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.session.close)
        self.loop.call_soon_threadsafe(self.loop.stop)


def _offset(lines: Sequence[str], at: types.Position) -> int:
    line = lines[at.line] if at.line < len(lines) else ""
    column = len(line.encode("utf-16-le")[: 2 * at.character].decode("utf-16-le"))
    return sum(map(len, lines[: at.line])) + column


class Drafts(DraftEditor):
    """A draft above the disk, whose edits are made at once."""

    def __init__(self) -> None:
        origin = Origin("untitled:other", Surface.DOCUMENT, None)
        super().__init__(DiskEditor(), Source("", origin), Draft(""))


@pytest.fixture(params=["disk", "client"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Editor]:
    """An editor that changes files, which is every one but a draft."""
    yield from _editor(request.param, tmp_path)


@pytest.fixture(params=["disk", "client", "draft"])
def editor(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Editor]:
    yield from _editor(request.param, tmp_path)


def _editor(kind: str, tmp_path: Path) -> Iterator[Editor]:
    if kind == "client":
        client = Client(tmp_path / "home")
        yield client.editor
        client.close()
    else:
        made: dict[str, Callable[[], Editor]] = {"disk": DiskEditor, "draft": Drafts}
        yield made[kind]()


def now(editor: Editor, source: Source) -> str:
    current = editor.reread(source)
    assert current is not None
    return current.text


def test_a_file_that_is_not_there_reads_as_none(editor: Editor, tmp_path: Path) -> None:
    assert editor.read(tmp_path / "none") is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None)
@given(data=st.data())
def test_edits_are_made_as_they_were_meant(editor: Editor, tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / f"{next(NUMBERS)}.env"
    path.write_bytes(TEXT.encode())
    source = editor.read(path)
    assert source is not None
    assert source.text == TEXT
    places = st.lists(st.integers(0, len(TEXT)), min_size=4, max_size=4, unique=True).map(sorted)
    first, second, third, fourth = data.draw(places)
    new = data.draw(st.text(st.sampled_from("aé😀\n"), max_size=3))
    edits = (Edit(Span(first, second), new), Edit(Span(third, fourth), "x"))
    editor.apply([FileEdit(source, edits)], "test")
    assert now(editor, source) == apply_edits(TEXT, edits)


def test_a_file_is_created_before_the_last_one_is_edited(editor: Editor, tmp_path: Path) -> None:
    path, made = tmp_path / "a.py", tmp_path / ".env"
    path.write_bytes(TEXT.encode())
    source = editor.read(path)
    assert source is not None
    new = Source("", Origin(made.as_uri(), Surface.FILE, made))
    creation = FileEdit(new, (Edit(Span(0, 0), "A=1\n"),), creates=True)
    editor.apply([creation, FileEdit(source, (Edit(Span(0, 3), "1"),))], "test")
    assert now(editor, new) == "A=1\n"
    assert now(editor, source) == "1" + TEXT[3:]


def test_a_file_that_is_gone_rereads_as_none(files: Editor, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(TEXT.encode())
    source = files.read(path)
    assert source is not None
    path.unlink()
    assert files.reread(source) is None


def test_a_text_that_changed_meanwhile_is_not_edited(files: Editor, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(TEXT.encode())
    source = files.read(path)
    assert source is not None
    path.write_bytes(b"other\n")
    with pytest.raises(EditRefused):
        files.apply([FileEdit(source, (Edit(Span(0, 3), "1"),))], "test")
    assert path.read_bytes() == b"other\n"
