"""Requests of commands in terminals for tokens that this client keeps."""

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
from tokenward.lsp.client.vault_access import VaultAccess
from tokenward.model import Reference
from tokenward.operations.approval.approval import ApprovalAnswer, ApprovalQuestion
from tokenward.operations.approval.messages import Refusal
from tokenward.operations.context import Context
from tokenward.operations.editor_vault.messages import VaultAction, VaultOutcome, VaultRequest, VaultResponse
from tokenward.operations.use import Purpose, Use
from tokenward.presentation import approvals as words

MOST_AT_ONCE = 4


class EditorVaultRequests:
    """Checks bindings and leases here, for the caller that the system reports; the command decides nothing.

    Requests have their own threads, because a person may take a while to approve one.
    """

    def __init__(self, session: Session, vault: VaultAccess, approvals: Approvals) -> None:
        self._session = session
        self._vault_access = vault
        self._approvals = approvals
        self._threads = ThreadPoolExecutor(MOST_AT_ONCE, "tokenward-errands")

    async def run(self, request: VaultRequest, asker: Caller, is_gone: Callable[[], bool]) -> VaultOutcome:
        """Carry out a request.

        Args:
            request: what to do.
            asker: the process that makes the request.
            is_gone: returns whether nothing waits for the answer now.
        """
        if request.action is VaultAction.ENTER:
            return await self._enter(request.question.by(asker), is_gone)
        work = partial(self._run, request, asker, is_gone)
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _enter(self, question: ApprovalQuestion, is_gone: Callable[[], bool]) -> VaultOutcome:
        """Have the user enter the value of a token, and store it; the command that asks gets no value."""
        (reference,), folder = question.references, question.folder
        if not self._vault_access.can_ask_hidden:
            return Refusal.MUTE
        if await self._approvals.in_thread(partial(_leads_elsewhere, folder)):
            return Refusal.ELSEWHERE
        # The user approves first, so that no program can wear a user down with prompts.
        answer = await self._approvals.ask(replace(question, can_last=False), is_gone)
        if isinstance(answer, Refusal):
            return answer
        if answer.answer is ApprovalAnswer.DENY:
            return ApprovalDenied(words.not_entered(reference.name))
        # Not cancelled with the command, because a prompt stays shown and the user may be typing.
        return await asyncio.shield(self._store_entered(reference, folder, question.caller.possible_agent))

    async def _store_entered(self, reference: Reference, folder: Path, agent: str) -> VaultOutcome:
        try:
            secret = await self._vault_access.ask_hidden(words.enter_prompt(reference.name, agent))
            if secret is None:
                return ApprovalDenied(words.not_entered(reference.name))
            from tokenward.operations.access.put import put  # noqa: PLC0415 - later than the start

            store = partial(put, folder=folder, name=reference.name, secret=secret)
            stored = await self._vault_access.run_in(folder, store)
        except TokenwardError as error:
            return error
        return Refusal.MUTE if stored is None else VaultResponse(changed=stored[1])

    def _run(self, request: VaultRequest, asker: Caller, is_gone: Callable[[], bool]) -> VaultOutcome:
        folder = request.question.folder
        if _leads_elsewhere(folder):
            return Refusal.ELSEWHERE
        if is_gone():
            return Refusal.LATE
        try:
            context = self._vault_access.editor_vault_context(folder)
            if context is None:
                return Refusal.MUTE
            approver = PersonAtClient(self._session, self._approvals, is_gone)
            return _done(replace(context, approver=approver), folder, request, asker)
        except TokenwardError as error:
            return error


def _leads_elsewhere(folder: Path) -> bool:
    """Return whether a path has a link or `..` in it, by which one in an open folder could lead to another folder."""
    return Path(os.path.realpath(folder)) != folder


def _done(context: Context, folder: Path, request: VaultRequest, asker: Caller) -> VaultResponse:
    asked = request.question
    if request.action is VaultAction.VALUES:
        from tokenward.operations.access.resolve import resolve_all  # noqa: PLC0415 - later than the start

        # An assistant, or a process that could be detached from one, needs a person's approval each time,
        # whatever the token's lease allows.
        needs_person = bool(asker.possible_agent) or asker.is_unattended
        use = Use(
            Purpose(asked.purpose), asker, asked.program, asked.command, needs_person, reason=asked.reason
        )
        return VaultResponse(resolve_all(context, folder, asked.references, use))
    (reference,) = asked.references
    context.bindings.check(reference, folder)
    if request.value is not None:
        return VaultResponse(changed=context.vault.put(reference, request.value))
    if asker.possible_agent:
        raise ApprovalDenied(words.agent_removes(asker.possible_agent))
    if asker.is_unattended:
        raise ApprovalDenied(words.UNATTENDED_REMOVES)
    return VaultResponse(changed=context.vault.delete(reference))
