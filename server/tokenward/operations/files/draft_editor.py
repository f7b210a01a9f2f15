"""DraftEditor: an Editor for several moves in a row, which changes nothing in the editor below it."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
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
        self._editor = editor
        self._source = source
        self._before = {source.origin.uri: FileEdit(source, ())}
        self._drafts = {source.origin.uri: document}

    def copy(self) -> DraftEditor:
        """Return these drafts as they are now."""
        copied = DraftEditor(self._editor, self._source, copy(self.document))
        copied._before |= self._before
        copied._drafts |= {uri: copy(one) for uri, one in self._drafts.items() if one is not self.document}
        return copied

    @property
    def source(self) -> Source:
        """Return the document as edited."""
        return replace(self._source, text=self.document.text)

    def read(self, path: Path) -> Source | None:
        known = (file.source for file in self._before.values() if file.source.origin.path == path)
        source = next(known, None) or self._editor.read(path)
        return None if source is None else self.reread(source)

    def reread(self, source: Source) -> Source | None:
        draft = self._drafts.get(source.origin.uri)
        return source if draft is None else replace(source, text=draft.text)

    def apply(self, files: Sequence[FileEdit], label: str) -> None:  # noqa: ARG002 - no undo list to name it in
        for file in files:
            uri = file.source.origin.uri
            self._before.setdefault(uri, file)
            self._drafts.setdefault(uri, Draft(file.source.text)).edit(file.edits)

    def changes(self) -> tuple[FileEdit, ...]:
        """Return the edits of the texts before any draft; the document is edited last."""
        edited = [replace(self._before[uri], edits=draft.edits()) for uri, draft in self._drafts.items()]
        return tuple(file for file in [*edited[1:], edited[0]] if file.edits)
