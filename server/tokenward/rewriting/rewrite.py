"""plan_rewrite: the edits by which a reference or a look-up takes a token's place."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tokenward.errors import RewriteRefused
from tokenward.model import Reference, Secret, Span, references_in
from tokenward.rewriting.edits import Edit
from tokenward.rewriting.languages import Language, once
from tokenward.rewriting.literal import Literal, Reader, Replacement
from tokenward.rewriting.undo import UndoStep
from tokenward.rewriting.verification import Change, check_unchanged
from tokenward.rewriting.weaving import in_order, merge, weave, wrap

MAX_OCCURRENCES = 1_000

_NOT_STORABLE = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A planned move of one value out of one text.

    Attributes:
        edits: what to do to the text.
        value: what a program reads at that place today, and must be stored.
        undo: how to take it back; holds no part of the value.
        needs_environment: the new code reads the variable that the reference's name names.
    """

    edits: tuple[Edit, ...]
    value: Secret
    undo: tuple[UndoStep, ...]
    needs_environment: bool


def plan_rewrite(text: str, language: Language, spans: Sequence[Span], reference: Reference) -> Rewrite:
    """The rewrite of every occurrence of one token in a text.

    Raises:
        RewriteRefused: the file could not be rewritten, or put back, without changing what it means.
        ValueError: a span is empty or outside the text, or there is none.
    """
    _check_spans(text, spans)
    reader = language.read(text)
    literals = _literals(reader, sorted(set(spans)), reference)
    changes, value = _changes(reader, literals, reference)
    edits = tuple(Edit(change.span, change.inserted) for change in changes)
    undo = _undo(changes)
    # Another name for the same variable changes nothing of what a parser sees.
    shape = tuple((edit.span, edit.text.replace(reference.name, "")) for edit in edits)
    zones = [literal.zone for literal in literals]
    once((language.name, text, shape), lambda: _checked(Change.made(reader, edits, zones), undo, reference))
    return Rewrite(edits, value, undo, any(literal.in_environment for literal in literals))


def find_references(
    text: str, language: Language, names: Iterable[str] = ()
) -> list[tuple[Span, Reference | str]]:
    """Every reference in a text, and every look-up in code of one of the names, in order."""
    reader = language.read(text)
    found: list[tuple[Span, Reference | str]] = [*references_in(text)]
    found += [(span, name) for name in names for span in reader.lookups(name)]
    return sorted(found, key=lambda item: item[0])


def _check_spans(text: str, spans: Sequence[Span]) -> None:
    if not spans or any(not 0 <= span.start < span.end <= len(text) for span in spans):
        raise ValueError("a token has a place in the text")
    if len(spans) > MAX_OCCURRENCES:
        raise RewriteRefused(
            f"The token stands at more than {MAX_OCCURRENCES:,} places of this file; move it by hand."
        )


def _literals(reader: Reader, spans: Sequence[Span], reference: Reference) -> dict[Literal, list[Span]]:
    literals: dict[Literal, list[Span]] = {}
    for span in spans:
        literals.setdefault(reader.literal(span, reference), []).append(span)
    return literals


def _changes(
    reader: Reader, literals: dict[Literal, list[Span]], reference: Reference
) -> tuple[list[Replacement], Secret]:
    starts = {literal.whole.start for literal in literals if literal.joint}
    zones: dict[Span, list[tuple[Literal, list[Span]]]] = {}
    for literal, spans in literals.items():
        zones.setdefault(literal.zone, []).append((_beside(literal, starts), spans))
    changes, values = [], []
    for zone, members in zones.items():
        changes += wrap(zone, members)
        for literal, spans in members:
            woven, value = weave(reader.text, literal, spans)
            changes += woven
            values.append(value)
    uses = [span for literal, spans in literals.items() if literal.in_environment for span in spans]
    merged = merge(in_order(changes))
    return in_order([*reader.preamble(uses, reference), *merged]), _one(values)


def _beside(literal: Literal, starts: set[int]) -> Literal:
    """The literal without its joint to the next piece where that is cut too and brings its own."""
    if literal.joint and literal.joint.next_piece in starts:
        return replace(literal, joint=replace(literal.joint, tail=""))
    return literal


def _one(values: Sequence[Secret]) -> Secret:
    if any(value != values[0] for value in values):
        raise RewriteRefused("The occurrences of the token are written differently; move them one by one.")
    if _NOT_STORABLE.search(values[0].reveal()):
        raise RewriteRefused("The token has characters that no keyring keeps; move it by hand.")
    return values[0]


def _undo(changes: Sequence[Replacement]) -> tuple[UndoStep, ...]:
    steps: list[UndoStep] = []
    growth = 0
    for change in changes:
        steps.append(UndoStep.of(change, change.span.start + growth))
        growth += len(change.inserted) - len(change.span)
    return tuple(steps)


def _checked(change: Change, undo: Sequence[UndoStep], reference: Reference) -> Reader:
    check_unchanged(change)
    _check_found(change.after, undo, reference)
    return change.after


def _check_found(after: Reader, undo: Sequence[UndoStep], reference: Reference) -> None:
    """A rewrite that a restore would not find again is not offered."""
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
