"""Text without what terminals and mail put into tokens: colours, links, escapes, and line breaks at a width."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from heapq import merge
from itertools import chain
from operator import attrgetter

from tokenward.detection.detection import Detection, DetectionResult
from tokenward.detection.generic.files import is_log
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Span
from tokenward.text import places_of

_ESCAPE = b"\x1b"
_COLOUR = re.compile(r"(?:\x1b|\\u001[bB]|\\x1[bB]|\\033|\^\[)\[[0-9;:]{0,192}[mK]")
"""A change of colour or style, or the erasure of the rest of a line, which programs send with it.

In a log also as written in JSON, in code, and by `cat -v`.
"""
_COLOUR_STARTS = ("\x1b[", "\\u001b[", "\\u001B[", "\\x1b[", "\\x1B[", "\\033[", "^[[")
_LINK = re.compile(r"\x1b\]8;[^;\x07\x1b]{0,200};|\x1b\\|\x07")
"""What begins and ends the address of a link, which is as good as a blank: it divides the address from its text."""
_MAIL = b"quoted-printable"
_IN_MAIL = re.compile(r"=\r?\n|(?<==)3D")
"""What Quoted-Printable (RFC 2045) puts into a line: a break, and the code of an equals sign behind one."""
_RUN_BREAK = (
    r"\n(?:(?<=[\w+/=.~%-]{3}\n)|(?<=[\w+/=.~%-]{3}\r\n))"
    r"(?:(?=[\w+/=.~%-]{10})|(?:(?<=[\w+/=.~%-]{10}\n)|(?<=[\w+/=.~%-]{10}\r\n))(?=[\w+/=.~%-]))"
    r"(?![A-Za-z_][\w.-]*[ \t]*[=:]|\d{4}-\d\d|[A-Za-z][a-z]{2,}(?![\w+/=.~%-]|[^\x00-\x7f]))"
)
_IN_RUN = re.compile(_RUN_BREAK, re.ASCII)
"""A line break within a run that may continue; the regex begins with a character, for which it is searched far faster.

