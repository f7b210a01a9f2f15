"""plan_rewrite: the edits that put a reference or a lookup in a token's place."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Hashable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from tokenward.errors import RewriteRefused
from tokenward.model import Reference, Secret, Span, references_in
from tokenward.rewriting.edits import Edit
from tokenward.rewriting.follow_up import FollowUp
from tokenward.rewriting.joint import JointEdits, JointLines, by_line
from tokenward.rewriting.languages import Language
from tokenward.rewriting.literal import HelperLogin, Literal, ParsedText, Replacement
from tokenward.rewriting.parsing_once import once
from tokenward.rewriting.replacements import merge_adjacent, replace_tokens, sort_changes, wrap_zone
from tokenward.rewriting.tree import refusing_false_trees
from tokenward.rewriting.undo import UndoStep
from tokenward.rewriting.verification import TextChange, check_each_unchanged, check_unchanged

MAX_OCCURRENCES = 1_000

_NOT_STORABLE = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A planned move of one value out of one text.

    Attributes:
        zones: the parts of the text that may change.
        edits: of the text, one for each step of `undo`.
        value: as a program reads it there now; it must be stored.
        undo: how to restore the text; contains no part of the value.
        needs_environment: the new text reads the variable of the reference's name.
        look_up: replaces the value; empty if the text no longer looks it up.
        after: the steps left before a program gets the value; empty if `tokenward run` is enough.
        left: the same, if Tokenward can do them.
        logins: what tools ask a credential helper for, so that each needs a record.
        asks_helper: a tool asks a credential helper for the value, also without `tokenward run`.
    """

    zones: tuple[Span, ...]
    edits: tuple[Edit, ...]
    value: Secret
    undo: tuple[UndoStep, ...]
    needs_environment: bool
    look_up: str
    after: str
    left: FollowUp | None = None
    logins: tuple[HelperLogin, ...] = ()
    asks_helper: bool = False


def plan_rewrite(text: str, language: Language, spans: Sequence[Span], reference: Reference) -> Rewrite:
    """Plan the rewrite of every occurrence of one token in a text.

    Raises:
        RewriteRefused: the file could not be rewritten or restored without changing its meaning.
        ValueError: a span is empty or outside the text, or no span is given.
    """
    if not spans or any(not 0 <= span.start < span.end <= len(text) for span in spans):
        raise ValueError("a token has a place in the text")
    return _rewrite(text, language, spans, reference)


@refusing_false_trees()
def _rewrite(text: str, language: Language, spans: Sequence[Span], reference: Reference) -> Rewrite:
    parsed = language.read(text)
    planned, value = _plan(parsed, spans, reference)
    undo = _undo(planned.changes)
    edits = _edits(planned.changes)
    checked = once(
        planned.key(language, reference),
        lambda: _check_rewrite(TextChange.made(parsed, edits, planned.zones), undo, reference),
    )
    # The next move of a batch starts from this text.
    once((language.key, checked.text), lambda: checked)
    after, left = parsed.after_move(spans, reference)
    return Rewrite(
        tuple(planned.zones),
        edits,
        value,
        undo,
        planned.needs_environment,
        planned.look_up,
        after,
        left,
        parsed.logins(spans),
        parsed.asks_helper(spans),
    )


@refusing_false_trees()
def check_together(
    text: str, language: Language, tokens: Iterable[Sequence[Span]], reference: Reference
) -> None:
    """Check the rewrites of several tokens with one parse, so that `plan_rewrite` needs none within `parsing_once`.

    `plan_rewrite` checks what may differ for each of them alone.

    Raises:
        RewriteRefused: the text cannot be parsed.
    """
    parsed = language.read(text)
    lines: JointLines[Replacement] = JointLines()
    apart: list[_Planned] = []
    for spans in tokens:
        with suppress(RewriteRefused):
            planned, _ = _plan(parsed, spans, reference)
            if lines.add(planned.lines()):
                apart.append(planned)
    if len(apart) < 2:
        return
    changes = lines.changes()
    change = TextChange.made(parsed, _edits(changes), [zone for planned in apart for zone in planned.zones])
    with suppress(RewriteRefused):
        check_each_unchanged(change)
        _check_rewrite(change, _undo(changes), reference)
        for planned in apart:
            once(planned.key(language, reference), lambda: parsed)


@refusing_false_trees()
def check_joint(language: Language, joint: JointEdits) -> None:
    """Check a text with the edits of several rewrites; within `parsing_once`, the next one starts from that text.

    Raises:
        RewriteRefused: they change more than their tokens.
    """
    change = TextChange.made(language.read(joint.text), joint.edits(), joint.zones)
    check_unchanged(change)
    once((language.key, change.after.text), lambda: change.after)


