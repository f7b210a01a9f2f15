"""weave: the changes that put fillings in place of the tokens of one literal."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from tokenward.errors import RewriteRefused
from tokenward.model import Secret, Span, references_in
from tokenward.rewriting.literal import Joint, Literal, Replacement
from tokenward.rewriting.spelling import Spelling, decoded_escape

_WORD = re.compile(r"[A-Za-z0-9_$]")


def weave(text: str, literal: Literal, spans: Sequence[Span]) -> tuple[list[Replacement], Secret]:
    """The changes for tokens of one value in one literal, in order, and that value.

    Raises:
        RewriteRefused: the literal cannot be changed there, or the tokens differ.
    """
    value, spelling = _read(text, literal, spans)
    if literal.joint is None:
        changes = [_filled(span, literal, spelling) for span in spans]
    else:
        changes = _joined(text, literal, literal.joint, spans, spelling)
    return changes, Secret(value)


def wrap(zone: Span, literals: Sequence[tuple[Literal, list[Span]]]) -> list[Replacement]:
    """The insertions round a zone whose literals are cut into pieces."""
    cut = [(literal, spans) for literal, spans in literals if literal.joint]
    joint = cut[0][0].joint if cut else None
    if joint is None or not any(joint.wrap):
        return []
    if cut[0][0].zone == cut[0][0].whole and _is_all(*cut[0]) and not joint.always_wrapped:
        return []
    opening, closing = joint.wrap
    return [
        Replacement(Span(zone.start, zone.start), opening),
        Replacement(Span(zone.end, zone.end), closing),
    ]


def merge(changes: Sequence[Replacement]) -> list[Replacement]:
    """The same changes with insertions joined to the change that they touch."""
    merged: list[Replacement] = []
    for change in changes:
        last = merged[-1] if merged else None
        if last and last.span.end == change.span.start and not (last.carries_value and change.carries_value):
            merged[-1] = _united(last, change)
        else:
            merged.append(change)
    return merged


def spaced(text: str, change: Replacement) -> Replacement:
    """The change with a space where it would run into a neighbouring word or operator."""
    start, end, inserted = change.span.start, change.span.end, change.inserted
    if not inserted:
        return change
    if start and _WORD.match(text[start - 1]) and _WORD.match(inserted):
        inserted = " " + inserted
    follower = text[end : end + 1]
    if (_WORD.match(inserted[-1]) and _WORD.match(follower)) or (inserted[-1] == "!" and follower == "="):
        inserted += " "
    return replace(change, inserted=inserted)


def _read(text: str, literal: Literal, spans: Sequence[Span]) -> tuple[str, Spelling]:
    escapes = literal.form.cuts(text, literal.content)
    for span in spans:
        if not literal.content.contains(span) or _cut(escapes, span):
            raise RewriteRefused("The token begins or ends inside an escape or a delimiter; move it by hand.")
        if not literal.in_environment:
            _check_borders(text, literal, span, escapes)
    readings = {text[span.start : span.end]: None for span in spans}
    if len(readings) != 1:
        raise RewriteRefused("The occurrences of the token are written differently; move them one by one.")
    return literal.form.read(next(iter(readings)))


def _cut(escapes: Sequence[Span], span: Span) -> bool:
    """Whether a border of the span lies inside an escape."""
    return any(border < _before(escapes, border).end for border in (span.start, span.end))


def _before(escapes: Sequence[Span], border: int) -> Span:
    """The last escape that begins before the border."""
    index = bisect_left(escapes, Span(border, border))
    return escapes[index - 1] if index else Span(0, 0)


def _check_borders(text: str, literal: Literal, span: Span, escapes: Sequence[Span]) -> None:
    """A reference must be told from its neighbours both in the file and in the value that a program reads."""
    left = text[max(0, span.start - 1) : span.start]
    right = text[span.end : span.end + 1]
    following = bisect_left(escapes, Span(span.end, span.end))
    decoded: str | None = right
    if following < len(escapes) and escapes[following].start == span.end:
        decoded = decoded_escape(text[span.end : escapes[following].end], literal.form.codec)
    place = Span(len(left), len(left) + len(literal.filling))
    for neighbour in (right, decoded):
        if neighbour is None or [place] != [
            found for found, _ in references_in(left + literal.filling + neighbour)
        ]:
            raise RewriteRefused(
                "The token touches characters that would run into a reference in its place; move it by hand."
            )


def _filled(span: Span, literal: Literal, spelling: Spelling) -> Replacement:
    return Replacement(span, literal.filling, spelling=spelling, carries_value=True)


def _joined(
    text: str, literal: Literal, joint: Joint, spans: Sequence[Span], spelling: Spelling
) -> list[Replacement]:
    whole, content = literal.whole, literal.content
    opening, closing = text[whole.start : content.start], text[content.end : whole.end]
    edges = [content.start, *(border for span in spans for border in (span.start, span.end)), content.end]
    _check_pieces(text, list(zip(edges[::2], edges[1::2], strict=True)), closing)
    changes: list[Replacement] = []
    for index, span in enumerate(spans):
        from_start = index == 0 and span.start == content.start
        to_end = index == len(spans) - 1 and span.end == content.end
        changes.append(
            Replacement(
                Span(whole.start if from_start else span.start, whole.end if to_end else span.end),
                ("" if from_start else closing + joint.glue)
                + literal.filling
                + ("" if to_end else joint.glue + opening),
                opening if from_start else "",
                closing if to_end else "",
                spelling,
                carries_value=True,
            )
        )
    if changes[0].span == whole:
        changes = [spaced(text, changes[0])]
    return _attached(changes, whole, joint)


def _attached(changes: list[Replacement], whole: Span, joint: Joint) -> list[Replacement]:
    lead = [Replacement(Span(whole.start, whole.start), joint.lead)] if joint.lead else []
    tail = [Replacement(Span(whole.end, whole.end), joint.tail)] if joint.tail else []
    return [*lead, *changes, *tail]


def _check_pieces(text: str, pieces: Sequence[tuple[int, int]], closing: str) -> None:
    """A piece that ends in the quote of a triple-quoted literal would close it too early."""
    for start, end in pieces[:-1]:
        if len(closing) > 1 and end > start and text[end - 1] == closing[0]:
            raise RewriteRefused("The token follows a quote inside a triple-quoted string; move it by hand.")


def _is_all(literal: Literal, spans: Sequence[Span]) -> bool:
    return len(spans) == 1 and spans[0] == literal.content


def _united(first: Replacement, second: Replacement) -> Replacement:
    carrier = first if first.carries_value else second
    return Replacement(
        Span(first.span.start, second.span.end),
        first.inserted + second.inserted,
        carrier.before,
        carrier.after,
        carrier.spelling,
        first.carries_value or second.carries_value,
    )


def in_order(changes: Sequence[Replacement]) -> list[Replacement]:
    """Sorted, insertions first; apart.

    Raises:
        RewriteRefused: two changes overlap.
    """
    ordered = sorted(changes, key=lambda change: change.span)
    if any(first.span.end > second.span.start for first, second in pairwise(ordered)):
        raise RewriteRefused("Two occurrences of the token lie inside one another; move them one by one.")
    return ordered