It matches wherever `_continues` holds, as a run of 20 characters has ten on one side.
"""
_IN_RUN_OF_BYTES = re.compile(_RUN_BREAK.encode())
_OF_TOKENS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+/=.~%-"
_USUAL_WIDTHS = frozenset([80, 100, 120, 132, 160])
_NARROWEST, _WIDEST = 60, 400
_SHORTEST_RUN = 20
_MOST_PARTS = 1_000
"""Parts of a text that are kept as objects at once."""
_NEW_STATEMENT = re.compile(r"[A-Za-z_][\w.-]*[ \t]*[=:]|\d{4}-\d\d|[A-Za-z][a-z]{2,}(?![\w+/=.~%-])")
"""What the next line of a log begins with if no token continues there."""


def may_be_divided(data: bytes, path: str) -> bool:
    """Return whether a terminal may have put something into the tokens of a file."""
    if _ESCAPE in data or _MAIL in data:
        return True
    return is_log(path) and (
        any(one[:1].encode() in data and one.encode() in data for one in _COLOUR_STARTS)
        or _IN_RUN_OF_BYTES.search(data) is not None
    )


@dataclass(frozen=True, slots=True)
class DividedText:
    """A text, and the same in one piece.

    Attributes:
        plain: the text without what a terminal put into it.
        starts: where each piece begins in `plain`.
        removed: the number of characters removed before each piece.
        has_all_lines: no line break was removed.
        is_mail: what was removed stands for other characters, so that a token cannot contain it.
        has_links: also the ends of links have become blanks.
    """

    plain: str
    starts: Sequence[int]
    removed: Sequence[int]
    has_all_lines: bool = True
    is_mail: bool = False
    has_links: bool = False

    @classmethod
    def of(cls, text: str, path: str = "") -> DividedText:
        """Divide a text at its colours, a mail at its escapes, and a log also where its lines were wrapped."""
        is_mail, has_escape = _MAIL.decode() in text, _ESCAPE.decode() in text
        if not (is_mail or has_escape or is_log(path)):
            return cls(text, [0], [0])
        colours = array("Q")
        for one in _IN_MAIL.finditer(text) if is_mail else _colours(text, is_log=is_log(path)):
            colours.extend(one.span())
        if has_links := "\x1b]8;" in text:
            text = _LINK.sub(lambda found: " " * len(found[0]), text)
        coloured = replace(cls._without(text, colours), is_mail=is_mail, has_links=has_links)
        wraps = [coloured.in_text(span) for span in _wraps(coloured.plain)] if is_log(path) else []
        if not wraps:
            return coloured
        spans = merge(_pairs(colours), ((wrap.start, wrap.end) for wrap in wraps))
        whole = cls._without(text, array("Q", chain.from_iterable(spans)))
        return replace(whole, has_all_lines=False, is_mail=is_mail, has_links=has_links)

    @classmethod
    def _without(cls, text: str, removed: array[int]) -> DividedText:
        """Return a text without some parts, of which the start and the end are given one after the other."""
        if not removed:
            return cls(text, [0], [0])
        starts, numbers, last = array("Q", [0]), array("Q", [0]), 0
        parts: list[str] = []
        joined: list[str] = []
        for start, end in _pairs(removed):
            parts.append(text[last:start])
            numbers.append(numbers[-1] + end - start)
            starts.append(end - numbers[-1])
            last = end
            if len(parts) == _MOST_PARTS:
                joined.append("".join(parts))
                parts.clear()
        return cls("".join([*joined, *parts, text[last:]]), starts, numbers)

    def joined(self, divided: DetectionResult, plain: DetectionResult) -> DetectionResult:
        """Return the detections in the text and in `plain`, the longest of those that overlap, in order of place."""
        kept: list[Detection] = []
        found = [*map(self.placed, plain.found), *(() if self.is_mail else divided.found)]
        for one in sorted(found, key=lambda one: (-len(one.secret.reveal()), one.span)):
            place = bisect_left(kept, one.span, key=attrgetter("span"))
            if not any(one.span.overlaps(other.span) for other in kept[max(0, place - 1) : place + 1]):
                kept.insert(place, one)
        # Without its line breaks, a text does not say in which line something is ignored.
        ignored = divided.ignored + (plain.ignored if self.has_all_lines else ())
        return DetectionResult(tuple(kept), tuple(dict.fromkeys(ignored)))

    def placed(self, one: Detection) -> Detection:
        """Return a detection in `plain` with its span in the text; one with something in it is not surely whole."""
        span = self.in_text(one.span)
        return replace(one, span=span, whole=one.whole and len(span) == len(one.span))

    def in_text(self, span: Span) -> Span:
        """Return the place in the text of a span of `plain`."""
        first, last = self._piece(span.start), self._piece(span.end - 1)
        return Span(span.start + self.removed[first], span.end + self.removed[last])

    def _piece(self, offset: int) -> int:
        return bisect_right(self.starts, offset) - 1


def _colours(text: str, *, is_log: bool) -> Iterator[re.Match[str]]:
    """Yield the colours in a text; to look for how they start is far quicker than a regex."""
    # To look for a single character is quicker still.
    starts = [one for one in _COLOUR_STARTS[: None if is_log else 1] if one[0] in text]
    places = sorted(chain.from_iterable(places_of(text, start) for start in starts))
    return filter(None, (_COLOUR.match(text, place) for place in places))


def _pairs(borders: array[int]) -> Iterator[tuple[int, int]]:
    following = iter(borders)
    return zip(following, following, strict=True)


def _wraps(text: str) -> Iterator[Span]:
    """Yield the line breaks that a terminal's width put into a token."""
    last, longest = -1, None
    for found in _IN_RUN.finditer(text):
        here, after = found.start() - (text[found.start() - 1] == "\r"), found.end()
        start = text.rfind("\n", 0, here) + 1
        width = here - start
        if width not in _USUAL_WIDTHS:
            if not _NARROWEST <= width <= _WIDEST:
                continue
            longest = _longest(text) if longest is None else longest
        if width in _USUAL_WIDTHS or width == longest:
            end = text.find("\n", after)
            following = text[after : end if end >= 0 else len(text)]
            if _continues(text[start:here], following, is_wrapped=start == last):
                last = after
                yield Span(here, after)


def _longest(text: str) -> int:
    """Return the length of the longest lines, at which a terminal may have wrapped; 0 if only one line has it."""
    lengths = [*map(len, text.replace("\r\n", "\n").split("\n"))]
    longest = max(lengths)
    return longest if lengths.count(longest) > 1 else 0


def _continues(line: str, following: str, *, is_wrapped: bool) -> bool:
    """Return whether a token continues in the following line; a block of Base64 does not, unless it began in a log."""
    end, start = line[len(line.rstrip(_OF_TOKENS)) :], following[: -len(following.lstrip(_OF_TOKENS)) or None]
    if end == line and "=" not in line.rstrip("=") and not is_wrapped:
        return False
    run = end + start
    is_long = len(run) >= _SHORTEST_RUN and any(map(str.isdigit, run))
    return is_long and not _NEW_STATEMENT.match(following)
