"""check_unchanged: checks that edits change only the intended parts of a text."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise, zip_longest

from tokenward.errors import RewriteRefused
from tokenward.model import Span
from tokenward.rewriting.edits import Edit, merged_spans, moved_spans
from tokenward.rewriting.literal import COMMENT, Leaf, ParsedText
from tokenward.text import line_span


@dataclass(frozen=True, slots=True)
class TextChange:
    """A text before and after edits.

    Attributes:
        changed: the places after them that may be parsed differently.
        zones: the parts that may change, ordered and disjoint; the rest may only have moved.
        moved: the same places after the edits.
    """

    before: ParsedText
    after: ParsedText
    changed: Sequence[Span]
    zones: Sequence[Span]
    moved: Sequence[Span]

    @classmethod
    def made(cls, before: ParsedText, edits: Sequence[Edit], zones: Iterable[Span] = ()) -> TextChange:
        """Apply edits to a text, and parse the result."""
        return cls.between(before, *before.edited(edits), edits, zones)

    @classmethod
    def between(
        cls,
        before: ParsedText,
        after: ParsedText,
        changed: Sequence[Span],
        edits: Sequence[Edit],
        zones: Iterable[Span],
    ) -> TextChange:
        """Return the change by edits that have already been applied."""
        merged = merged_spans(chain(zones, (edit.span for edit in edits)))
        return cls(before, after, changed, merged, moved_spans(merged, edits))

    def is_local(self) -> bool:
        """Return whether the parser reports no change outside the zones."""
        starts = [zone.start for zone in self.moved]
        for part in self.changed:
            index = bisect_right(starts, part.start)
            if not index or not self.moved[index - 1].contains(part):
                return False
        # The parser does not report a part that only grew beyond its zone.
        return self._borders(self.before, self.zones) == self._borders(self.after, self.moved)

    def _borders(self, parsed: ParsedText, zones: Sequence[Span]) -> list[bool]:
        return [parsed.is_inside(offset) for zone in zones for offset in (zone.start, zone.end)]


def check_unchanged(change: TextChange) -> None:
    """Return if the text outside the zones reads as before.

    Raises:
        RewriteRefused: it does not, or the text does not parse where it was changed.
    """
    before, after = change.before, change.after
    old_errors, new_errors = before.errors(), after.errors()
    if _touch_any(old_errors, [line_span(before.text, zone) for zone in change.zones]):
        raise RewriteRefused("The code around the token does not parse; correct it, then move the token.")
    if len(new_errors) > len(old_errors) or _touch_any(
        new_errors, [line_span(after.text, zone) for zone in change.moved]
    ):
        raise _refused()
    if not change.is_local():
        _check_leaves(change, before.leaves(), after.leaves())


def check_each_unchanged(change: TextChange) -> None:
    """Return if several edits of literals, no two on one line, would each pass `check_unchanged` if all do together.

    A change beyond an edit's zone shows in the text before the next zone, whatever happens there. Errors have to stay
    in their places, because one edit could make up for another. Only two matching wrong edits, such as of both ends
    of a here-document, could still pass; the rewrites of two literals have no such halves.

    Raises:
        RewriteRefused: this is not certain.
    """
    text = change.before.text
    has_gaps = all(text[first.end : second.start].strip() for first, second in pairwise(change.zones))
    old = [_relative_place(error, change.zones) for error in change.before.errors()]
    new = [_relative_place(error, change.moved) for error in change.after.errors()]
    if not has_gaps or old != new or not change.is_local():
        raise _refused()


def check_comments_added(change: TextChange, marker: str) -> None:
    """Return if each edit adds the marker within a comment, and none changes anything else.

    Raises:
        RewriteRefused: an edit does not.
    """
    before, after = change.before, change.after
    for zone in change.moved:
        start = after.text.index(marker, zone.start)
        if not after.in_comment(Span(start, start + len(marker))):
            raise _refused()
    if len(after.errors()) > len(before.errors()):
        raise _refused()
    if not change.is_local():
        old = (leaf for leaf in before.leaves() if leaf.kind != COMMENT)
        _check_leaves(change, old, (leaf for leaf in after.leaves() if leaf.kind != COMMENT))


def _check_leaves(change: TextChange, old: Iterable[Leaf], new: Iterable[Leaf]) -> None:
    zones, moved = change.zones, change.moved
    for first, second in zip_longest(_outside(old, zones), _outside(new, moved)):
        if first is None or second is None or first.kind != second.kind:
            raise _refused()
        if _relative_place(first.span, zones) != _relative_place(second.span, moved):
            raise _refused()


def _relative_place(span: Span, zones: Sequence[Span]) -> tuple[int, int, int]:
    """Return a place counted from the end of the zone before it, which no edit changes."""
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


def _touch_any(errors: Sequence[Span], places: Sequence[Span]) -> bool:
    """Return whether an error touches one of the ordered places."""
    starts = [place.start for place in places]
    for error in errors:
        index = bisect_right(starts, error.end)
        if index and error.start <= places[index - 1].end:
            return True
    return False


def _refused() -> RewriteRefused:
    return RewriteRefused("The change would alter more of the file than the token; make it by hand.")
