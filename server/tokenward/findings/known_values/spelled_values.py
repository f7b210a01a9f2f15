r"""SpelledValues: finds values in a text in which each character may be escaped or not.

Every encoded character is read once for each value that it may belong to, and each step continues at the
next such place, so the time grows only with the text. A text is read as plain characters, and as ones escaped for URLs
(`%2F`) or for JSON (`\u002f`, `\/`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from functools import cached_property, lru_cache
from typing import NamedTuple

from tokenward.findings.known_values.encodings import ValueSpelling

LONGEST = 12
"""The most bytes that a character may take."""
OPENINGS = (b"%", b"\\", b"+")
"""The signs with which an escape starts."""
CharacterReading = tuple[int, bytes]
"""The number of bytes, and their meaning."""
_HEX = rb"[0-9a-fA-F]"
_LETTERS = dict(zip(b"bfnrt", b"\b\f\n\r\t", strict=True))
_ESCAPE = re.compile(
    rb"%%(?P<byte>%b{2})|\\u(?P<high>[dD][89abAB]%b{2})\\u(?P<low>[dD][c-fC-F]%b{2})|\\u(?P<code>%b{4})"
    rb"|\\(?P<letter>[bfnrt])|\\(?P<sign>[^0-9A-Za-z])" % (_HEX, _HEX, _HEX, _HEX),
    re.DOTALL,
)
UNFINISHED = re.compile(
    rb"%%%b?|\\(?:u(?:%b{0,3}|[dD][89abAB]%b{2}(?:\\(?:u(?:[dD](?:[c-fC-F]%b?)?)?)?)?)?)?"
    % (_HEX, _HEX, _HEX, _HEX)
)
"""An escape that is incomplete, or may be half of a longer one."""
_OPENING = re.compile(b"[%b]" % re.escape(b"".join(OPENINGS)))
SpelledStep = tuple[int, int]
"""The number of a spelling, and how many of its bytes were read."""
PartialMatch = tuple[int, int, int]
"""The beginning of a value: its start, the end of its public part, and the value's length, 0 for any."""


@lru_cache(4096)
def readings(text: bytes) -> tuple[CharacterReading, ...]:
    """Return the possible meanings of the start of a text, up to LONGEST bytes; more bytes never remove one."""
    first = text[:1]
    found = [(1, first)] if first else []
    if first == b"+":
        found.append((1, b" "))
    if (match := _ESCAPE.match(text)) and (meaning := _meaning(match)):
        found.append((match.end(), meaning))
    return tuple(found)


def _meaning(match: re.Match[bytes]) -> bytes:
    """Return what an escape means; nothing for half of a pair of UTF-16."""
    if match["byte"]:
        return bytes.fromhex(match["byte"].decode())
    if match["letter"]:
        return bytes([_LETTERS[match["letter"][0]]])
    if match["sign"]:
        return match["sign"]
    pair = match["code"] or match["high"] + match["low"]
    return bytes.fromhex(pair.decode()).decode("utf-16-be", "ignore").encode()


class StepOrigin(NamedTuple):
    """The origin of a step.

    Attributes:
        shown: the end of its public part, which is shown unchanged.
    """

    start: int
    shown: int


