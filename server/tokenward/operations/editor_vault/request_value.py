"""Asks the person at the editor to enter the value of a token."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from tokenward.custody.sockets.client import send_request
from tokenward.custody.sockets.registry import sockets_for
from tokenward.errors import ApprovalUnavailable, TokenwardError
from tokenward.model import Reference
from tokenward.operations.approval.approval import ApprovalQuestion
from tokenward.operations.approval.ask_editor import PATIENCE, WAITING, failure_of
from tokenward.operations.approval.messages import Refusal
from tokenward.operations.editor_vault.messages import VaultAction, read_outcome, written
from tokenward.operations.use import Use


def request_value(
    records: Path, folder: Path, reference: Reference, use: Use, notify: Callable[[str], None]
) -> bool:
    """Have a person enter the value of a token in the editor, which stores it; return whether it is new.

    Args:
        records: the folder in which running servers record their sockets.
        folder: the workspace.
        reference: the token; the editor chooses its workspace's name.
        use: who asks, and why; its purpose is `ENTER`.
        notify: takes a sentence for the person who waits.

    Raises:
        TokenwardError: nothing was stored.
    """
    real = Path(os.path.realpath(folder))
    about = (real, (reference,), use.purpose.value)
    question = ApprovalQuestion(*about, use.caller, None, (), can_last=False, reason=use.reason)
    found = sockets_for(records, real)
    if found:
        notify(WAITING)
    for socket in found:
        try:
            outcome = read_outcome(send_request(socket, written(VaultAction.ENTER, question), PATIENCE))
        except (OSError, ValueError):
            continue
        if isinstance(outcome, TokenwardError):
            raise outcome
        failure = failure_of(outcome) if isinstance(outcome, Refusal) else None
        if failure is not None:
            raise failure
        if not isinstance(outcome, Refusal):
            return outcome.changed
    raise ApprovalUnavailable(
        f"No editor that has {folder.name} open can ask for the value of {reference.name}; ask the user to run "
        f"`tokenward put {reference.name}` in a terminal."
    )
