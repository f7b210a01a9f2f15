"""Text without its colours, so that a token that a terminal's colours divide is found whole."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from operator import attrgetter

from tokenward.detection.detection import Detection, DetectionResult
from tokenward.model import Span

ESCAPE = "\x1b"
_COLOUR = re.compile(r"\x1b\[[0-9;:]{0,192}[mK]")
"""A change of colour or style, or the erasure of the rest of a line, which programs send with it."""


@dataclass(frozen=True, slots=True)
class ColouredText:
    """A text, and the same without colours.

    Attributes:
        plain: the text without colours.
        starts: where each piece begins in `plain`.
        removed: the number of characters removed before each piece.
    """

    plain: str
    starts: Sequence[int]
    removed: Sequence[int]

    @classmethod
    def of(cls, text: str) -> ColouredText:
        """Divide a text at its colours."""
        pieces = _COLOUR.split(text)
        removed = [0, *accumulate(len(colour) for colour in _COLOUR.findall(text))]
        starts = [0, *accumulate(len(piece) for piece in pieces)]
        return cls("".join(pieces), starts[: len(pieces)], removed)

    def joined(self, coloured: DetectionResult, plain: DetectionResult) -> DetectionResult:
        """Return the detections in the text and in `plain`, the longest of those that overlap, in order of place."""
        kept: list[Detection] = []
        found = [*map(self.placed, plain.found), *coloured.found]
        for one in sorted(found, key=lambda one: (-len(one.secret.reveal()), one.span)):
            place = bisect_left(kept, one.span, key=attrgetter("span"))
            if not any(one.span.overlaps(other.span) for other in kept[max(0, place - 1) : place + 1]):
                kept.insert(place, one)
        return DetectionResult(tuple(kept), tuple(dict.fromkeys(coloured.ignored + plain.ignored)))

    def placed(self, one: Detection) -> Detection:
        """Return a detection in `plain` with its span in the text; one with colours in it is not surely whole."""
        first, last = self._piece(one.span.start), self._piece(one.span.end - 1)
        span = Span(one.span.start + self.removed[first], one.span.end + self.removed[last])
        return replace(one, span=span, whole=one.whole and first == last)

    def _piece(self, offset: int) -> int:
        return bisect_right(self.starts, offset) - 1