class SpelledValues:
    """Reads a buffer that grows at its end and is cut at its start."""

    def __init__(self, spellings: Collection[ValueSpelling]) -> None:
        self._contents = [spelling.content for spelling in spellings]
        self._public = [spelling.public for spelling in spellings]
        self._encoded = [spelling.is_encoded for spelling in spellings]
        self._steps: dict[int, dict[SpelledStep, StepOrigin]] = {}
        """The steps by their place in the buffer."""
        self._seen = 0
        """The end of the part whose meaning no further byte can change."""
        self._found: set[tuple[int, int]] = set()

    def search(self, buffer: bytes) -> set[tuple[int, int]]:
        """Return new parts to mask, perhaps with some that were returned before."""
        self._found = set()
        if self._steps or any(buffer.find(sign, self._seen) >= 0 for sign in OPENINGS):
            self._read(buffer)
        else:
            self._seen = len(buffer)
        return self._found

    def begun(self, buffer: bytes) -> Iterator[PartialMatch]:
        """Yield the ends of the searched buffer that may become a value."""
        for steps in self._steps.values():
            for (number, _), (start, shown) in steps.items():
                yield start, shown, len(self._contents[number])
        for place in self._unfinished(buffer):
            yield place, place, 0
            for number, size in self._index.after.get(buffer[place - 1], ()) if place else ():
                if buffer.endswith(self._contents[number][:size], 0, place):
                    start = place - size
                    shown = min(place, start + self._public[number])
                    yield start, shown, len(self._contents[number])

    def forget(self, start: int) -> None:
        """Adjust to a buffer whose start was cut off, with the values that began there."""
        self._seen = max(0, self._seen - start)
        self._steps = {
            place - start: {
                step: StepOrigin(first - start, shown - start) for step, (first, shown) in steps.items()
            }
            for place, steps in self._steps.items()
            if place > start
        }

    def _read(self, buffer: bytes) -> None:
        place, last = self._seen, len(buffer)
        spelled = self._index.next(buffer, place)
        unfinished: dict[int, dict[SpelledStep, StepOrigin]] = {}
        while (place := min([spelled, *self._steps])) < last:
            steps = self._steps.pop(place, {})
            if place == spelled:
                self._start(buffer, place)
                spelled = self._index.next(buffer, place + 1)
            self._advance(buffer, place, steps)
            if steps and last - place < LONGEST and UNFINISHED.fullmatch(buffer, place):
                unfinished[place] = steps
        self._steps |= unfinished
        self._seen = min(self._unfinished(buffer), default=last)

    def _unfinished(self, buffer: bytes) -> list[int]:
        """Return where, at the end of a buffer, an encoded character may be incomplete."""
        first = max(self._seen, len(buffer) - LONGEST + 1)
        openings = _OPENING.finditer(buffer, first)
        return [found.start() for found in openings if UNFINISHED.fullmatch(buffer, found.start())]

    def _start(self, buffer: bytes, place: int) -> None:
        """Start with the values whose first encoded character may be at a place."""
        before = buffer[place - 1] if place else -1
        for size, meaning in readings(buffer[place : place + LONGEST]):
            if meaning == buffer[place : place + size]:
                continue
            for number, start in self._index.opened(before, meaning[0]):
                content = self._contents[number]
                if content.startswith(meaning, start) and buffer.endswith(content[:start], 0, place):
                    first = place - start
                    reached = StepOrigin(first, min(place, first + self._public[number]))
                    self._read_plain(buffer, place + size, (number, start + len(meaning)), reached)

    def _advance(self, buffer: bytes, place: int, steps: dict[SpelledStep, StepOrigin]) -> None:
        for size, meaning in readings(buffer[place : place + LONGEST]) if steps else ():
            for (number, done), reached in steps.items():
                if not self._contents[number].startswith(meaning, done):
                    continue
                if size == 1 and reached.shown == place and done < self._public[number]:
                    reached = StepOrigin(reached.start, place + 1)  # noqa: PLW2901
                self._read_plain(buffer, place + size, (number, done + len(meaning)), reached)

    def _read_plain(self, buffer: bytes, place: int, step: SpelledStep, reached: StepOrigin) -> None:
        """Advance to where the next character may be encoded."""
        number, done = step
        content, public = self._contents[number], self._public[number]
        end = min(len(buffer), place + len(content) - done)
        opening = _OPENING.search(buffer, place, end)
        plain = buffer[place : opening.start() if opening else end]
        if not content.startswith(plain, done):
            return
        if reached.shown == place and done < public:
            reached = StepOrigin(reached.start, place + min(len(plain), public - done))
        place, done = place + len(plain), done + len(plain)
        if done == len(content):
            self._found.add((reached.shown, place))
            return
        steps = self._steps.setdefault(place, {})
        steps[number, done] = min(reached, steps.get((number, done), reached))

    @cached_property
    def _index(self) -> _Index:
        return _Index(self._contents, self._encoded)


class _Index:
    """An index of the places in values where a character may be encoded."""

    def __init__(self, contents: Collection[bytes], encoded: Collection[bool]) -> None:
        self.after: dict[int, list[SpelledStep]] = defaultdict(list)
        """The values by the byte before the character."""
        self._opened: dict[tuple[int, int], list[SpelledStep]] = defaultdict(list)
        """The values by the byte before the character (-1 for none) and its own."""
        for number, (content, is_encoded) in enumerate(zip(contents, encoded, strict=True)):
            for place, byte in enumerate(content):
                # In Base64 and the like, only signs are encoded; there are too many letters.
                if not (is_encoded and chr(byte).isalnum()):
                    before = content[place - 1] if place else -1
                    self._opened[before, byte].append((number, place))
                    self.after[before].append((number, place))
        self._spelled = _spelled({byte for _, byte in self._opened})

    def next(self, buffer: bytes, place: int) -> int:
        """Return the next place where a character of a value may be encoded, or the buffer's end."""
        found = self._spelled.search(buffer, place)
        return found.start() if found else len(buffer)

    def opened(self, before: int, byte: int) -> Iterator[SpelledStep]:
        yield from self._opened.get((-1, byte), ())
        if before >= 0:
            yield from self._opened.get((before, byte), ())


def _spelled(wanted: set[int]) -> re.Pattern[bytes]:
    """Return a pattern for the escapes of these bytes, and for little else, because each match costs time."""
    two = _two_digits(wanted)
    # A number may mean any character if not all the bytes are ASCII.
    code = b"u00" + two if max(wanted, default=0) < 0x80 else b"u"
    signs = b"".join(re.escape(bytes([byte])) for byte in sorted(wanted) if not bytes([byte]).isalnum())
    letters = b"|[bfnrt]" if any(byte < 0x20 for byte in wanted) else b""
    sign = b"|[%b]" % signs if signs else b""
    return re.compile(
        rb"%%%b|\\(?:%b%b%b)" % (two, code, sign, letters) + (rb"|\+" if 0x20 in wanted else b"")
    )


def _two_digits(codes: set[int]) -> bytes:
    """Return a pattern for numbers of two hexadecimal digits."""
    ways = []
    for high in sorted({code >> 4 for code in codes}):
        lows = "".join(f"{code & 15:x}{code & 15:X}" for code in sorted(codes) if code >> 4 == high)
        ways.append(f"[{high:x}{high:X}][{lows}]")
    return f"(?:{'|'.join(ways)})".encode()
