"""An announced move whose value is stored: it is confirmed, left open, or put back."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

from tokenward.custody.ledger.events import JSON, Event
from tokenward.detection.rules.profiles import profile_of
from tokenward.errors import (
    EditRefused,
    StateDamaged,
    TokenwardError,
    VaultError,
    VaultForgetful,
    VaultTimeout,
)
from tokenward.operations.access.delete_token import delete_token
from tokenward.operations.access.grant_lease import lease_stored
from tokenward.operations.context import Context
from tokenward.operations.finding_facts import finding_facts
from tokenward.operations.move.plan import MovePlan
from tokenward.operations.origins import origin_name
from tokenward.operations.recording import unrecorded
from tokenward.sources.source import Origin


@dataclass(frozen=True, slots=True)
class Stored:
    """A planned move whose value the keyring has given back; `made` says that this move put it there."""

    plan: MovePlan
    id: int
    made: bool


def store_move(context: Context, plan: MovePlan) -> Stored:
    """Announce the move and store the value, so that no other move puts back the same entry in between."""
    with context.turn():
        origin = origin_name(document_of(plan))
        move_id = context.ledger.begin_move(plan.reference, plan.fingerprint, origin, _detail(plan))
        try:
            # Before the value, so that it is never without.
            profile = profile_of(plan.finding.rule, plan.finding.claims)
            lease_stored(context, plan.reference, plan.fingerprint, profile)
            stored = Stored(plan, move_id, context.vault.put(plan.reference, plan.value))
        except VaultTimeout:
            # It may have been stored all the same; the next start looks.
            raise
        except VaultForgetful as error:
            # The name was free, so what stands there now, if anything, is a spoilt copy of ours.
            with contextlib.suppress(VaultError):
                context.vault.delete(plan.reference)
            mark_undone(context, move_id, error)
            raise
        except TokenwardError as error:
            mark_undone(context, move_id, error)
            raise
    try:
        context.entries.add(plan.reference, plan.fingerprint, plan.finding.provider)
        context.ledger.confirm_stored(move_id)
    except TokenwardError as error:
        put_back(context, [stored], error)
        raise
    return stored


def confirm(context: Context, stored: Stored) -> None:
    """Record that a move is done."""
    detail = _detail(stored.plan)
    document = origin_name(document_of(stored.plan))
    try:
        context.ledger.confirm_move(stored.id, detail)
        for origin, _ in stored.plan.undo:
            if origin != document:
                _record_moved_along(context, stored, origin, detail)
    except StateDamaged as error:
        # The move is done; it stays open, and the next start confirms it.
        unrecorded(context, f"the move of {stored.plan.reference} until the next start", error)


def leave_open(context: Context, moves: Sequence[Stored]) -> None:
    """Delete nothing that the editor's late change would need; the moves stay open, and the next start looks."""
    for stored in moves:
        try:
            context.ledger.decline_move(stored.id)
        except StateDamaged as error:
            unrecorded(context, f"the move of {stored.plan.reference} until the next start", error)


def put_back(context: Context, moves: Sequence[Stored], why: TokenwardError) -> None:
    """Delete what moves have stored, where nobody else counts on it.

    Raises:
        EditRefused: the keyring does not delete it; the moves that are left stay open.
    """
    # The last first, since an earlier one of the same value has made the entry.
    for number, stored in reversed([*enumerate(moves)]):
        try:
            _delete(context, stored)
        except (VaultError, StateDamaged):
            raise _not_deleted([one.plan for one in moves[: number + 1]]) from None
        mark_undone(context, stored.id, why)


def mark_undone(context: Context, move_id: int, why: TokenwardError) -> None:
    """Record that all is as it was before a move."""
    try:
        context.ledger.undo_move(move_id, type(why).__name__)
    except StateDamaged as error:
        # The move stays open, and the next start looks.
        unrecorded(context, "a move that was not made until the next start", error)


def document_of(plan: MovePlan) -> Origin:
    """Return which text the token is moved out of."""
    return plan.files[-1].source.origin


def named(plans: Sequence[MovePlan]) -> str:
    """Return the reference of the last of some moves, and how many others there are."""
    return str(plans[-1].reference) + (f" and {len(plans) - 1:,} more" if len(plans) > 1 else "")


def _detail(plan: MovePlan) -> dict[str, JSON]:
    """What a restore, or a start after a crash, must know; no part of any value."""
    return {
        "undo": {name: [step.to_json() for step in steps] for name, steps in plan.undo},
        "files": [origin_name(file.source.origin) for file in plan.files],
        "found_as": plan.finding.fingerprint,
        **finding_facts(plan.finding),
        "surface": document_of(plan).surface.value,
        "left": plan.left,
    }


def _record_moved_along(context: Context, stored: Stored, origin: str, detail: dict[str, JSON]) -> None:
    context.ledger.record(
        Event.MOVED,
        reference=stored.plan.reference,
        fingerprint=stored.plan.fingerprint,
        origin=origin,
        move=stored.id,
        detail=detail,
    )


def _delete(context: Context, stored: Stored) -> None:
    reference = stored.plan.reference
    if not stored.made:
        return
    with context.turn():
        if not context.ledger.is_relied_on(reference, stored.id):
            delete_token(context, reference)


def _not_deleted(plans: Sequence[MovePlan]) -> EditRefused:
    value, stay, them = (
        ("values", "they also stay", "them") if plans[1:] else ("value", "it also stays", "it")
    )
    return EditRefused(
        f"The edit was not made and the {value} could not be deleted again, so {stay} in the keyring as "
        f"{named(plans)}; try again, or remove {them} by `tokenward rm {plans[-1].reference.name}`."
    )
