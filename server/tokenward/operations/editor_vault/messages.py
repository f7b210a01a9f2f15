"""The messages between a command and the server whose editor stores the tokens, one per line.

A request is a question with an action, so that the person who has to approve it sees the same text.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import field
from enum import Enum
from typing import Any

from tokenward import errors
from tokenward.errors import TokenwardError, VaultUnavailable
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Reference, Secret
from tokenward.operations.approval.approval import ApprovalQuestion
from tokenward.operations.approval.messages import (
    FAULTS,
    ReceivedQuestion,
    Refusal,
    fields_of,
    question_of,
    whole_reference,
)
from tokenward.operations.use import Purpose

LARGEST_ANSWER = 16_000_000
"""Bytes of an answer with values; no system allows a larger environment."""
MAY_HAVE_VALUES = frozenset(
    {Purpose.RUN, Purpose.ENV, Purpose.GET, Purpose.INJECT, Purpose.CREDENTIAL, Purpose.RESTORE}
)
"""The purposes for which a command may get values, which are those that leases are checked for."""
_LONGEST_FAILURE = 4_000


class VaultAction(Enum):
    """The action to take."""

    VALUES = "values"
    """Return the values."""
    ENTER = "enter"
    """Have the user enter a value, and store it, in whatever vault."""
    PUT = "put"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class VaultRequest:
    """An action on stored tokens, without its caller, which the server determines itself."""

    action: VaultAction
    question: ReceivedQuestion
    value: Secret | None = None


@dataclass(frozen=True, slots=True)
class VaultResponse:
    """The response to a request.

    Attributes:
        changed: an entry was created or removed.
    """

    values: Mapping[Reference, Secret] = field(default_factory=dict)
    changed: bool = False


VaultOutcome = VaultResponse | Refusal | TokenwardError


def written(action: VaultAction, question: ApprovalQuestion, value: Secret | None = None) -> bytes:
    """Return a request as a line, without its end."""
    opened = None if value is None else value.reveal()
    return json.dumps({"work": action.value, "value": opened, **fields_of(question)}).encode("ascii")


def read(line: bytes) -> ReceivedQuestion | VaultRequest:
    """Return the question or the request in an untrusted line.

    Raises:
        ValueError: it is neither.
    """
    with contextlib.suppress(*FAULTS):
        fields = json.loads(line)
        return _request(fields) if "work" in fields else question_of(fields)
    # Raised outside the handler, because the failed line may contain a value.
    raise ValueError


def written_outcome(outcome: VaultOutcome) -> bytes:
    """Return an answer as a line, without its end."""
    fields: dict[str, Any]
    if isinstance(outcome, Refusal):
        fields = {"refusal": outcome.value}
    elif isinstance(outcome, TokenwardError):
        fields = {"failure": type(outcome).__name__, "text": str(outcome)[:_LONGEST_FAILURE]}
    else:
        values = {str(reference): secret.reveal() for reference, secret in outcome.values.items()}
        fields = {"values": values, "changed": outcome.changed}
    answer = json.dumps(fields).encode("ascii")
    if len(answer) < LARGEST_ANSWER:
        return answer
    return written_outcome(VaultUnavailable("The requested tokens are too large together; request fewer."))


def read_outcome(line: bytes) -> VaultOutcome:
    """Return the answer of a server.

    Raises:
        ValueError: it is not an answer.
    """
    with contextlib.suppress(*FAULTS):
        return _outcome(json.loads(line))
    raise ValueError


def _request(fields: dict[str, Any]) -> VaultRequest:
    action, value, question = VaultAction(fields["work"]), fields["value"], question_of(fields)
    has_value = isinstance(value, str)
    is_one = action is VaultAction.VALUES or len(question.references) == 1
    if has_value != (action is VaultAction.PUT) or not is_one:
        raise ValueError
    if (action is VaultAction.ENTER) != (question.purpose == Purpose.ENTER.value):
        raise ValueError
    if action is VaultAction.VALUES and question.purpose not in {
        purpose.value for purpose in MAY_HAVE_VALUES
    }:
        raise ValueError
    return VaultRequest(action, question, Secret(value) if has_value else None)


def _outcome(fields: dict[str, Any]) -> VaultOutcome:
    if "refusal" in fields:
        return Refusal(fields["refusal"])
    if "failure" in fields:
        kind, text = getattr(errors, fields["failure"], None), fields["text"]
        if not isinstance(text, str) or not (isinstance(kind, type) and issubclass(kind, TokenwardError)):
            raise ValueError
        return kind(text)
    if not all(isinstance(value, str) for value in fields["values"].values()):
        raise ValueError
    values = {whole_reference(name): Secret(value) for name, value in fields["values"].items()}
    return VaultResponse(values, fields["changed"] is True)
