"""Segments of a stream's visible text, and where each character came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field

from tokenward.fast_dataclasses import dataclass
from tokenward.model import Span
from tokenward.sources.stream.screen_line import LONGEST as LONGEST_SCREEN_LINE
from tokenward.sources.stream.screen_line import Cell, Run, new_run, places_before, runs_in

SEGMENT = 262_144
"""Characters after which a segment ends with its line."""
OVERLAP = 16_384
"""Characters of the previous segment that each one repeats, so that text across a border is whole in one of them."""
LONGEST_LINE = 65_536
"""Characters by which a segment may grow to end with a line."""
MOST_RUNS = 131_072
"""Runs after which a segment ends, however little text it has."""
_MOST_PIECES = 4096
_WIDEST_GAP = 16


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of visible text.

    Attributes:
        text: without escape sequences; bytes that are not UTF-8 are lone surrogates, as with `surrogateescape`.
        runs: where its characters came from, in order of place in the text; characters in no run came from nowhere,
        and characters in several runs were printed that often.
        fresh: the number of characters that repeat the segment before.
        line: the number of its first line in the visible text, from 0.
    """

    text: str = field(repr=False)
    runs: Sequence[Run]
    fresh: int
    line: int

    def received(self, span: Span) -> list[tuple[int, int]]:
        """Return where in the stream a span came from, as first byte and one past the last, in text order."""
        pieces: list[tuple[int, int]] = []
        for _, _, start, end in runs_in(self.runs, span.start, span.end, self.text):
            if pieces and pieces[-1][1] == start:
                pieces[-1] = (pieces[-1][0], end)
            else:
                pieces.append((start, end))
        return pieces