@refusing_false_trees()
def find_references(
    text: str, language: Language, names: Iterable[str] = ()
) -> list[tuple[Span, Reference | str]]:
    """Return every reference in a text, and every lookup of one of the names, in order."""
    parsed = language.read(text)
    found: list[tuple[Span, Reference | str]] = [*references_in(text)]
    found += [(span, name) for name in names for span in parsed.lookups(name)]
    return sorted(found, key=lambda item: item[0])


def rename_references(text: str, old: Reference, new: Reference) -> tuple[Edit, ...]:
    """Return an edit for each place of the old reference; a longer one that starts with it stays."""
    return tuple(Edit(span, str(new)) for span, reference in references_in(text) if reference == old)


@dataclass(frozen=True, slots=True)
class _Planned:
    """An unchecked rewrite.

    Attributes:
        zones: the parts of the text that may change.
        changes: in order.
        needs_environment: as in Rewrite.
        look_up: as in Rewrite.
    """

    text: str = field(repr=False)
    zones: Sequence[Span]
    changes: Sequence[Replacement]
    needs_environment: bool
    look_up: str

    def key(self, language: Language, reference: Reference) -> Hashable:
        """Return what two rewrites have in common if one check is enough for both."""
        # Another name for the variable makes no difference to the parser.
        shape = tuple((change.span, change.inserted.replace(reference.name, "")) for change in self.changes)
        return language.key, self.text, shape

    def lines(self) -> dict[Span, list[Replacement]]:
        """Return the changes by the lines of their zones."""
        numbers = by_line(self.text, self.zones, (change.span for change in self.changes))
        return {line: [self.changes[one] for one in own] for line, own in numbers.items()}


def _plan(parsed: ParsedText, spans: Sequence[Span], reference: Reference) -> tuple[_Planned, Secret]:
    if len(spans) > MAX_OCCURRENCES:
        raise RewriteRefused(
            "The token is at more than {max_occurrences} places in this file; move it by hand.",
            max_occurrences=f"{MAX_OCCURRENCES:,}",
        )
    literals: dict[Literal, list[Span]] = {}
    for span in sorted({parsed.extent(span) for span in spans}):
        literals.setdefault(parsed.literal(span, reference), []).append(span)
    changes, value = _changes(parsed, literals, reference)
    needs_environment = any(literal.in_environment for literal in literals)
    zones, first = [literal.zone for literal in literals], next(iter(literals))
    look_up = first.filling if first.is_look_up else ""
    return _Planned(parsed.text, zones, changes, needs_environment, look_up), value


def _changes(
    parsed: ParsedText, literals: dict[Literal, list[Span]], reference: Reference
) -> tuple[list[Replacement], Secret]:
    starts = {literal.whole.start for literal in literals if literal.joint}
    zones: dict[Span, list[tuple[Literal, list[Span]]]] = {}
    for literal, spans in literals.items():
        joint = literal.joint
        if joint and joint.next_piece in starts:
            # The next piece is also cut, and has a joint of its own.
            joint = replace(joint, tail="")
        zones.setdefault(literal.zone, []).append((replace(literal, joint=joint), spans))
    changes, values = [], []
    for zone, members in zones.items():
        changes += wrap_zone(zone, members)
        for literal, spans in members:
            replaced, value = replace_tokens(parsed.text, literal, spans)
            changes += replaced
            values.append(value)
    uses = [span for literal, spans in literals.items() if not literal.inert for span in spans]
    merged = merge_adjacent(sort_changes(changes))
    changes = sort_changes([*parsed.preamble(uses, reference), *merged])
    if any(value != values[0] for value in values):
        raise RewriteRefused("The occurrences of the token are written differently; move them one by one.")
    if _NOT_STORABLE.search(values[0].reveal()):
        raise RewriteRefused("The token contains characters that no keyring can store; move it by hand.")
    return changes, values[0]


def _edits(changes: Sequence[Replacement]) -> tuple[Edit, ...]:
    return tuple(Edit(change.span, change.inserted) for change in changes)


def _undo(changes: Sequence[Replacement]) -> tuple[UndoStep, ...]:
    steps: list[UndoStep] = []
    growth = 0
    for change in changes:
        steps.append(UndoStep.of(change, change.span.start + growth))
        growth += len(change.inserted) - len(change.span)
    return tuple(steps)


def _check_rewrite(change: TextChange, undo: Sequence[UndoStep], reference: Reference) -> ParsedText:
    """Refuse a rewrite that changes more than the token, or that a restore could not find."""
    check_unchanged(change)
    after = change.after
    found = [span for span, known in references_in(after.text) if known == reference]
    found = sorted([*found, *after.lookups(reference.name)])
    ends = [span.end for span in found]
    for step in undo:
        index = bisect_right(ends, step.offset)
        missed = index == len(found) or found[index].start >= step.offset + len(step.inserted)
        # Where nothing takes the token's place, a credential record does.
        if step.carries_value and step.inserted and missed:
            raise RewriteRefused("A reference would not be recognised there; move the token by hand.")
    return after
