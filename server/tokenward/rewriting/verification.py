"""check_unchanged: that edits change nothing of a text but what they are meant to."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from tokenward.errors import RewriteRefused
from tokenward.model import Span
from tokenward.rewriting.edits import Edit, merged_spans, moved_spans
from tokenward.rewriting.literal import COMMENT, Leaf, Reader

_LINE_END = re.compile(r"[\r\n]|\Z")


@dataclass(frozen=True, slots=True)
class Change:
    """A text before and after edits.

    Attributes:
        changed: the places after them that may be parsed otherwise than before.
        zones: what may change, in order and apart; what lies between has moved at most.
        moved: the same places after the edits.
    """

    before: Reader
    after: Reader
    changed: Sequence[Span]
    zones: Sequence[Span]
    moved: Sequence[Span]

    @classmethod
    def made(cls, before: Reader, edits: Sequence[Edit], zones: Iterable[Span] = ()) -> Change:
        return cls.between(before, *before.edited(edits), edits, zones)

    @classmethod
    def between(
        cls,
        before: Reader,
        after: Reader,
        changed: Sequence[Span],
        edits: Sequence[Edit],
        zones: Iterable[Span],
    ) -> Change:
        merged = merged_spans(chain(zones, (edit.span for edit in edits)))
        return cls(before, after, changed, merged, moved_spans(merged, edits))

    def is_local(self) -> bool:
        """Whether the parser itself says that nothing outside the zones is another than before."""
        if not all(any(zone.contains(part) for zone in self.moved) for part in self.changed):
            return False
        # A part that only grew, beyond its zone, is no other one to the parser.
        return self._borders(self.before, self.zones) == self._borders(self.after, self.moved)

    def _borders(self, reader: Reader, zones: Sequence[Span]) -> list[bool]:
        return [reader.is_inside(offset) for zone in zones for offset in (zone.start, zone.end)]


def check_unchanged(change: Change) -> None:
    """Pass if the text outside the zones reads as it did before.

    Raises:
        RewriteRefused: it does not, or the text does not parse where it is changed.
    """
    before, after = change.before, change.after
    old_errors, new_errors = before.errors(), after.errors()
    if _meet(old_errors, [_lines(before.text, zone) for zone in change.zones]):
        raise RewriteRefused("The code around the token does not parse; mend it, then move the token.")
    if len(new_errors) > len(old_errors) or _meet(
        new_errors, [_lines(after.text, zone) for zone in change.moved]
    ):
        raise _changed()
    if not change.is_local():
        _check_leaves(change, before.leaves(), after.leaves())


def check_comments_added(change: Change, marker: str) -> None:
    """Pass if each edit adds the marker within a comment, and none changes anything else.

    Raises:
        RewriteRefused: it does not.
    """
    before, after = change.before, change.after
    for zone in change.moved:
        start = after.text.index(marker, zone.start)
        if not after.in_comment(Span(start, start + len(marker))):
            raise _changed()
    if len(after.errors()) > len(before.errors()):
        raise _changed()
    if not change.is_local():
        old = (leaf for leaf in before.leaves() if leaf.kind != COMMENT)
        _check_leaves(change, old, (leaf for leaf in after.leaves() if leaf.kind != COMMENT))


def _check_leaves(change: Change, old: Iterable[Leaf], new: Iterable[Leaf]) -> None:
    zones, moved = change.zones, change.moved
    for first, second in zip_longest(_outside(old, zones), _outside(new, moved)):
        if first is None or second is None or first.kind != second.kind:
            raise _changed()
        if _relative(first.span, zones) != _relative(second.span, moved):
            raise _changed()


def _relative(span: Span, zones: Sequence[Span]) -> tuple[int, int, int]:
    """A place counted from the end of the zone before it, which no edit changes."""
    index = bisect_left(zones, Span(span.start, span.end))
    base = zones[index - 1].end if index else 0
    return index, span.start - base, len(span)


def _outside(leaves: Iterable[Leaf], zones: Sequence[Span]) -> Iterator[Leaf]:
    index = 0
    for leaf in leaves:
        while index < len(zones) and zones[index].end <= leaf.span.start:
            index += 1
        if index == len(zones) or leaf.span.end <= zones[index].start:
            yield leaf


def _lines(text: str, span: Span) -> Span:
    start = max(text.rfind("\n", 0, span.start), text.rfind("\r", 0, span.start)) + 1
    ending = _LINE_END.search(text, span.end)
    return Span(start, ending.start() if ending else span.end)


def _meet(errors: Sequence[Span], places: Sequence[Span]) -> bool:
    """Whether an error touches one of the places, which are in order."""
    starts = [place.start for place in places]
    for error in errors:
        index = bisect_right(starts, error.end)
        if index and error.start <= places[index - 1].end:
            return True
    return False


def _changed() -> RewriteRefused:
    return RewriteRefused("The change would alter more of the file than the token; make it by hand.")
