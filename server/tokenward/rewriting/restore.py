"""plan_restore: the edits that put a value back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from tokenward.errors import RewriteRefused
from tokenward.model import Reference, Secret, Span, references_in
from tokenward.rewriting.edits import Edit, apply_edits
from tokenward.rewriting.languages import Language
from tokenward.rewriting.literal import HelperLogin, ParsedText, Quoted
from tokenward.rewriting.tree import refusing_false_trees
from tokenward.rewriting.undo import UndoStep
from tokenward.rewriting.verification import TextChange, check_unchanged


@dataclass(frozen=True, slots=True)
class _Return:
    """An edit that puts a value back, and the value's place in the edit's text."""

    edit: Edit
    lead: int
    length: int


@refusing_false_trees()
def plan_restore(
    text: str,
    language: Language,
    undo: Sequence[UndoStep],
    reference: Reference,
    value: Secret,
    *,
    is_for: Callable[[HelperLogin], bool] = bool,
) -> tuple[Edit, ...]:
    """Return the edits that put a value back, byte for byte if the record of the move still fits the text.

    Otherwise a literal in the language's usual quotes replaces each reference or lookup. Where a tool would send the
    value to a host, `is_for` says whether it is for that host.

    Raises:
        RewriteRefused: the text has neither, or the value cannot be written there.
    """
    parsed = language.read(text)
    for choice in chain(
        _from_record(language, text, undo, value), _from_references(parsed, reference, value)
    ):
        returns = _with_epilogue(parsed, choice)
        edits = tuple(item.edit for item in returns)
        if _fits(parsed, language, returns, reference, value, is_for=is_for):
            return edits
    raise RewriteRefused(
        "This file has no reference to {reference} where its value can be written; put it back by hand.",
        reference=reference,
    )


def _from_record(
    language: Language, text: str, undo: Sequence[UndoStep], value: Secret
) -> Iterator[list[_Return]]:
    steps = sorted(undo, key=lambda step: step.offset)
    if not steps or not all(step.fits(text) for step in steps):
        return
    returns = [_undone(step, value) for step in steps]
    try:
        restored = language.read(apply_edits(text, [item.edit for item in returns]))
    except (RewriteRefused, ValueError):
        return
    yield [
        item
        for item, step in zip(returns, steps, strict=True)
        if step.carries_value or not restored.lacks(step.inserted)
    ]


def _with_epilogue(parsed: ParsedText, returns: Sequence[_Return]) -> list[_Return]:
    """Return the edits, and the further ones that the text needs, except those that are in their places."""
    spans = [item.edit.span for item in returns]
    gone = [item.edit.span for item in returns if item.length]
    further = [
        _Return(edit, 0, 0)
        for edit in parsed.epilogue(gone)
        if not any(span.overlaps(edit.span) or _is_inserted_at(span, edit.span) for span in spans)
    ]
    return sorted([*returns, *further], key=lambda item: item.edit.span)


def _is_inserted_at(first: Span, second: Span) -> bool:
    """Return whether one of two spans is empty and touches the other, so that their order is not certain."""
    touch = first.start <= second.end and second.start <= first.end
    return touch and not (len(first) and len(second))


def _undone(step: UndoStep, value: Secret) -> _Return:
    span = Span(step.offset, step.offset + len(step.inserted))
    if not step.carries_value:
        return _Return(Edit(span, step.before + step.after), 0, 0)
    written = step.spelling.written(value.reveal())
    return _Return(Edit(span, step.before + written + step.after), len(step.before), len(written))


def _from_references(parsed: ParsedText, reference: Reference, value: Secret) -> Iterator[list[_Return]]:
    choices = [
        (span, _spellings(parsed, span, reference, value.reveal()))
        for span, known in references_in(parsed.text)
        if known == reference
    ]
    choices += [(span, parsed.quoted(span, value.reveal())) for span in parsed.lookups(reference.name)]
    choices = sorted((choice for choice in choices if choice[1]), key=lambda choice: choice[0])
    for index in range(max((len(quoted) for _, quoted in choices), default=0)):
        chosen = [(span, quoted[min(index, len(quoted) - 1)]) for span, quoted in choices]
        yield [
            _Return(Edit(span, str(quoted)), len(quoted.opening), len(quoted.written))
            for span, quoted in chosen
        ]


def _spellings(parsed: ParsedText, span: Span, reference: Reference, value: str) -> list[Quoted]:
    """Return the ways to write a value instead of a reference, best first; none where a reference has no meaning."""
    try:
        literal = parsed.literal(span, reference)
    except RewriteRefused:
        return []
    written = [Quoted("", spelling.written(value), "") for spelling in literal.form.spellings(parsed.text)]
    bare = literal.whole == literal.content == span
    return [*written, *(parsed.quoted(span, value) if bare else [])]


def _fits(
    parsed: ParsedText,
    language: Language,
    returns: Sequence[_Return],
    reference: Reference,
    value: Secret,
    *,
    is_for: Callable[[HelperLogin], bool],
) -> bool:
    """Return whether the restored text parses, has no other change, and has the value at each place, for its host."""
    edits = [item.edit for item in returns]
    try:
        after = language.read(apply_edits(parsed.text, edits))
        places = list(_places(returns))
        literals = [after.literal(place, reference) for place in places]
        everything, zones = [Span(0, len(parsed.text))], [literal.zone for literal in literals]
        check_unchanged(TextChange.between(after, parsed, everything, _inverted(edits), zones))
        values = [
            literal.form.read(after.text[place.start : place.end])[0]
            for literal, place in zip(literals, places, strict=True)
        ]
        is_elsewhere = not all(map(is_for, after.logins(places)))
    except RewriteRefused:
        return False
    inside = all(literal.content.contains(place) for literal, place in zip(literals, places, strict=True))
    return inside and not is_elsewhere and all(Secret(found) == value for found in values)


def _places(returns: Sequence[_Return]) -> Iterator[Span]:
    growth = 0
    for item in returns:
        start = item.edit.span.start + growth + item.lead
        growth += item.edit.growth
        if item.length:
            yield Span(start, start + item.length)


def _inverted(edits: Sequence[Edit]) -> list[Edit]:
    """Return edits that would undo these, with blanks of equal length for the texts that they removed."""
    inverse: list[Edit] = []
    growth = 0
    for edit in edits:
        start = edit.span.start + growth
        inverse.append(Edit(Span(start, start + len(edit.text)), " " * len(edit.span)))
        growth += edit.growth
    return inverse
