"""The client as an Editor: reads open buffers before the disk, and edits by workspace/applyEdit.

Its methods run in our threads and block; the event loop stays free.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from lsprotocol import types

from tokenward.errors import EditDeclined, EditRefused, EditUncertain, FileChanged
from tokenward.lsp.client.convert import to_position, to_uri
from tokenward.lsp.client.session import Session
from tokenward.model import Surface
from tokenward.operations.files.editor import FileEdit
from tokenward.rewriting.edits import Edit
from tokenward.sources.editable_file import read_text
from tokenward.sources.source import Origin, Source
from tokenward.text import Encoding, LineTable, split_lines

ANSWER_LIMIT = 120.0
"""Seconds for an editor to answer an edit, because it may ask its user first."""
LOOP_LIMIT = 10.0
"""Seconds for the event loop to answer; after that, the session has ended."""
LATE_CHANGE = 0.5
"""Seconds by which an editor's report of a change may follow its answer; Neovim waits 0.15."""
_POLL = 0.02

T = TypeVar("T")


class LspEditor:
    """Implements `operations.files.editor.Editor`; created on the event loop, used in other threads."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._loop = asyncio.get_running_loop()

    def read(self, path: Path) -> Source | None:
        """Read a file from its open buffer or else from disk; return None if there is no such file."""
        opened = self._open_source(path)
        if opened is not None:
            return opened
        file = read_text(path)
        if file is None:
            return None
        return Source(file.text.removeprefix("\ufeff"), Origin(to_uri(path), Surface.FILE, path))

    def reread(self, source: Source) -> Source | None:
        time.sleep(LATE_CHANGE)
        uri, path = source.origin.uri, source.origin.path
        buffer = self._buffer(uri)
        return self.read(path) if buffer is None and path and uri.startswith("file:") else buffer

    def apply(self, files: Sequence[FileEdit], label: str) -> None:
        """Send all edits as one, and check in the client's next report of the text that they were made as intended."""
        if not self.can_edit:
            raise EditRefused("This editor does not support edits; use `tokenward move FILE:LINE`.")
        # The keyring may have taken a while, and not every editor checks versions.
        for file in files:
            if self._has_changed(file):
                kind = EditRefused if file.source.version is not None else FileChanged
                raise kind("The text has changed, so nothing was edited; choose the quick fix again.")
        made = [file for file in files if file.creates and not self._creates_files and _touch(file)]
        sent = _for_neovim(files) if self._session.is_neovim else files
        params = types.ApplyWorkspaceEditParams(self._workspace_edit(sent), label)
        answer = self._ask(self._session.server.workspace_apply_edit_async(params))
        if not answer.applied:
            for file in made:
                path = file.source.origin.path
                with contextlib.suppress(OSError):
                    if path is not None and path.stat().st_size == 0:
                        path.unlink()
            raise EditDeclined("The editor did not apply the edit; try again.")
        self._require_applied(files[-1])

    def _has_changed(self, file: FileEdit) -> bool:
        before = file.source
        if before.version is None:
            # No version protects a file that is not open, and the edits would be in the wrong positions.
            current = None if before.origin.path is None else self.read(before.origin.path)
            return current is not None and current.text != before.text
        current = self._current(file)
        return current is not None and current.version != before.version

    def _require_applied(self, file: FileEdit) -> None:
        """Check in the editor's next report that the edit was made as intended."""
        deadline = time.monotonic() + LATE_CHANGE
        while (current := self._current(file)) is not None and not was_applied(file, current.text):
            if time.monotonic() > deadline:
                # If the editor has reported nothing yet, trust its answer.
                if current.version == file.source.version:
                    return
                raise EditUncertain(
                    "The text changed while the editor was applying the edit; check the "
                    "result, and undo it if it is wrong. Nothing was deleted from the keyring."
                )
            time.sleep(_POLL)

    def _current(self, file: FileEdit) -> Source | None:
        """Return the open document of a file, if it was open when the edit was made."""
        return None if file.source.version is None else self._buffer(file.source.origin.uri)

    def _buffer(self, uri: str) -> Source | None:
        """Return the current text of a document, if it is open."""

        def current() -> Source | None:
            document = self._session.documents.get(uri)
            return None if document is None else document.source()

        return self._on_loop(current)

    def _open_source(self, path: Path) -> Source | None:
        origins = self._on_loop(lambda: [document.origin for document in self._session.documents])
        # Links are followed, but not on the loop, because the disk may take a while.
        for one in origins:
            file = one.path if one.uri.startswith("file:") else None
            if file and (file == path or file.resolve() == path.resolve()):
                return self._buffer(one.uri)
        return None

    @property
    def can_edit(self) -> bool:
        """Return whether the client applies edits."""
        return self._session.capabilities.applies_edits

    @property
    def _creates_files(self) -> bool:
        """Return whether the client creates files; lsp-mode visits one first, and asks whether to reread it."""
        return self._session.capabilities.creates_files and not self._session.is_lsp_mode

    def _workspace_edit(self, files: Sequence[FileEdit]) -> types.WorkspaceEdit:
        """Return one edit of all files, guarded by their versions if the client checks these."""
        client, encoding = self._session.capabilities, self._session.encoding
        if client.versions_edits:
            changes = [
                one
                for file in files
                for one in document_changes(file, encoding, can_create=self._creates_files)
            ]
            return types.WorkspaceEdit(document_changes=changes)
        return types.WorkspaceEdit({file.source.origin.uri: text_edits(file, encoding) for file in files})

    def _ask(self, request: Coroutine[Any, Any, T]) -> T:
        future = asyncio.run_coroutine_threadsafe(request, self._loop)
        # An error's text may quote the edit, so it is not passed on.
        with contextlib.suppress(Exception):
            return future.result(ANSWER_LIMIT)
        raise EditUncertain(
            "The editor did not say whether it applied the edit; if the token is still in the file, try again. "
            "Nothing was deleted from the keyring."
        )

    def _on_loop(self, read: Callable[[], T]) -> T:
        """Read the session's state on the loop, so that it does not change meanwhile."""

        async def reading() -> T:
            return read()

        try:
            return asyncio.run_coroutine_threadsafe(reading(), self._loop).result(LOOP_LIMIT)
        except (FutureTimeoutError, RuntimeError):
            # The session has ended, so the outcome of an edit is unknown.
            raise EditUncertain("The editor has closed; check the file when you open it again.") from None


