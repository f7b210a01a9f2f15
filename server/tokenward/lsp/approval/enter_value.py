"""Has the client's user enter the value of a token that a command needs, and stores it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from tokenward.errors import ApprovalDenied, TokenwardError
from tokenward.lsp.approval.ask_user import Approvals
from tokenward.lsp.client.vault_access import VaultAccess
from tokenward.model import Reference
from tokenward.operations.access.put import put
from tokenward.operations.approval.approval import ApprovalAnswer, ApprovalQuestion
from tokenward.operations.approval.messages import Refusal
from tokenward.operations.editor_vault.messages import VaultOutcome, VaultResponse
from tokenward.presentation import approvals as words


async def enter_value(
    vault: VaultAccess,
    approvals: Approvals,
    question: ApprovalQuestion,
    is_gone: Callable[[], bool],
) -> VaultOutcome:
    """Ask for the value of the question's token and store it; the command that asks gets no value.

    Args:
        vault: where the value is stored.
        approvals: asks first, so that no program can wear a user down with prompts.
        question: the token, and who asks.
        is_gone: returns whether nothing waits for the answer now.
    """
    (reference,), folder = question.references, question.folder
    if not vault.can_ask_hidden:
        return Refusal.MUTE
    # A path through a link or `..` could be in an open folder but lead to a folder that is not open.
    if await approvals.in_thread(lambda: Path(os.path.realpath(folder))) != folder:
        return Refusal.ELSEWHERE
    answer = await approvals.ask(replace(question, can_last=False), is_gone)
    if isinstance(answer, Refusal):
        return answer
    if answer.answer is ApprovalAnswer.DENY:
        return ApprovalDenied(words.not_entered(reference.name))
    # Not cancelled with the command, because a prompt stays shown and the user may be typing.
    return await asyncio.shield(_stored(vault, reference, folder, question.caller.possible_agent))


async def _stored(vault: VaultAccess, reference: Reference, folder: Path, agent: str) -> VaultOutcome:
    try:
        secret = await vault.ask_hidden(words.enter_prompt(reference.name, agent))
        if secret is None:
            return ApprovalDenied(words.not_entered(reference.name))
        work = partial(put, folder=folder, name=reference.name, secret=secret)
        stored = await vault.run_in(folder, work)
    except TokenwardError as error:
        return error
    return Refusal.MUTE if stored is None else VaultResponse(changed=stored[1])
