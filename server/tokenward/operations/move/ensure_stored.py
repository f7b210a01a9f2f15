"""Ensures after a move's edit that the keyring still has the value, because no file does."""

from __future__ import annotations

from collections.abc import Sequence

from tokenward.detection.rules.profiles import profile_of
from tokenward.errors import (
    CustodyError,
    EditRefused,
    EditUncertain,
    MoveError,
    RewriteRefused,
    TokenwardError,
    VaultError,
)
from tokenward.operations.access.grant_lease import lease_stored
from tokenward.operations.context import Context
from tokenward.operations.files.editor import Editor, FileEdit
from tokenward.operations.move.plan import MovePlan
from tokenward.operations.origins import language_for, origin_name
from tokenward.rewriting.restore import plan_restore
from tokenward.rewriting.undo import UndoStep


def ensure_stored(context: Context, plans: Sequence[MovePlan], editor: Editor) -> list[MoveError | None]:
    """Store moved values again if they are gone from the keyring; where that fails, undo the edit.

    Returns:
        For each value that could not be stored again, EditRefused if its file has it as before, or else EditUncertain.
    """
    outcomes: list[MoveError | None] = [None] * len(plans)
    # The last first, because its undo steps fit the current text.
    for number, plan in reversed([*enumerate(plans)]):
        try:
            if context.vault.get(plan.reference) == plan.value:
                continue
        except VaultError as error:
            # Each further query could take as long as a keyring may.
            context.warn(f"Nobody could check whether {plan.reference} is still in the keyring: {error}")
            break
        try:
            _store_again(context, plan)
        except (VaultError, CustodyError) as error:
            outcomes[number] = _undo_edit(plan, editor, error)
        else:
            context.warn(
                f"{plan.reference} was gone from the keyring before the edit was made, and was stored again."
            )
    return outcomes


def _store_again(context: Context, plan: MovePlan) -> None:
    profile = profile_of(plan.finding.rule, plan.finding.claims)
    with context.turn():
        lease_stored(context, plan.reference, plan.fingerprint, profile)
        context.vault.put(plan.reference, plan.value)
        context.entries.add(plan.reference, plan.fingerprint, plan.finding.provider)


def _undo_edit(plan: MovePlan, editor: Editor, why: TokenwardError) -> MoveError:
    undo = dict(plan.undo)
    steps = [(file, undo.get(origin_name(file.source.origin), ())) for file in plan.files]
    try:
        files = tuple(_undo_in_file(plan, editor, file, made) for file, made in steps if made)
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


def _undo_in_file(plan: MovePlan, editor: Editor, file: FileEdit, steps: tuple[UndoStep, ...]) -> FileEdit:
    current = editor.reread(file.source)
    if current is None:
        raise RewriteRefused("The text is gone.")
    language = language_for(current)
    return FileEdit(current, plan_restore(current.text, language, steps, plan.reference, plan.value))
