"""Asks the person at the editor that has the workspace open."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tokenward.custody.sockets.client import LARGEST_MESSAGE, send_request
from tokenward.custody.sockets.registry import remove_dead, sockets_for
from tokenward.errors import ApprovalDenied, ApprovalUnavailable, LeaseRefused
from tokenward.operations.approval.approval import ANSWER_SECONDS, DENIED_SECONDS, ApprovalQuestion, Reply
from tokenward.operations.approval.messages import MOST_TOKENS, Refusal, read_reply, written

WAITING = (
    "Waiting for your answer in the editor that has this workspace open, or where `tokenward approve` runs."
)
NO_ANSWER = f"Nobody answered within {ANSWER_SECONDS:.0f} s; try again when you are there."
DENIED_BEFORE = f"You just denied this; if you meant to agree, try again after {DENIED_SECONDS:.0f} s."
ASKED_TOO_MUCH = (
    "You are asked for tokens too often; answer the question that is shown, and try again in a minute."
)
PATIENCE = 270.0
"""Seconds to wait for a server, which gives up earlier."""


def ask_editors(records: Path, question: ApprovalQuestion, notify: Callable[[str], None]) -> Reply | None:
    """Return the person's reply at the nearest editor on record that can ask; None without such an editor.

    Raises:
        LeaseRefused: a person was asked and gave no answer that counts, or has been asked too often.
    """
    question = replace(question, folder=Path(os.path.realpath(question.folder)))
    message, found = written(question), sockets_for(records, question.folder)
    if found:
        if len(question.references) > MOST_TOKENS or len(message) >= LARGEST_MESSAGE:
            raise ApprovalUnavailable(too_many_tokens(MOST_TOKENS))
        notify(WAITING)
    for socket in found:
        try:
            reply = read_reply(send_request(socket, message, PATIENCE))
        except (OSError, ValueError):
            continue
        if isinstance(reply, Reply):
            return reply
        failure = failure_of(reply)
        if failure is not None:
            raise failure
    remove_dead(records)
    return None


def failure_of(refusal: Refusal) -> LeaseRefused | None:
    """Return the error for a refusal; None for one after which another editor can be asked."""
    if refusal is Refusal.BUSY:
        return ApprovalUnavailable(ASKED_TOO_MUCH)
    if refusal is Refusal.DENIED:
        return ApprovalDenied(DENIED_BEFORE)
    return ApprovalUnavailable(NO_ANSWER) if refusal is Refusal.LATE else None


def too_many_tokens(most: int) -> str:
    """Return the message for a request for too many tokens."""
    return f"More than {most:,} tokens are requested at once, more than anybody can approve; request fewer."
