"""KnownValues: masks known values in a stream, however the stream is split, and changes nothing else."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator
from typing import Literal, NamedTuple

from tokenward.findings.known_values.encodings import ValueSpelling
from tokenward.findings.known_values.spelled_values import LONGEST, PartialMatch, SpelledValues
from tokenward.findings.stream.stars import stars

_Code = Literal["Q", "I"]
_SIZES: dict[_Code, int] = {"Q": 8, "I": 4}
"""The number types of this machine by the bytes of a part."""
_WIDEST = 8
"""The most parts between two lookups."""
FEW = 3
"""The most bytes of a beginning that reveal nothing."""
_MOST_SHOWN = 16
_HEAD = 4
"""The bytes, read as one number, by which the beginning of a spelling is looked up."""


class Sieve:
    """Finds the spellings that may occur in a buffer."""

    def __init__(self, spellings: Collection[ValueSpelling]) -> None:
        """Take the spellings, none of which is shorter than 7 bytes."""
        # Two parts less one byte contain a whole part, wherever the first lookup starts.
        long = [spelling for spelling in spellings if len(spelling.content) >= 15]
        short = [spelling for spelling in spellings if len(spelling.content) < 15]
        self._levels = [_Level(long, "Q")] if long else []
        self._levels += [_Level(short, "I")] if short else []

    def candidates(self, buffer: bytes) -> Iterator[ValueSpelling]:
        """Yield every spelling that occurs in a buffer, and perhaps others."""
        for level in self._levels:
            yield from level.candidates(buffer)


class _Level:
    def __init__(self, spellings: Collection[ValueSpelling], code: _Code) -> None:
        self._code = code
        self._size = size = _SIZES[code]
        shortest = min(len(spelling.content) for spelling in spellings)
        # The shortest spelling contains so many whole parts, wherever the first lookup starts.
        self._step = min(_WIDEST, (shortest - size + 1) // size)
        self._owners: dict[int, list[ValueSpelling]] = {}
        for spelling in spellings:
            for start in range(self._step * size):
                part = int.from_bytes(spelling.content[start : start + size], sys.byteorder)
                self._owners.setdefault(part, []).append(spelling)
        self._parts = frozenset(self._owners)

    def candidates(self, buffer: bytes) -> dict[ValueSpelling, None]:
        whole = len(buffer) - len(buffer) % self._size
        parts = memoryview(buffer)[:whole].cast(self._code)[:: self._step]
        if self._parts.isdisjoint(parts):
            return {}
        found = self._parts.intersection(parts)
        return {spelling: None for part in found for spelling in self._owners[part]}


class PartialValue(NamedTuple):
    """An end of the buffer that may become a value.

    Attributes:
        place: its start.
        safe: the end of its public part.
        free: the end of the part that is public or reveals nothing.
        most: the end of the part that may be shown to somebody who waits.
    """

    place: int
    safe: int
    free: int
    most: int


class KnownValues:
    """Releases bytes as soon as they are known not to be part of a value.

    The result depends on the bytes alone and not on how they are split, unless `release_now` is called.
    """

    def __init__(self, spellings: Collection[ValueSpelling]) -> None:
        self._sieve = Sieve(spellings)
        self._openings = _Openings(spellings)
        self._spelled = SpelledValues(spellings)
        self._buffer = b""
        """Bytes that may be searched again: the beginning of a value, and the bytes after it."""
        self._released = 0
        """The number of released bytes in the buffer."""
        self._gone = 0
        """The number of those that were released before their meaning was known."""
        self._masked: set[tuple[int, int]] = set()
        """The parts of the buffer that are masked."""

    def feed(self, data: bytes) -> bytes:
        """Consume bytes, and return those that no further byte can make part of a value."""
        self._buffer += data
        for spelling in self._sieve.candidates(self._buffer):
            self._masked.update(_matches(spelling, self._buffer))
        self._masked |= self._spelled.search(self._buffer)
        beginnings = self._beginnings()
        if any(self._gone > beginning.free for beginning in beginnings):
            # Some of it was already shown, so no more of it may be released at another pause.
            self._masked.add((self._released, len(self._buffer)))
            safe = len(self._buffer)
        else:
            safe = min((beginning.safe for beginning in beginnings), default=len(self._buffer))
        released = self._release(max(safe, self._released))
        self._forget(min((beginning.place for beginning in beginnings), default=len(self._buffer)))
        return released

    def release_now(self) -> bytes:
        """Release everything because somebody waits for it, masked beyond a quarter of a value.

        The rest of such a value is masked, and not retained again.
        """
        end = len(self._buffer)
        most = min((beginning.most for beginning in self._beginnings()), default=end)
        if most < end:
            self._masked.add((max(most, self._released), end))
        self._gone = end
        return self._release(end)

    def finish(self) -> bytes:
        """Release the rest at the end of the stream; another may follow."""
        released = self._release(len(self._buffer))
        self._forget(len(self._buffer))
        return released

    def mask(self, text: str) -> str:
        """Return a whole text with each whole value masked."""
        data = text.encode("utf-8", "surrogatepass")
        shown = self.feed(data) + self.finish()
        return text if shown == data else shown.decode("utf-8", "surrogatepass")

    @property
    def held_bytes(self) -> int:
        """Return the number of bytes that have been fed but not released."""
        return len(self._buffer) - self._released

    @property
    def begun_bytes(self) -> int:
        """Return the length of the longest beginning of a value, released or not."""
        return len(self._buffer)

    def _beginnings(self) -> list[PartialValue]:
        """Return the ends of the buffer that may become a value, plain or with encoded characters."""
        end = len(self._buffer)
        begun = [*self._openings.at_end(self._buffer), *self._spelled.begun(self._buffer)]
        return [_beginning(start, min(public, end), size) for start, public, size in begun]

    def _release(self, end: int) -> bytes:
        start, self._released = self._released, end
        if not self._masked:
            return self._buffer[start:end]
        pieces = []
        for first, last in _merged(self._masked, start, end):
            pieces += [self._buffer[start:first], stars(self._buffer[first:last])]
            start = last
        return b"".join([*pieces, self._buffer[start:end]])

    def _forget(self, start: int) -> None:
        self._buffer = self._buffer[start:]
        self._spelled.forget(start)
        self._released -= start
        self._gone = max(0, self._gone - start)
        self._masked = {
            (first - start, last - start) for first, last in self._masked if last > start + self._released
        }


def _beginning(start: int, public: int, size: int) -> PartialValue:
    # An incomplete spelling of a value's first character has no size, and reveals nothing until it ends.
    free = max(public, start + (FEW if size else LONGEST))
    return PartialValue(start, public, free, max(free, start + min(size // 4, _MOST_SHOWN)))


class _Openings:
    """An index of spellings by their beginnings, to find values that continue after a buffer."""

    def __init__(self, spellings: Collection[ValueSpelling]) -> None:
        self._longest = max((len(spelling.content) for spelling in spellings), default=0)
        self._begin: dict[bytes, list[ValueSpelling]] = {}
        for spelling in spellings:
            for size in range(1, _HEAD + 1):
                self._begin.setdefault(spelling.content[:size], []).append(spelling)
        self._heads = frozenset(
            int.from_bytes(spelling.content[:_HEAD], sys.byteorder) for spelling in spellings
        )

    def at_end(self, buffer: bytes) -> Iterator[PartialMatch]:
        """Yield, for each spelling, the first place from which the rest of the buffer is its beginning."""
        first = max(0, len(buffer) - self._longest + 1)
        begun: set[ValueSpelling] = set()
        for place in range(first, len(buffer) - _HEAD + 1) if self._may_begin(buffer[first:]) else ():
            for spelling in self._begin.get(buffer[place : place + _HEAD], ()):
                size = len(buffer) - place
                if size >= len(spelling.content) or spelling in begun:
                    continue
                if spelling.content.startswith(buffer[place:]):
                    begun.add(spelling)
                    yield place, place + spelling.public, len(spelling.content)
        for size in range(1, min(_HEAD, len(buffer) + 1)):
            place = len(buffer) - size
            for spelling in self._begin.get(buffer[-size:], ()):
                yield place, place + spelling.public, len(spelling.content)

    def _may_begin(self, end: bytes) -> bool:
        """Return whether the first bytes of any spelling occur in a text, quickly because they rarely do."""
        for start in range(_HEAD):
            whole = len(end) - (len(end) - start) % _HEAD
            if whole > start and not self._heads.isdisjoint(memoryview(end)[start:whole].cast("I")):
                return True
        return False


def _matches(spelling: ValueSpelling, buffer: bytes) -> Iterator[tuple[int, int]]:
    """Yield what to mask for a spelling, wherever it occurs, even overlapping itself."""
    content, size = spelling.content, len(spelling.content)
    place = buffer.find(content)
    while place >= 0:
        first = place
        # Of overlapping ones, only the last of each run counts; otherwise many equal bytes would take long.
        while (later := buffer.rfind(content, place + 1, place + 2 * size - spelling.public)) >= 0:
            place = later
        yield first + spelling.public, place + size
        place = buffer.find(content, place + 1)


def _merged(parts: Iterable[tuple[int, int]], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the parts within bounds, in order and without overlap."""
    reached = start
    for part_start, part_end in sorted(parts):
        first, last = max(part_start, reached), min(part_end, end)
        if first < last:
            yield first, last
            reached = last
