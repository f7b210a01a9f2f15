"""The outputs of open notebooks, whose tokens are shown from the file because no cell contains them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

from lsprotocol import types

from tokenward.errors import TokenwardError
from tokenward.findings.index import NO_FINDINGS, DocumentFindings
from tokenward.language import said
from tokenward.lsp.client.session import Session
from tokenward.model import Span, Surface
from tokenward.presentation import wording
from tokenward.sources.editable_file import read_text
from tokenward.text import LineTable

_PARTS = re.compile(r'"(?:[^"\\]|\\.?)*(?:"|\Z)|[{}\[\]:,]', re.DOTALL)
_OUTPUTS = ["", '"cells"', "", '"outputs"']


class NotebookOutputs:
    """Knows which findings of a notebook's file are in its outputs; for the event loop only."""

    def __init__(self, session: Session, show: Callable[[Path], None]) -> None:
        self._session = session
        self._show = show
        """Called when a file's outputs are known."""
        self._known: dict[Path, tuple[DocumentFindings, DocumentFindings]] = {}

    def is_open(self, path: Path) -> bool:
        """Return whether a file is open as a notebook, not as text."""
        documents = self._session.documents.of_path(path)
        return bool(documents) and all(one.origin.surface is Surface.NOTEBOOK for one in documents)

    def of(self, path: Path, found: DocumentFindings) -> DocumentFindings:
        """Return the findings of a file that are in outputs; until it is read, those known before."""
        if found == NO_FINDINGS:
            return NO_FINDINGS
        before, known = self._known.get(path, (NO_FINDINGS, NO_FINDINGS))
        if before != found:
            self._known[path] = found, known
            self._session.start_task(self._read(path, found))
        return known

    def forget(self, path: Path) -> None:
        """Forget the outputs of a file."""
        self._known.pop(path, None)

    @staticmethod
    def advise(shown: Iterable[types.Diagnostic]) -> None:
        """Add advice on tokens in outputs, which cannot be moved."""
        for one in shown:
            one.message = f"{one.message} {said(wording.CLEAR_OUTPUT)}"

    async def _read(self, path: Path, found: DocumentFindings) -> None:
        known = await self._session.in_scan_thread(partial(_in_outputs, path, found))
        if self._known.get(path, (NO_FINDINGS,))[0] == found:
            self._known[path] = found, known
            self._show(path)


def _in_outputs(path: Path, found: DocumentFindings) -> DocumentFindings:
    try:
        file = read_text(path)
    except TokenwardError:
        return NO_FINDINGS
    text = file.text if file is not None else ""
    table = LineTable(text)
    spans = [(table.point(span.start), table.point(span.end)) for span in outputs_of(text)]
    inside = [one for one in found.findings if any(start <= one.start < end for start, end in spans)]
    return replace(found, findings=tuple(inside)) if inside else NO_FINDINGS


def outputs_of(text: str) -> list[Span]:
    """Return the places of all outputs in the text of an `.ipynb` file; none for any other text."""
    spans: list[Span] = []
    within: list[str] = []
    """The key of each open list and object."""
    key = last = ""
    start = 0
    for part in _PARTS.finditer(text):
        mark = part[0]
        if mark.startswith('"'):
            last = mark
        elif mark == ":":
            key = last
        elif mark in "[{":
            within.append(key)
            start = part.start() if within == _OUTPUTS else start
            key = ""
        else:
            if mark != "," and within == _OUTPUTS:
                spans.append(Span(start, part.end()))
            if mark != "," and within:
                within.pop()
            key = ""
    return spans
