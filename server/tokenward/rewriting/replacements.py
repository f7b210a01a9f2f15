"""Builds the replacements that put fillings in place of tokens in literals."""

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


def replace_tokens(text: str, literal: Literal, spans: Sequence[Span]) -> tuple[list[Replacement], Secret]:
    """Return the changes for tokens of one value in one literal, in order, and that value.

    Raises:
        RewriteRefused: the literal cannot be changed there, or the tokens differ.
    """
    value, spelling = _read_value(text, literal, spans)
    if literal.joint is None:
        changes = [
            Replacement(span, literal.filling, spelling=spelling, carries_value=True) for span in spans
        ]
    else:
        changes = _cut_literal(text, literal, literal.joint, spans, spelling)
    return changes, Secret(value)


def wrap_zone(zone: Span, literals: Sequence[tuple[Literal, list[Span]]]) -> list[Replacement]:
    """Return the insertions around a zone whose literals are cut into pieces."""
    cut = [(literal, literal.joint, spans) for literal, spans in literals if literal.joint]
    if not cut or not any(cut[0][1].wrap):
        return []
    literal, joint, spans = cut[0]
    if literal.zone == literal.whole and spans == [literal.content] and not joint.always_wrapped:
        return []
    opening, closing = joint.wrap
    return [
        Replacement(Span(zone.start, zone.start), opening),
        Replacement(Span(zone.end, zone.end), closing),
    ]


def sort_changes(changes: Sequence[Replacement]) -> list[Replacement]:
    """Return changes in order; at the same place, insertions come first.

    Raises:
        RewriteRefused: two changes overlap.
    """
    ordered = sorted(changes, key=lambda change: change.span)
    if any(first.span.end > second.span.start for first, second in pairwise(ordered)):
        raise RewriteRefused("Two occurrences of the token are inside one another; move them one by one.")
    return ordered


def merge_adjacent(changes: Sequence[Replacement]) -> list[Replacement]:
    """Return sorted changes, with insertions merged into the change that they touch."""
    merged: list[Replacement] = []
    for change in changes:
        last = merged[-1] if merged else None
        if last and last.span.end == change.span.start and not (last.carries_value and change.carries_value):
            carrier = last if last.carries_value else change
            span, inserted = Span(last.span.start, change.span.end), last.inserted + change.inserted
            merged[-1] = replace(carrier, span=span, inserted=inserted)
        else:
            merged.append(change)
    return merged


def _read_value(text: str, literal: Literal, spans: Sequence[Span]) -> tuple[str, Spelling]:
    escapes = literal.form.cuts(text, literal.content)
    for span in spans:
        cuts_escape = any(border < _escape_before(escapes, border).end for border in (span.start, span.end))
        if cuts_escape or not literal.content.contains(span):
            raise RewriteRefused("The token begins or ends inside an escape or a delimiter; move it by hand.")
        if any(references_in(literal.filling)):
            _check_borders(text, literal, span, escapes)
    spellings = {text[span.start : span.end] for span in spans}
    if len(spellings) != 1:
        raise RewriteRefused("The occurrences of the token are written differently; move them one by one.")
    return literal.form.read(spellings.pop())


def _escape_before(escapes: Sequence[Span], border: int) -> Span:
    """Return the last escape that begins before the border."""
    index = bisect_left(escapes, Span(border, border))
    return escapes[index - 1] if index else Span(0, 0)


def _check_borders(text: str, literal: Literal, span: Span, escapes: Sequence[Span]) -> None:
    """Refuse a reference that would run into its neighbours, in the file or in the value that a program gets."""
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
                "The token touches characters that would run into a reference; move it by hand."
            )


def _cut_literal(
    text: str, literal: Literal, joint: Joint, spans: Sequence[Span], spelling: Spelling
) -> list[Replacement]:
    """Replace tokens by expressions, joined to the pieces of the literal between them."""
    whole, content = literal.whole, literal.content
    opening, closing = text[whole.start : content.start], text[content.end : whole.end]
    is_repeated = len(closing) > 1 and len(set(closing)) == 1
    piece = content.start
    changes: list[Replacement] = []
    for index, span in enumerate(spans):
        if is_repeated and span.start > piece and text[span.start - 1] == closing[0]:
            # The end of the piece before it would close a triple-quoted literal too early.
            raise RewriteRefused("The token follows a quote inside a triple-quoted string; move it by hand.")
        piece = span.end
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
        changes = [_with_spaces(text, changes[0])]
    lead = [Replacement(Span(whole.start, whole.start), joint.lead)] if joint.lead else []
    tail = [Replacement(Span(whole.end, whole.end), joint.tail)] if joint.tail else []
    return [*lead, *changes, *tail]


def _with_spaces(text: str, change: Replacement) -> Replacement:
    """Return a change with a space where it would run into a neighbouring word or operator."""
    start, end, inserted = change.span.start, change.span.end, change.inserted
    if not inserted:
        return change
    if start and _WORD.match(text[start - 1]) and _WORD.match(inserted):
        inserted = " " + inserted
    follower = text[end : end + 1]
    if (_WORD.match(inserted[-1]) and _WORD.match(follower)) or (inserted[-1] == "!" and follower == "="):
        inserted += " "
    return replace(change, inserted=inserted)
