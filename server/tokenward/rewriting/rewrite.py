"""plan_rewrite: the edits that put a reference or a look-up in a token's place."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tokenward.errors import RewriteRefused
from tokenward.model import Reference, Secret, Span, references_in
from tokenward.rewriting.edits import Edit
from tokenward.rewriting.languages import Language, once
from tokenward.rewriting.literal import Literal, ParsedText, Replacement
from tokenward.rewriting.replacements import merge_adjacent, replace_tokens, sort_changes, wrap_zone
from tokenward.rewriting.undo import UndoStep
from tokenward.rewriting.verification import TextChange, check_unchanged

MAX_OCCURRENCES = 1_000

_NOT_STORABLE = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A planned move of one value out of one text.

    Attributes:
        edits: of the text.
        value: as a program reads it at that place today; it must be stored.
        undo: how to restore the text; holds no part of the value.
        needs_environment: the new text reads the variable of the reference's name.
        look_up: takes the value's place.
        after: what is left to do before a program gets the value; empty if `tokenward run` is enough.
        left: the same in a few words; may be empty although something is left.
    """

    edits: tuple[Edit, ...]
    value: Secret
    undo: tuple[UndoStep, ...]
    needs_environment: bool
    look_up: str
    after: str
    left: str


def plan_rewrite(text: str, language: Language, spans: Sequence[Span], reference: Reference) -> Rewrite:
    """Plan the rewrite of every occurrence of one token in a text.

    Raises:
        RewriteRefused: the file could not be rewritten, or put back, without changing what it means.
        ValueError: a span is empty or outside the text, or there is none.
    """
    if not spans or any(not 0 <= span.start < span.end <= len(text) for span in spans):
        raise ValueError("a token has a place in the text")
    if len(spans) > MAX_OCCURRENCES:
        raise RewriteRefused(
            f"The token is at more than {MAX_OCCURRENCES:,} places in this file; move it by hand."
        )
    parsed = language.read(text)
    literals: dict[Literal, list[Span]] = {}
    for span in sorted({parsed.extent(span) for span in spans}):
        literals.setdefault(parsed.literal(span, reference), []).append(span)
    changes, value = _changes(parsed, literals, reference)
    edits = tuple(Edit(change.span, change.inserted) for change in changes)
    undo = _undo(changes)
    # Another name for the variable makes no difference to the parser.
    shape = tuple((edit.span, edit.text.replace(reference.name, "")) for edit in edits)
    zones = [literal.zone for literal in literals]
    once(
        (language.key, text, shape),
        lambda: _check_rewrite(TextChange.made(parsed, edits, zones), undo, reference),
    )
    first = next(iter(literals))
    needs_environment = any(literal.in_environment for literal in literals)
    after, left = (
        text.replace("NAME", reference.name)
        for text in (parsed.after_move(spans[0]), parsed.left_to_do(spans[0]))
    )
    return Rewrite(edits, value, undo, needs_environment, first.filling, after, left)


def find_references(
    text: str, language: Language, names: Iterable[str] = ()
) -> list[tuple[Span, Reference | str]]:
    """Return every reference in a text, and every look-up in code of one of the names, in order."""
    parsed = language.read(text)
    found: list[tuple[Span, Reference | str]] = [*references_in(text)]
    found += [(span, name) for name in names for span in parsed.lookups(name)]
    return sorted(found, key=lambda item: item[0])


def rename_references(text: str, old: Reference, new: Reference) -> tuple[Edit, ...]:
    """Return an edit for each place of the old reference; a longer one that begins with it is not changed."""
    return tuple(Edit(span, str(new)) for span, reference in references_in(text) if reference == old)


def _changes(
    parsed: ParsedText, literals: dict[Literal, list[Span]], reference: Reference
) -> tuple[list[Replacement], Secret]:
    starts = {literal.whole.start for literal in literals if literal.joint}
    zones: dict[Span, list[tuple[Literal, list[Span]]]] = {}
    for literal, spans in literals.items():
        zones.setdefault(literal.zone, []).append((_without_shared_joint(literal, starts), spans))
    changes, values = [], []
    for zone, members in zones.items():
        changes += wrap_zone(zone, members)
        for literal, spans in members:
            replaced, value = replace_tokens(parsed.text, literal, spans)
            changes += replaced
            values.append(value)
    uses = [span for literal, spans in literals.items() if not literal.inert for span in spans]
    merged = merge_adjacent(sort_changes(changes))
    return sort_changes([*parsed.preamble(uses, reference), *merged]), _common_value(values)


def _without_shared_joint(literal: Literal, starts: set[int]) -> Literal:
    """Return the literal without its joint to the next piece if that piece is cut too and has its own."""
    if literal.joint and literal.joint.next_piece in starts:
        return replace(literal, joint=replace(literal.joint, tail=""))
    return literal


def _common_value(values: Sequence[Secret]) -> Secret:
    if any(value != values[0] for value in values):
        raise RewriteRefused("The occurrences of the token are written differently; move them one by one.")
    if _NOT_STORABLE.search(values[0].reveal()):
        raise RewriteRefused("The token has characters that no keyring can store; move it by hand.")
    return values[0]


def _undo(changes: Sequence[Replacement]) -> tuple[UndoStep, ...]:
    steps: list[UndoStep] = []
    growth = 0
    for change in changes:
        steps.append(UndoStep.of(change, change.span.start + growth))
        growth += len(change.inserted) - len(change.span)
    return tuple(steps)


def _check_rewrite(change: TextChange, undo: Sequence[UndoStep], reference: Reference) -> ParsedText:
    """Refuse a rewrite that changes more than the token, or that a restore would not find again."""
    check_unchanged(change)
    after = change.after
    found = [span for span, known in references_in(after.text) if known == reference]
    found = sorted([*found, *after.lookups(reference.name)])
    ends = [span.end for span in found]
    for step in undo:
        index = bisect_right(ends, step.offset)
        missed = index == len(found) or found[index].start >= step.offset + len(step.inserted)
        if step.carries_value and missed:
            raise RewriteRefused(
                "The reference would not be read as one in that place; move the token by hand."
            )
    return after