class SegmentBuilder:
    """The segment under construction. The cost of a step depends on what it adds or removes, not on the total size."""

    def __init__(self) -> None:
        self.added = 0
        """The number of characters ever added; those removed and added again count twice."""
        self._pieces: list[str] = []
        self._length = self._fresh = self._line = 0
        self._line_start = 0
        """The start of the unfinished line, or of its fresh part."""
        self._runs: list[Run] = []
        self.oldest: int | None = None
        """A byte of the stream such that all text here and in the segment before came from there or later."""

    @property
    def is_at_line_start(self) -> bool:
        """Return whether the next character starts a line."""
        return self._length == 0 or self._pieces[-1].endswith("\n")

    @property
    def line_length(self) -> int:
        """Return the length of the unfinished line."""
        return self._length - self._line_start

    @property
    def is_due(self) -> bool:
        """Return whether a segment is complete."""
        whole = self._fresh + SEGMENT
        return self._line_start >= whole or self._length >= whole + LONGEST_LINE

    @property
    def is_ragged(self) -> bool:
        """Return whether there are so many runs that they cost too much memory."""
        return len(self._runs) >= MOST_RUNS

    def has_room_for(self, size: int) -> bool:
        """Return whether a number of further bytes cannot complete a segment."""
        return self._length + size < self._fresh + SEGMENT and len(self._runs) + size < MOST_RUNS

    def append(self, text: str, start: int, end: int) -> None:
        """Add text that came from a range of the stream."""
        last = self._runs[-1] if self._runs else None
        if last is not None and last.end == start and last.at + last.length == self._length:
            self._runs[-1] = Run(last.at, last.length + len(text), last.start, end)
        else:
            self._add_run(Run(self._length, len(text), start, end))
        self.fill(text)

    def append_pieces(self, pieces: Sequence[tuple[str, int, int]]) -> None:
        """Add texts, each with its range of the stream, which has other bytes between them."""
        self.append(*pieces[0])
        at = self._length
        for text, start, end in pieces[1:]:
            self._runs.append(new_run(Run, (at, len(text), start, end)))
            at += len(text)
        self.fill("".join([text for text, _, _ in pieces[1:]]))

    def append_cells(self, cells: Iterable[Cell]) -> None:
        """Add the characters of cells."""
        text, first, last = "", 0, 0
        for character, prints in _without_wide_gaps(cells):
            if text and len(prints) == 1 and prints[0][0] == last:
                text, last = text + character, prints[0][1]
                continue
            if text:
                self.append(text, first, last)
            if len(prints) == 1:
                text, (first, last) = character, prints[0]
                continue
            text = ""
            for start, end in prints:
                self._add_run(Run(self._length, 1, start, end))
            self.fill(character)
        if text:
            self.append(text, first, last)

    def fill(self, text: str) -> None:
        """Add text that did not come from the stream."""
        if not text:
            return
        self._pieces.append(text)
        self.added += len(text)
        newline = text.rfind("\n")
        if newline >= 0:
            self._line_start = self._length + newline + 1
        self._length += len(text)
        if len(self._pieces) > _MOST_PIECES:
            self._text()

    def take_line(self) -> list[Cell]:
        """Remove and return the unfinished line, or the end of a very long one."""
        start = max(self._line_start, self._length - LONGEST_SCREEN_LINE // 2)
        text = self._take_text(start)
        prints: list[list[tuple[int, int]]] = [[] for _ in text]
        while self._runs and self._runs[-1].at + self._runs[-1].length > start:
            run = self._runs.pop()
            first = max(run.at, start)
            characters = text[first - start : run.at + run.length - start]
            places = list(places_before(characters, run.end))
            for at, place in enumerate(places, first - start):
                prints[at].append(place)
            if first > run.at:
                self._runs.append(Run(run.at, first - run.at, run.start, places[0][0]))
        return [Cell(character, tuple(found[::-1])) for character, found in zip(text, prints, strict=True)]

    def complete_segments(self) -> Iterator[Segment]:
        """Yield the segments that are complete."""
        while self.is_due:
            text = self._text()
            limit = self._fresh + SEGMENT + LONGEST_LINE
            end = text.find("\n", self._fresh + SEGMENT - 1, limit) + 1 or limit
            segment = Segment(text[:end], runs_in(self._runs, 0, end, text), self._fresh, self._line)
            self._cut(text, end, _line_start_before(text[:end], end - OVERLAP))
            yield segment

    def end_segment(self, oldest: int) -> Iterator[Segment]:
        """Yield everything as a segment; the next one repeats only text that came from `oldest` or later."""
        text = self._text()
        if self._length > self._fresh:
            yield Segment(text, self._runs, self._fresh, self._line)
        keep = self._length
        for run in reversed(self._runs):
            if run.start < oldest:
                break
            keep = run.at
        keep = max(keep, self._length - OVERLAP)
        self._cut(text, self._length, keep)

    def remaining(self) -> Iterator[Segment]:
        """Yield the rest."""
        if self._length > self._fresh:
            yield Segment(self._text(), self._runs, self._fresh, self._line)

    def preview(self, length: int, lines: Iterable[Iterable[Cell]]) -> Segment:
        """Return a preview: the last lines, at least `length` characters, followed by unfinished lines."""
        text = self._text()
        start = _line_start_before(text, len(text) - length)
        end = SegmentBuilder()
        end._line = self._line + text.count("\n", 0, start)
        end._runs = [run._replace(at=run.at - start) for run in runs_in(self._runs, start, len(text), text)]
        end.fill(text[start:])
        for at, line in enumerate(lines):
            end.fill("\n" if at else "")
            end.append_cells(line)
        return Segment(end._text(), end._runs, 0, end._line)

    def _cut(self, text: str, end: int, keep: int) -> None:
        """Drop everything before `keep`, and count the rest before `end` as repeated."""
        self._line += text.count("\n", 0, keep)
        self._runs = [run._replace(at=run.at - keep) for run in runs_in(self._runs, keep, len(text), text)]
        self.oldest = min((run.start for run in self._runs), default=None)
        self._pieces = [text[keep:]] if keep < len(text) else []
        self._length, self._fresh = len(text) - keep, end - keep
        self._line_start = max(self._line_start - keep, self._fresh)

    def _add_run(self, run: Run) -> None:
        self._runs.append(run)
        if self.oldest is None or run.start < self.oldest:
            self.oldest = run.start

    def _take_text(self, start: int) -> str:
        removed: list[str] = []
        while self._length > start:
            piece = self._pieces.pop()
            left = max(0, start - (self._length - len(piece)))
            if left:
                self._pieces.append(piece[:left])
            removed.append(piece[left:])
            self._length -= len(piece) - left
        return "".join(reversed(removed))

    def _text(self) -> str:
        if len(self._pieces) != 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0]


def _without_wide_gaps(cells: Iterable[Cell]) -> Iterator[Cell]:
    """Yield cells with only the first of many unprinted blanks, because a few bytes can create a thousand of them."""
    gap = 0
    for cell in cells:
        gap = 0 if cell.prints else gap + 1
        if gap <= _WIDEST_GAP:
            yield cell


def _line_start_before(text: str, place: int) -> int:
    """Return the start of the line around a place, or the place itself if the line is very long."""
    if place <= 0:
        return 0
    return text.rfind("\n", max(0, place - LONGEST_LINE), place) + 1 or place
