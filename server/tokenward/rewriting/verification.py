"""check_unchanged: that edits change nothing of a text but what they are meant to."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, zip_longest

from tokenward.errors import RewriteRefused
from tokenward.model import Span
from tokenward.rewriting.edits import Edit, merged_spans, moved_spans
from tokenward.rewriting.literal import COMMENT, Leaf, Reader

_LINE_END = re.compile(r"[\r\n]|\Z")


def check_unchanged(before: Reader, after: Reader, edits: Sequence[Edit], zones: Iterable[Span]) -> None:
    """Pass if the text outside the zones and edits reads as it did before.

    Raises:
        RewriteRefused: it does not, or the text does not parse where it is changed.
    """
    zones = merged_spans(chain(zones, (edit.span for edit in edits)))
    moved = moved_spans(zones, edits)
    old_errors, new_errors = before.errors(), after.errors()
    if _meet(old_errors, [_lines(before.text, zone) for zone in zones]):
        raise RewriteRefused("The code around the token does not parse; mend it, then move the token.")
    if len(new_errors) > len(old_errors) or _meet(new_errors, [_lines(after.text, zone) for zone in moved]):
        raise _changed()
    _check_leaves(_outside(before.leaves(), zones), _outside(after.leaves(), moved), zones, moved)


def check_comment_added(before: Reader, after: Reader, edit: Edit, marker: str) -> None:
    """Pass if the edit adds the marker within a comment and changes nothing else.

    Raises:
        RewriteRefused: it does not.
    """
    start = edit.span.start + edit.text.index(marker)
    place = Span(start, start + len(marker))
    leaves = list(after.leaves())
    if not any(leaf.kind == COMMENT and leaf.span.contains(place) for leaf in leaves):
        raise _changed()
    if len(after.errors()) > len(before.errors()):
        raise _changed()
    zones, moved = [edit.span], [Span(edit.span.start, edit.span.start + len(edit.text))]
    old = (leaf for leaf in _outside(before.leaves(), zones) if leaf.kind != COMMENT)
    new = (leaf for leaf in _outside(leaves, moved) if leaf.kind != COMMENT)
    _check_leaves(old, new, zones, moved)


def _check_leaves(
    old: Iterable[Leaf], new: Iterable[Leaf], zones: Sequence[Span], moved: Sequence[Span]
) -> None:
    for first, second in zip_longest(old, new):
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
