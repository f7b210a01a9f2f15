"""An open move, announced in the ledger, with its value stored: it is confirmed, left open, or undone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

from tokenward.custody.ledger.events import JSON, Event, NewRecord, finding_facts
from tokenward.detection.rules.providers import profile_of
from tokenward.errors import (
    CustodyError,
    EditRefused,
    EditUncertain,
    MoveError,
    RewriteRefused,
    StateDamaged,
    TokenwardError,
    VaultError,
)
from tokenward.operations.access.grant_lease import lease_stored
from tokenward.operations.access.store_value import Storing, delete_token, store_all
from tokenward.operations.context import Context
from tokenward.operations.files.editor import Editor, FileEdit
from tokenward.operations.move.environment_line import added_lines
from tokenward.operations.move.helper_records import add_records, records_detail, remove_records
from tokenward.operations.move.plan import MovePlan
from tokenward.operations.origins import language_for, origin_name
from tokenward.operations.recording import may_stay_unrecorded
from tokenward.rewriting.restore import plan_restore
from tokenward.sources.source import Origin

PORTION = 25
"""The values that are stored or checked together; who stops a move waits for no more."""


@dataclass(frozen=True, slots=True)
class StoredMove:
    """A planned move whose value was stored and read back.

    Attributes:
        plan: the plan.
        id: of the move in the ledger.
        is_new: the keyring did not hold the value before.
    """

    plan: MovePlan
    id: int
    is_new: bool


def store_moves(
    context: Context, plans: Sequence[MovePlan]
) -> tuple[list[StoredMove], TokenwardError | None]:
    """Announce moves and store their values in order until one fails; return those stored, and why the next is not.

    All are in one turn, so that no other move deletes the same entry in between.
    """
    try:
        with context.turn():
            made, failure = store_all(context, [_storing(context, plan) for plan in plans])
    except TokenwardError as error:
        return [], error
    stored = [StoredMove(plan, one.number, one.is_new) for plan, one in zip(plans, made, strict=False)]
    for number, move in enumerate(stored):
        try:
            add_records(context, move.plan.folder, move.plan.credentials)
        except TokenwardError as error:
            undo_moves(context, stored[number:], error)
            return stored[:number], error
    return stored, failure


def without_texts(context: Context, plan: MovePlan) -> MovePlan:
    """Return a plan with digests of its texts in place of them, so that many plans are small."""
    digest = context.scanner.fingerprint
    digests = {
        origin_name(file.source.origin): (digest(file.source.text), digest(file.text_after))
        for file in plan.files
    }
    files = tuple(replace(file, source=replace(file.source, text="")) for file in plan.files)
    return replace(plan, files=files, digests=digests)


def taken_names(context: Context, plans: Sequence[MovePlan]) -> Iterator[str]:
    """Yield the names of plans under which the keyring has another value, as far as it says."""
    with suppress(VaultError):
        held = zip(plans, context.vault.get_all([plan.reference for plan in plans]), strict=True)
        yield from (plan.reference.name for plan, value in held if value not in (None, plan.value))


def _storing(context: Context, plan: MovePlan) -> Storing:
    enter, confirm = partial(_enter, context, plan), context.ledger.confirm_stored
    origin, detail = origin_name(document_of(plan)), _detail(plan)
    announcement = NewRecord(Event.MOVE_STARTED, plan.reference, plan.fingerprint, origin, None, detail)
    return Storing(announcement, plan.reference, plan.value, enter, confirm)


def _enter(context: Context, plan: MovePlan) -> None:
    """Make the entry of a value, and before it the lease, so that it is never without one."""
    profile = profile_of(plan.finding.rule, plan.finding.claims)
    lease_stored(context, plan.reference, plan.fingerprint, profile)
    context.entries.add(plan.reference, plan.fingerprint, plan.finding.provider)


def ensure_stored(context: Context, plans: Sequence[MovePlan], editor: Editor) -> list[MoveError | None]:
    """Store moved values again if they are gone from the keyring; where that fails, undo the edit.

    Returns:
        For each value that could not be stored again, EditRefused if its file has it as before, or else EditUncertain.
    """
    outcomes: list[MoveError | None] = [None] * len(plans)
    # The last first, because its undo steps fit the current text.
    for end in range(len(plans), 0, -PORTION):
        start = max(end - PORTION, 0)
        try:
            held = context.vault.get_all([plan.reference for plan in plans[start:end]])
        except VaultError as error:
            # Each further query could take as long as a keyring may.
            name = plans[end - 1].reference
            context.warn(f"Nobody could check whether {name} is still in the keyring: {error}")
            break
        for number in reversed(range(start, end)):
            if held[number - start] != plans[number].value:
                outcomes[number] = _store_again(context, plans[number], editor)
    return outcomes


def _store_again(context: Context, plan: MovePlan, editor: Editor) -> MoveError | None:
    try:
        with context.turn():
            _enter(context, plan)
            context.vault.put(plan.reference, plan.value)
    except (VaultError, CustodyError) as error:
        return _undo_edit(plan, editor, error)
    context.warn(
        f"{plan.reference} was gone from the keyring before the edit was made, and was stored again."
    )
    return None


def _undo_edit(plan: MovePlan, editor: Editor, why: TokenwardError) -> MoveError:
    undo, files = dict(plan.undo), list[FileEdit]()
    changed = [file.source for file in plan.files if origin_name(file.source.origin) in undo]
    try:
        for source in changed:
            current = editor.reread(source)
            if current is None:
                raise RewriteRefused("The text is gone.")
            steps = undo[origin_name(source.origin)]
            edits = plan_restore(current.text, language_for(current), steps, plan.reference, plan.value)
            files.append(FileEdit(current, edits))
        editor.apply(files, f"Put {plan.reference} back")
    except TokenwardError:
        return EditUncertain(
            "The keyring no longer has {reference}, and the file could not be changed back; undo the "
            "edit in your editor now.",
            reference=plan.reference,
        )
    return EditRefused(
        "{reference} was gone from the keyring, so the token is in its file as before: {why}",
        reference=plan.reference,
        why=why,
    )


def confirm_moves(context: Context, moves: Sequence[StoredMove]) -> None:
    """Record that moves are done, also for an environment file whose line was rewritten too."""
    if not moves:
        return
    what = f"the move of {named_references([stored.plan for stored in moves])} until the next start"
    # If this fails, the moves stay open, and the next start confirms them.
    with may_stay_unrecorded(context, what):
        context.ledger.confirm_moves([*chain.from_iterable(map(_moved, moves))])


def _moved(stored: StoredMove) -> Iterator[NewRecord]:
    plan, detail = stored.plan, _detail(stored.plan)
    document = origin_name(document_of(plan))
    for origin in dict.fromkeys((document, *(name for name, _ in plan.undo))):
        yield NewRecord(Event.MOVED, plan.reference, plan.fingerprint, origin, stored.id, detail)


def decline_moves(context: Context, moves: Sequence[StoredMove]) -> None:
    """Record that the editor declined the edits of moves.

    They stay open and nothing is deleted, because the editor may still apply the edits; the next start settles them.
    """
    for stored in moves:
        with may_stay_unrecorded(context, f"the move of {stored.plan.reference} until the next start"):
            context.ledger.decline_move(stored.id)


def undo_moves(context: Context, moves: Sequence[StoredMove], why: TokenwardError) -> None:
    """Delete the values that moves stored, except those that others need, and record the moves as undone.

    Raises:
        EditRefused: the keyring did not delete a value; its move and those before it stay open.
    """
    # The last first, because of several moves of one value, the first created the entry.
    for number, stored in reversed([*enumerate(moves)]):
        try:
            remove_records(context, stored.plan.folder, stored.plan.credentials)
            if stored.is_new:
                with context.turn():
                    if not context.ledger.is_relied_on(stored.plan.reference, stored.id):
                        delete_token(context, stored.plan.reference)
        except (VaultError, StateDamaged):
            raise _not_deleted([move.plan for move in moves[: number + 1]]) from None
        mark_undone(context, stored.id, why)


def mark_undone(context: Context, move_id: int, why: TokenwardError) -> None:
    """Record that everything is as it was before a move; otherwise it stays open, and the next start settles it."""
    with may_stay_unrecorded(context, "a move that was not made until the next start"):
        context.ledger.undo_move(move_id, type(why).__name__)


def document_of(plan: MovePlan) -> Origin:
    """Return the text that the token is moved out of."""
    return plan.files[-1].source.origin


def named_references(plans: Sequence[MovePlan]) -> str:
    """Return the last reference of some moves and the number of the others, in words."""
    return str(plans[-1].reference) + (f" and {len(plans) - 1:,} more" if len(plans) > 1 else "")


def _detail(plan: MovePlan) -> dict[str, JSON]:
    """Return the facts for a restore or a start after a crash, without any part of a value."""
    undone = dict(plan.undo)
    added = (file for file in plan.files if origin_name(file.source.origin) not in undone)
    return {
        "added": added_lines(added, plan.reference),
        "undo": {name: [step.to_json() for step in steps] for name, steps in plan.undo},
        "files": [origin_name(file.source.origin) for file in plan.files],
        "digests": {name: [*digests] for name, digests in plan.digests.items()},
        "found_as": plan.finding.fingerprint,
        **finding_facts(plan.finding),
        "surface": document_of(plan).surface.value,
        "left": plan.remaining,
        "credentials": records_detail(plan.credentials),
    }


def _not_deleted(plans: Sequence[MovePlan]) -> EditRefused:
    return EditRefused(
        "The edit was not made, and nothing could be deleted, so the keyring keeps {references}; try again, or "
        "delete what you do not need with `tokenward rm {name}`.",
        references=named_references(plans),
        name=plans[-1].reference.name,
    )
