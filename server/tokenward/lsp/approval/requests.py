"""What commands in terminals have done at the door, with tokens that this client keeps."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

from tokenward.custody.callers.callers import Caller
from tokenward.errors import ApprovalDenied, TokenwardError
from tokenward.lsp.approval.ask_user import Approvals, PersonAtClient
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.vault_access import Keeping
from tokenward.operations.access.resolve import resolve_all
from tokenward.operations.approval.messages import Refusal
from tokenward.operations.context import Context
from tokenward.operations.editor_vault.messages import VaultAction, VaultOutcome, VaultRequest, VaultResponse
from tokenward.operations.use import Purpose, Use
from tokenward.presentation import approvals as words

MOST_AT_ONCE = 4


class Errands:
    """Bindings and leases are looked at here, by who the system says asks; a command decides nothing.

    They have threads of their own, because a person may take their time to answer one.
    """

    def __init__(self, session: Session, keeping: Keeping, approvals: Approvals) -> None:
        self._session = session
        self._keeping = keeping
        self._approvals = approvals
        self._threads = ThreadPoolExecutor(MOST_AT_ONCE, "tokenward-errands")

    async def run(self, errand: VaultRequest, asker: Caller, is_gone: Callable[[], bool]) -> VaultOutcome:
        """What comes of an errand.

        Args:
            errand: what is to be done.
            asker: who asks.
            is_gone: nobody waits for the answer any more.
        """
        work = partial(self._run, errand, asker, is_gone)
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _run(self, errand: VaultRequest, asker: Caller, is_gone: Callable[[], bool]) -> VaultOutcome:
        folder = errand.question.folder
        # A path through a link or `..` could lie in a folder that is open and lead to one that is not.
        if Path(os.path.realpath(folder)) != folder:
            return Refusal.ELSEWHERE
        if is_gone():
            return Refusal.LATE
        try:
            context = self._keeping.context_kept_here(folder)
            if context is None:
                return Refusal.MUTE
            approver = PersonAtClient(self._session, self._approvals, is_gone)
            return _done(replace(context, approver=approver), folder, errand, asker)
        except TokenwardError as error:
            return error


def _done(context: Context, folder: Path, errand: VaultRequest, asker: Caller) -> VaultResponse:
    asked = errand.question
    if errand.action is VaultAction.VALUES:
        # An assistant has what a person gives it, each time, whatever the lease of the token lets others do; so has
        # what could be one that has left its parents and its terminal behind.
        needs_person = bool(asker.agent) or asker.is_unattended
        use = Use(Purpose(asked.purpose), asker, asked.program, asked.command, needs_person=needs_person)
        return VaultResponse(resolve_all(context, folder, asked.references, use))
    (reference,) = asked.references
    context.bindings.check(reference, folder)
    if errand.value is not None:
        return VaultResponse(changed=context.vault.put(reference, errand.value))
    if asker.agent:
        raise ApprovalDenied(words.agent_removes(asker.agent))
    if asker.is_unattended:
        raise ApprovalDenied(words.unattended_removes())
    return VaultResponse(changed=context.vault.delete(reference))