def document_changes(
    file: FileEdit, encoding: Encoding, *, can_create: bool
) -> list[types.CreateFile | types.TextDocumentEdit]:
    """Return the edits of a file for the client, guarded by its version."""
    origin = file.source.origin
    changes: list[types.CreateFile | types.TextDocumentEdit] = []
    if file.creates and can_create:
        options = types.CreateFileOptions(overwrite=False, ignore_if_exists=True)
        changes.append(types.CreateFile(uri=origin.uri, options=options))
    identifier = types.OptionalVersionedTextDocumentIdentifier(origin.uri, file.source.version)
    return [*changes, types.TextDocumentEdit(identifier, [*text_edits(file, encoding)])]


def text_edits(file: FileEdit, encoding: Encoding) -> list[types.TextEdit]:
    """Return the edits of a file in the client's positions."""
    table, lines = LineTable(file.source.text), split_lines(file.source.text)

    def position(offset: int) -> types.Position:
        return to_position(lines, table.point(offset), encoding)

    return [
        types.TextEdit(types.Range(position(e.span.start), position(e.span.end)), e.text) for e in file.edits
    ]


def _for_neovim(files: Sequence[FileEdit]) -> list[FileEdit]:
    """Return the edits in a form that Neovim applies as intended.

    It checks only the version of the first document, so the file with the token, the last one, goes first. Its
    buffers have no final newline, so one added at the end of a text would become a blank line.
    """

    def without_final_newline(edit: Edit, end: int) -> Edit:
        if edit.span.start < end:
            return edit
        return replace(edit, text=edit.text.removesuffix("\n").removesuffix("\r"))

    return [
        replace(file, edits=tuple(without_final_newline(edit, len(file.source.text)) for edit in file.edits))
        for file in reversed(files)
    ]


def _touch(file: FileEdit) -> bool:
    """Create an empty file for an editor whose edits cannot create one; return False if it exists."""
    path = file.source.origin.path
    try:
        if path is not None:
            path.open("x").close()
    except OSError:
        return False
    return path is not None


def was_applied(file: FileEdit, text: str) -> bool:
    """Return whether the text contains every line that the edits produce, whatever was typed elsewhere."""
    lines, wanted, shift = f"\n{text}\n", file.text_after, 0
    for edit in file.edits:
        start = edit.span.start + shift
        end = start + len(edit.text.removesuffix("\n"))
        shift += len(edit.text) - len(edit.span)
        after = wanted.find("\n", end)
        made = wanted[wanted.rfind("\n", 0, start) + 1 : None if after < 0 else after]
        if f"\n{made}\n" not in lines:
            return False
    return True
