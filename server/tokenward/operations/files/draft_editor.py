"""DraftEditor: an Editor for several moves in a row, which changes nothing in the editor below it."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

from tokenward.operations.files.editor import Editor, FileEdit
from tokenward.rewriting.draft import Draft
from tokenward.sources.source import Source


class DraftEditor:
    """Collects edits of several texts, and returns them as one edit of each text.

    Attributes:
        document: the draft of the text that the tokens are moved out of.
    """

    def __init__(self, editor: Editor, source: Source, document: Draft) -> None:
        """Start with the texts of an editor, and a draft of one of them."""
        self.document = document
        self.editor = editor
        self._source = source
        self._before = {source.origin.uri: FileEdit(source, ())}
        self._drafts = {source.origin.uri: document}
        self._uris = {source.origin.path: source.origin.uri}
        self._read: dict[Path, bytes | None] = {}

    def copy(self) -> DraftEditor:
        """Return these drafts as they are now."""
        copied = DraftEditor(self.editor, self._source, copy(self.document))
        copied._before |= self._before
        copied._drafts |= {uri: copy(one) for uri, one in self._drafts.items() if one is not self.document}
        copied._uris |= self._uris
        copied._read = self._read
        return copied

    def renew(self, editor: Editor, source: Source) -> bool:
        """Go on with another editor and its version of the document; return False if another text differs there."""
        current = {path: editor.read(path) for path in self._read}
        versions = {one.origin.path: one for one in (*filter(None, current.values()), source)}
        self.editor, self._source = editor, source
        for uri, file in self._before.items():
            now = versions.get(file.source.origin.path, file.source)
            self._before[uri] = replace(file, source=replace(now, name=file.source.name))
        return {path: _digest(one) for path, one in current.items()} == self._read

    @property
    def source(self) -> Source:
        """Return the document as edited."""
        return replace(self._source, text=self.document.text)

    def read(self, path: Path) -> Source | None:
        uri = self._uris.get(path)
        source = self._read_first(path) if uri is None else self._before[uri].source
        return None if source is None else self.reread(source)

    def _read_first(self, path: Path) -> Source | None:
        source = self.editor.read(path)
        self._read.setdefault(path, _digest(source))
        return source

    def reread(self, source: Source) -> Source | None:
        draft = self._drafts.get(source.origin.uri)
        return source if draft is None else replace(source, text=draft.text)

    def apply(self, files: Sequence[FileEdit], label: str) -> None:  # noqa: ARG002 - no undo list to name it in
        for file in files:
            uri = file.source.origin.uri
            self._before.setdefault(uri, file)
            self._uris.setdefault(file.source.origin.path, uri)
            self._drafts.setdefault(uri, Draft(file.source.text)).edit(file.edits)

    def changes(self) -> tuple[FileEdit, ...]:
        """Return the edits of the texts before any draft; the document is edited last."""
        edited = [replace(self._before[uri], edits=draft.edits()) for uri, draft in self._drafts.items()]
        return tuple(file for file in [*edited[1:], edited[0]] if file.edits)


def _digest(source: Source | None) -> bytes | None:
    return blake2b(source.text.encode("utf-8", "surrogatepass")).digest() if source else None
