"""Open documents and notebook cells as lists of lines.

So a keystroke costs only what it changes, whatever the document's size: no offset after it has to move.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field
from itertools import compress, count
from operator import ne
from pathlib import Path

from tokenward.fast_dataclasses import dataclass
from tokenward.model import Point
from tokenward.sources.source import Origin, Source
from tokenward.text import split_lines


@dataclass(frozen=True, slots=True)
class Splice:
    """A change of lines: `removed` lines from `first` on became `added` lines."""

    first: int
    removed: int
    added: int

    @property
    def shift(self) -> int:
        """Return by how many lines the text after the change moved."""
        return self.added - self.removed

    def then(self, later: Splice) -> Splice:
        """Merge this change with a later one into one, which may cover more lines than both."""
        first = min(self.first, later.first)
        end_between = max(self.first + self.added, later.first + later.removed)
        removed = end_between - self.shift - first
        return Splice(first, removed, removed + self.shift + later.shift)


@dataclass(slots=True)
class Document:
    """An open text, changed in place only by the event loop; `source()` returns a copy that others may keep."""

    origin: Origin
    version: int
    name: str
    """The path that rules see: relative to its folder, with `/`."""
    folder: Path | None
    """The innermost open folder around it."""
    lines: list[str] = field(repr=False)
    size: int
    """The UTF-8 bytes in all lines, updated with each change so that a keystroke need not count them."""

    @classmethod
    def opened(
        cls, origin: Origin, version: int, text: str, *, name: str = "", folder: Path | None = None
    ) -> Document:
        """Create a document from the text that the client opened."""
        return cls(origin, version, name, folder, split_lines(text), _bytes(text))

    def text(self) -> str:
        """Return the whole text."""
        return "".join(self.lines)

    def source(self) -> Source:
        """Return the current version, which does not change."""
        return Source(self.text(), self.origin, self.version, self.name)

    def replace_all(self, text: str) -> Splice:
        """Replace the whole text; the change covers only the lines that differ."""
        before, self.lines = self.lines, split_lines(text)
        self.size = _bytes(text)
        first = _common(before, self.lines)
        last = _common(before[first:][::-1], self.lines[first:][::-1])
        return Splice(first, len(before) - first - last, len(self.lines) - first - last)

    def replace(self, start: Point, end: Point, text: str) -> Splice:
        """Replace a range; a point past the text counts as the text's end."""
        start, end = self._clamped(start), self._clamped(end)
        start, end = min(start, end), max(start, end)
        first, last = start.line, end.line
        middle = self.lines[first][: start.column] + text + self.lines[last][end.column :]
        if first > 0 and middle.startswith("\n") and self.lines[first - 1].endswith("\r"):
            # The two are now one line ending.
            first -= 1
            middle = self.lines[first] + middle
        added = split_lines(middle)
        if last + 1 < len(self.lines) and added[-1] == "":
            added.pop()
        removed = last + 1 - first
        self.size += sum(map(_bytes, added)) - sum(map(_bytes, self.lines[first : last + 1]))
        self.lines[first : last + 1] = added
        return Splice(first, removed, len(added))

    def _clamped(self, point: Point) -> Point:
        if point.line >= len(self.lines):
            return Point(len(self.lines) - 1, len(self.lines[-1]))
        return Point(point.line, min(point.column, len(self.lines[point.line])))


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many lines two texts have in common from their start."""
    return next(compress(count(), map(ne, one, other)), min(len(one), len(other)))


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


class Documents:
    """The open documents by URI."""

    def __init__(self) -> None:
        self._by_uri: dict[str, Document] = {}
        self._by_path: dict[Path, dict[str, Document]] = {}

    def open(self, document: Document) -> None:
        """Add a document."""
        self._by_uri[document.origin.uri] = document
        if document.origin.path is not None:
            self._by_path.setdefault(document.origin.path, {})[document.origin.uri] = document

    def close(self, uri: str) -> Document | None:
        """Remove a document and return it; None if it was not open."""
        document = self._by_uri.pop(uri, None)
        if document is not None and document.origin.path is not None:
            of_path = self._by_path[document.origin.path]
            del of_path[uri]
            if not of_path:
                del self._by_path[document.origin.path]
        return document

    def of_path(self, path: Path) -> tuple[Document, ...]:
        """Return the open documents of a file: one, or a notebook's cells."""
        return tuple(self._by_path.get(path, {}).values())

    def get(self, uri: str) -> Document | None:
        """Return a document; None if it is not open."""
        return self._by_uri.get(uri)

    def __iter__(self) -> Iterator[Document]:
        return iter(tuple(self._by_uri.values()))
