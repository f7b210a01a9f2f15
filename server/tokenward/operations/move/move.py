"""The transaction that moves a token into the keyring.

Find it again, plan, store, read back, edit, read once more, confirm, or put everything back. The value is in the
keyring, and read back equal, before a character of the file changes; whatever fails, it stands in the file, the
keyring, or both.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from tokenward.custody.ledger.events import JSON, Event
from tokenward.detection.rules.profiles import profile_of
from tokenward.errors import (
    EditDeclined,
    EditRefused,
    EditUncertain,
    FileChanged,
    NameTaken,
    StateDamaged,
    TokenwardError,
    VaultError,
    VaultForgetful,
    VaultTimeout,
)
from tokenward.model import Reference
from tokenward.operations.access.grant_lease import lease_stored
from tokenward.operations.context import Context
from tokenward.operations.files.editor import Editor, FileEdit
from tokenward.operations.finding_facts import finding_facts
from tokenward.operations.move.keep_moved import keep_moved
from tokenward.operations.move.plan import MovePlan, MoveRequest, plan_move
from tokenward.operations.origins import origin_name, preferred_workspace
from tokenward.operations.recording import unrecorded
from tokenward.places import shown

_MOST_NAMES_TRIED = 20
_MOST_CHANGES = 5


@dataclass(frozen=True, slots=True)
class Moved:
    """A move that is done.

    Attributes:
        token: what a person calls the token.
        reference: what stands for it now.
        count: how many occurrences were replaced.
        files: the names of the texts that were edited.
    """

    token: str
    reference: Reference
    count: int
    files: tuple[str, ...]


def move(context: Context, request: MoveRequest, editor: Editor) -> Moved:
    """Move a token into the keyring and leave a reference.

    Raises:
        TokenwardError: nothing has changed, except as EditUncertain says.
    """
    preferred = preferred_workspace(context.settings, request.folder)
    workspace = context.bindings.claim(request.folder, preferred)
    taken: frozenset[str] = frozenset()
    changes = 0
    while True:
        plan = plan_move(context, request, editor, workspace, taken)
        try:
            stored = _store(context, request, plan)
        except NameTaken:
            # The keyring has an entry that our records do not know.
            if request.name is not None or len(taken) >= _MOST_NAMES_TRIED:
                raise
            taken |= {plan.reference.name}
            continue
        try:
            return _edit(context, request, stored, editor)
        except FileChanged:
            # Another editor's move may have added its line to the environment file; a new plan comes after it.
            changes += 1
            if changes == _MOST_CHANGES:
                raise


@dataclass(frozen=True, slots=True)
class _Stored:
    """A planned move whose value the keyring has given back; `made` says that this move put it there."""

    plan: MovePlan
    id: int
    made: bool


def _store(context: Context, request: MoveRequest, plan: MovePlan) -> _Stored:
    """Announce the move and store the value, so that no other move puts back the same entry in between."""
    with context.turn():
        origin = origin_name(request.source.origin)
        move_id = context.ledger.begin_move(plan.reference, plan.fingerprint, origin, _detail(request, plan))
        try:
            # Before the value, so that it is never without.
            profile = profile_of(plan.finding.rule, plan.finding.claims)
            lease_stored(context, plan.reference, plan.fingerprint, profile)
            return _Stored(plan, move_id, context.vault.put(plan.reference, plan.value))
        except VaultTimeout:
            # It may have been stored all the same; the next start looks.
            raise
        except VaultForgetful as error:
            # The name was free, so what stands there now, if anything, is a spoilt copy of ours.
            with contextlib.suppress(VaultError):
                context.vault.delete(plan.reference)
            _undone(context, move_id, error)
            raise
        except TokenwardError as error:
            _undone(context, move_id, error)
            raise


def _detail(request: MoveRequest, plan: MovePlan) -> dict[str, JSON]:
    """What a restore, or a start after a crash, must know; no part of any value."""
    return {
        "undo": {name: [step.to_json() for step in steps] for name, steps in plan.undo},
        "files": [origin_name(file.source.origin) for file in plan.files],
        "found_as": request.fingerprint,
        **finding_facts(plan.finding),
        "surface": request.source.origin.surface.value,
        "left": plan.left,
    }


def _edit(context: Context, request: MoveRequest, stored: _Stored, editor: Editor) -> Moved:
    plan = stored.plan
    try:
        context.entries.add(plan.reference, plan.fingerprint, plan.finding.provider)
        context.ledger.confirm_stored(stored.id)
        editor.apply(plan.files, f"Move {plan.token} to the keyring")
    except EditUncertain:
        raise
    except TokenwardError as error:
        _require_untouched(context, request, stored.plan, editor)
        if isinstance(error, EditDeclined):
            _leave(context, stored)
        else:
            _put_back(context, stored)
            _undone(context, stored.id, error)
        raise
    _keep(context, stored, editor)
    _confirm(context, request, stored)
    return Moved(plan.token, plan.reference, plan.count, tuple(map(_file_name, plan.files)))


def _keep(context: Context, stored: _Stored, editor: Editor) -> None:
    try:
        keep_moved(context, stored.plan, editor)
    except EditRefused as error:
        _undone(context, stored.id, error)
        raise


def _confirm(context: Context, request: MoveRequest, stored: _Stored) -> None:
    detail = _detail(request, stored.plan)
    source = origin_name(request.source.origin)
    try:
        context.ledger.confirm_move(stored.id, detail)
        for origin, _ in stored.plan.undo:
            if origin != source:
                _record_moved_along(context, stored, origin, detail)
    except StateDamaged as error:
        # The move is done; it stays open, and the next start confirms it.
        unrecorded(context, f"the move of {stored.plan.reference} until the next start", error)


def _record_moved_along(context: Context, stored: _Stored, origin: str, detail: dict[str, JSON]) -> None:
    context.ledger.record(
        Event.MOVED,
        reference=stored.plan.reference,
        fingerprint=stored.plan.fingerprint,
        origin=origin,
        move=stored.id,
        detail=detail,
    )


def _undone(context: Context, move_id: int, why: TokenwardError) -> None:
    try:
        context.ledger.undo_move(move_id, type(why).__name__)
    except StateDamaged as error:
        # The move stays open, and the next start looks.
        unrecorded(context, "a move that was not made until the next start", error)


def _require_untouched(context: Context, request: MoveRequest, plan: MovePlan, editor: Editor) -> None:
    """Return only while the token is seen in the text, and no file holds the reference."""
    if not _is_untouched(context, request, plan, editor):
        raise EditUncertain(
            f"The edit failed, and the file may have been changed; the value is kept as {plan.reference}, so compare "
            "the file with it before you try again."
        )


def _leave(context: Context, stored: _Stored) -> None:
    """Delete nothing that the editor's late change would need; the move stays open, and the next start looks."""
    try:
        context.ledger.decline_move(stored.id)
    except StateDamaged as error:
        unrecorded(context, f"the move of {stored.plan.reference} until the next start", error)


