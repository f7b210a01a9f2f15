"""The visible text of a byte stream, such as a terminal's or a log's, and where each character came from.

A stream is split into segments by its content alone, so that they do not depend on the portions in which it arrives.
Memory is bounded, and time is linear in the bytes, whatever they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from tokenward.sources.stream import escapes
from tokenward.sources.stream.escapes import Move
from tokenward.sources.stream.screen_line import CODING, Cell, ScreenLine, cells_of
from tokenward.sources.stream.segments import Segment, SegmentBuilder

MOST_BYTES = 4_194_304
"""Bytes after which a segment ends even if little of them is visible."""
_REPEATED = 65_536
"""The number of those bytes that the next segment repeats."""
_PORTION = 65_536
_STRETCH = 4096
_LONGEST_STRING = 65_536
"""Bytes of a string for the terminal after which the line before it no longer waits for its end."""


class Stream:
    """Bytes in, segments out."""

    def __init__(self, columns: int = 0) -> None:
        """Take the width of the terminal, which shows where programs wrap lines; 0 for no terminal."""
        self.columns = columns
        self._block = SegmentBuilder()
        self._line: ScreenLine | None = None
        """The line of the cursor, once it was rewritten; until then, it is the end of the block."""
        self.parsed = 0
        """The number of parsed bytes; the rest may be incomplete."""
        self._tail = b""
        self._controlled = self._judged = self._since = 0
        """The end of the last control; of the last when visibility was judged; of the last before a segment ended."""
        self._string_start: int | None = None
        """The start of an unfinished string for the terminal."""
        self._string_length = 0
        self._has_returned = False
        self._row: int | None = None
        """The row of the screen in which the line started, if a control said so."""

    @property
    def received(self) -> int:
        """Return the number of bytes that were fed."""
        return self.parsed + len(self._tail)

    @property
    def understood(self) -> int:
        """Return the number of parsed bytes whose meaning does not depend on what follows."""
        return self.parsed if self._string_start is None else self._string_start

    @property
    def oldest(self) -> int:
        """Return the first byte that a later segment may show again."""
        line = self._line.oldest if self._line else None
        return min(place for place in (self.parsed, self._block.oldest, line) if place is not None)

    def feed(self, data: bytes) -> Iterator[Segment]:
        """Consume bytes and yield the segments that they complete."""
        for start in range(0, len(data), _PORTION):
            yield from self._parse(data[start : start + _PORTION], is_last=False)

    def finish(self) -> Iterator[Segment]:
        """Yield the rest at the end of the stream."""
        yield from self._parse(b"", is_last=True)
        self._flush()
        yield from self._block.complete_segments()
        yield from self._block.remaining()

    @property
    def seen(self) -> int:
        """Return the number of visible characters; those of a line being rewritten count once it has ended."""
        return self._block.added

    def preview(self, length: int) -> Segment:
        """Return a preview of the latest text, with at least a number of characters if there are so many."""
        lines = self._line.lines() if self._line else ()
        return self._block.preview(length, lines if self._string_start is None else chain(((),), lines))

    def _parse(self, data: bytes, *, is_last: bool) -> Iterator[Segment]:
        data = self._tail + data
        half = None if is_last else escapes.HALF_CHARACTER.search(data, max(0, len(data) - 3))
        end = half.start() if half else len(data)
        data, self._tail = data[:end], data[end:]
        place = self._after_return(data)
        yield from self._complete()
        while place < end:
            done = self._string(data, place) if self._string_start is not None else self._consume(data, place)
            if self._block.is_due or self._controlled > self._judged:
                yield from self._complete()
            if done is None:
                break
            place = done
        place = end if is_last else place
        self._tail = data[place:] + self._tail
        self.parsed += place

    def _complete(self) -> Iterator[Segment]:
        """Yield the complete segments; one with little text in many bytes ends before its line does."""
        if self._block.is_due:
            yield from self._block.complete_segments()
            self._since = self._controlled
        if self._controlled == self._judged:
            return
        self._judged = self._controlled
        oldest = self._controlled - _REPEATED
        if self._controlled - self._since >= MOST_BYTES or self._block.is_ragged:
            self._since = self._controlled
            self._show_line(oldest)
            yield from self._block.end_segment(oldest)
        elif self._line is not None and self._line.is_older_than(self._controlled - MOST_BYTES):
            self._show_line(oldest)

    def _show_line(self, oldest: int) -> None:
        """Show the current state of the line being rewritten, so that bytes before `oldest` need not be kept for it."""
        if self._line is not None:
            self._keep_overwritten(self._line.settle())
            self._start_line()
            self._block.append_cells(self._line.cells)
            self._start_line()
            self._line.forget_prints(oldest)

    def _consume(self, data: bytes, place: int) -> int | None:
        """Consume the text or control at a place; return its end, or None if it may be incomplete."""
        if not place and self._line is None and escapes.is_text(data):
            self._text(data, place)
            return len(data)
        done = self._coloured(data, place) if self._line is None else None
        if done is not None:
            return done
        nothing = escapes.INVISIBLE.match(data, place, max(place, self._since + MOST_BYTES - self.parsed))
        if nothing is not None:
            self._controlled = self.parsed + nothing.end()
            return nothing.end()
        if (text := escapes.TEXT.match(data, place)) is not None:
            self._text(text[0], place)
            return text.end()
        if data[place] == 0x0D and place + 1 == len(data):
            self._has_returned = True
            return len(data)
        return self._control(data, place)

    def _coloured(self, data: bytes, place: int) -> int | None:
        """Consume a run of coloured text at once, unless a segment may end in it."""
        if self.parsed + place - self._since >= MOST_BYTES // 2 or not self._block.has_room_for(_STRETCH):
            return None
        end = place + _STRETCH
        if self.columns:
            # The meaning of a line end depends on the line's length.
            end = place + len(data[place:end].partition(b"\n")[0])
        stretch, start = escapes.coloured_text(data, place, end), self.parsed + place
        texts = escapes.texts_between_colours(stretch)
        pieces = [(stretch[a:b].decode(*CODING), start + a, start + b) for a, b in texts if a < b]
        if pieces:
            self._block.append_pieces(pieces)
        if len(texts) > 1:
            self._controlled = start + texts[-1][0]
        return place + len(stretch) if stretch else None

    def _after_return(self, data: bytes) -> int:
        """Decide what a carriage return at the end of the last portion meant; return how much is consumed."""
        if not self._has_returned or not data:
            return 0
        self._has_returned = False
        if data[0] != 0x0A:
            self._apply(Move.RETURN, 1)
            self._controlled = self.parsed
            return 0
        self._text(b"\r\n", -1)
        return 1

    def _control(self, data: bytes, place: int) -> int | None:
        control = escapes.control_at(data, place)
        if control is None:
            return None
        if control.move is Move.STRING:
            self._string_start = self.parsed + place
            if self._line is None and not self._block.is_at_line_start:
                self._line = ScreenLine(self._block.take_line(), self.columns)
            self._start_line()
        else:
            self._apply(control.move, control.number)
        self._controlled = self.parsed + place + control.size
        return place + control.size

    def _string(self, data: bytes, place: int) -> int | None:
        """Consume the content of a string for the terminal as a separate line, before the cursor's line."""
        room = _LONGEST_STRING - self._string_length
        end = escapes.STRING_END.search(data, place)
        stop = min(place + room, end.start() if end else len(data) - data.endswith(b"\x1b"))
        if stop > place:
            self._append(data[place:stop], self.parsed + place)
            self._string_length += stop - place
            if self._string_length == _LONGEST_STRING:
                self._string_length = 0
                self._show_line(self.parsed + stop - _REPEATED)
        if end is None or stop < end.start():
            return stop if stop > place else None
        self._block.fill("\n")
        self._string_start, self._string_length = None, 0
        return end.end()

    def _text(self, data: bytes, place: int) -> None:
        """Consume text, including line ends, that starts at a place."""
        start = self.parsed + place
        if self._row is not None and b"\n" in data:
            self._row = None
        while data and self._line is not None:
            end = data.find(b"\n") + 1
            bare = data[:end].removesuffix(b"\n").removesuffix(b"\r") if end else data
            self._print(bare, start)
            if end:
                self._end_line(data[len(bare) : end], start + len(bare))
            data, start = data[end or len(data) :], start + (end or len(data))
        if self.columns:
            for line in data.splitlines(keepends=True):
                bare = line.rstrip(b"\r\n")
                self._append(bare, start)
                if not self._is_wrapped(self._block.line_length):
                    self._append(line[len(bare) :], start + len(bare))
                start += len(line)
        elif data:
            self._append(data, start)

    def _print(self, data: bytes, start: int) -> None:
        """Write text into the line being rewritten, and the part that does not fit after it."""
        cells = cells_of(data, start)
        while cells and self._line is not None:
            room = self._line.room
            self._line.write(cells[:room])
            cells = cells[room:]
            self._leave_full_line()
        self._block.append_cells(cells)

    def _append(self, data: bytes, start: int) -> None:
        if data:
            self._block.append(data.decode(*CODING), start, start + len(data))

    def _is_wrapped(self, length: int) -> bool:
        """Return whether a line of this length fills the terminal's width, so that the next may continue it."""
        return bool(self.columns and length) and length % self.columns == 0

    def _continues_in(self, row: int) -> bool:
        """Return whether a row is just below the line's last row, which is full, as pagers continue a long line."""
        cursor = self._line.cursor if self._line else self._block.line_length
        is_below = self._row is not None and row == self._row + cursor // max(1, self.columns)
        return is_below and self._is_wrapped(cursor)

    def _apply(self, move: Move, count: int) -> None:
        if move is Move.NONE:
            return
        if move is Move.LEAVE or move is Move.ROW:
            if move is Move.LEAVE or not self._continues_in(count):
                self._flush()
                self._start_line()
                self._row = count if move is Move.ROW else None
            return
        if self._line is None:
            if move is Move.ERASE_RIGHT or (move is not Move.FORWARD and self._block.is_at_line_start):
                return
            self._line = ScreenLine(self._block.take_line(), self.columns)
        self._keep_overwritten(self._line.apply(move, count))
        self._leave_full_line()

    def _keep_overwritten(self, overwritten: Iterable[Iterable[Cell]]) -> None:
        """Keep overwritten text as separate lines."""
        for cells in overwritten:
            self._block.append_cells(cells)
            self._block.fill("\n")

    def _start_line(self) -> None:
        if not self._block.is_at_line_start:
            self._block.fill("\n")

    def _end_line(self, newline: bytes, start: int) -> None:
        if self._line is not None:
            self._keep_overwritten(self._line.settle())
            if self._is_wrapped(len(self._line.cells)):
                self._line.go_on()
                return
        self._flush()
        self._append(newline, start)

    def _leave_full_line(self) -> None:
        if self._line is not None and not self._line.room:
            self._flush()

    def _flush(self) -> None:
        if self._line is not None:
            self._keep_overwritten(self._line.settle())
            self._block.append_cells(self._line.cells)
            self._line = None
