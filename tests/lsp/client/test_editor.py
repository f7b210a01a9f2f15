"""The client as an Editor: files that are not open are protected too, and the event loop follows no links."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest
from lsprotocol import types

from tokenward.errors import EditRefused
from tokenward.lsp.client.capabilities import ClientCapabilities
from tokenward.lsp.client.convert import to_uri
from tokenward.lsp.client.editor import LspEditor
from tokenward.lsp.client.protocol import Protocol, TokenwardServer
from tokenward.lsp.client.session import Session
from tokenward.model import Span, Surface
from tokenward.operations.files.editor import FileEdit
from tokenward.places import Places
from tokenward.rewriting.edits import Edit


def session(home: Path) -> Session:
    made = Session(TokenwardServer("test", "1", protocol_cls=Protocol), Places(home, home, home))
    edit = types.WorkspaceEditClientCapabilities(document_changes=True)
    workspace = types.WorkspaceClientCapabilities(apply_edit=True, workspace_edit=edit)
    made.capabilities = ClientCapabilities.of(types.ClientCapabilities(workspace=workspace))
    made.loop = asyncio.get_running_loop()
    return made


@pytest.mark.parametrize("after", ["other\nA=1\n", ""])
async def test_a_file_that_changed_since_it_was_read_is_not_edited(tmp_path: Path, after: str) -> None:
    """Its places would refer to another text; nothing is sent to the client."""
    file, at = tmp_path / "x.env", session(tmp_path)
    file.write_text("A=1\n")
    editor = LspEditor(at)
    source = await asyncio.to_thread(editor.read, file)
    assert source is not None
    file.write_text(after)
    edit = FileEdit(source, (Edit(Span(2, 3), "2"),))
    with pytest.raises(EditRefused, match="text has changed"):
        await asyncio.to_thread(editor.apply, [edit], "test")
    at.close()


async def test_a_buffer_is_known_through_a_link_and_not_looked_for_on_the_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Following a link can take a disk any amount of time."""
    file, link, at = tmp_path / "x.env", tmp_path / "link", session(tmp_path)
    file.write_text("A=1\n")
    link.symlink_to(file)
    item = types.TextDocumentItem(to_uri(link), "dotenv", 1, "A=2\n")
    at.documents.open(at.document(item, Surface.DOCUMENT))
    followed: set[threading.Thread] = set()
    resolve = Path.resolve

    def followed_by(path: Path, *, strict: bool = False) -> Path:
        followed.add(threading.current_thread())
        return resolve(path, strict=strict)

    monkeypatch.setattr(Path, "resolve", followed_by)
    source = await asyncio.to_thread(LspEditor(at).read, file)
    assert source is not None
    assert source.text == "A=2\n"
    assert followed
    assert threading.current_thread() not in followed
    at.close()