def _put_back(context: Context, stored: _Stored) -> None:
    """Delete what this move stored, where nobody else counts on it.

    Raises:
        EditRefused: the keyring does not delete it.
    """
    reference = stored.plan.reference
    if not stored.made:
        return
    try:
        with context.turn():
            if not context.ledger.is_relied_on(reference, stored.id):
                context.vault.delete(reference)
                context.entries.remove(reference)
                context.leases.forget(reference)
    except (VaultError, StateDamaged):
        raise EditRefused(
            f"The edit was not made and the value could not be deleted again, so it also stays in the keyring as "
            f"{reference}; try again, or remove it by `tokenward rm {reference.name}`."
        ) from None


def _is_untouched(context: Context, request: MoveRequest, plan: MovePlan, editor: Editor) -> bool:
    """Whether the token is seen in its text and no file has gained a mention of its name."""
    for file in plan.files:
        current = editor.reread(file.source)
        if current is None:
            if not file.creates:
                return False
        elif current.text.count(plan.reference.name) > file.source.text.count(plan.reference.name) or (
            file.source is request.source and not context.scanner.locate(current, request.fingerprint)
        ):
            return False
    return True


def _file_name(file: FileEdit) -> str:
    origin = file.source.origin
    return shown(origin.path.name if origin.path else origin.uri.rpartition(":")[2])
