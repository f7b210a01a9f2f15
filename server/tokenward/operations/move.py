"""The transaction that moves a token into the keyring.

Find it again, plan, store, read back, edit, confirm, or put everything back. The value is in the keyring, and read
back equal, before a character of the file changes; whatever fails, it stands in the file, the keyring, or both.
"""

from __future__ import annotations

from dataclasses import dataclass

from tokenward.custody.ledger import JSON
from tokenward.errors import EditUncertain, NameTaken, TokenwardError
from tokenward.model import Reference
from tokenward.operations.context import Context
from tokenward.operations.editor import Editor
from tokenward.operations.plan import MovePlan, MoveRequest, origin_name, plan_move, preferred_workspace

_MOST_NAMES_TRIED = 20


@dataclass(frozen=True, slots=True)
class Moved:
    """A move that is done.

    Attributes:
        token: what a person calls the token.
        reference: what stands for it now.
        count: how many occurrences were replaced.
        files: the names of the files that were edited.
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
    while True:
        plan = plan_move(context, request, editor, workspace, taken)
        try:
            return _carry_out(context, request, plan, editor)
        except NameTaken:
            # The keyring has an entry that our records do not know.
            if request.name is not None or len(taken) >= _MOST_NAMES_TRIED:
                raise
            taken |= {plan.reference.name}


def _carry_out(context: Context, request: MoveRequest, plan: MovePlan, editor: Editor) -> Moved:
    origin = origin_name(request.source.origin)
    detail: dict[str, JSON] = {
        "undo": {name: [step.to_json() for step in steps] for name, steps in plan.undo},
        "found_as": request.fingerprint,
        "provider": plan.provider,
    }
    move_id = context.ledger.begin_move(plan.reference, plan.fingerprint, origin, detail)
    try:
        made = context.vault.put(plan.reference, plan.value)
    except TokenwardError as error:
        context.ledger.undo_move(move_id, type(error).__name__)
        raise
    try:
        context.entries.add(plan.reference, plan.fingerprint, plan.provider)
        context.ledger.stored(move_id)
        editor.apply(plan.files, f"Move {plan.token} to the keyring")
    except EditUncertain:
        raise
    except TokenwardError as error:
        _put_back(context, request, plan, editor, made=made)
        context.ledger.undo_move(move_id, type(error).__name__)
        raise
    context.ledger.confirm_move(move_id, detail)
    names = tuple(file.source.origin.path.name for file in plan.files if file.source.origin.path is not None)
    return Moved(plan.token, plan.reference, plan.count, names)


def _put_back(context: Context, request: MoveRequest, plan: MovePlan, editor: Editor, *, made: bool) -> None:
    """Delete what this move stored, but only while the token is seen to stand in the text."""
    if not made:
        return
    current = editor.reread(request.source)
    if current is None or not context.scanner.locate(current, request.fingerprint):
        raise EditUncertain(
            f"The edit failed and the token is not seen in the file any more; its value is kept as {plan.reference}."
        )
    context.vault.delete(plan.reference)
    context.entries.remove(plan.reference)
