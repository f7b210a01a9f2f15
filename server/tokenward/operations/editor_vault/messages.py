"""What a command asks of the server whose editor keeps the tokens, as it goes through the door and back.

An errand is a question with something to do, so that whoever has to agree is told the same.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from tokenward import errors
from tokenward.errors import TokenwardError, VaultUnavailable
from tokenward.model import Reference, Secret
from tokenward.operations.approval.approval import Question
from tokenward.operations.approval.messages import (
    FAULTS,
    Asked,
    Refusal,
    asked_of,
    fields_of,
    whole_reference,
)
from tokenward.operations.use import Purpose

LARGEST_ANSWER = 16_000_000
"""Bytes of an answer with values; no system gives a program a larger environment."""
MAY_HAVE_VALUES = frozenset({Purpose.RUN, Purpose.ENV, Purpose.GET, Purpose.INJECT, Purpose.RESTORE})
"""What a command may say that it wants values for: uses that leases are looked at for."""
_LONGEST_FAILURE = 4_000


class Work(Enum):
    """What is to be done."""

    VALUES = "values"
    """Give the values."""
    PUT = "put"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Errand:
    """Something to do with stored tokens, without who asks, which a server finds out for itself.

    Attributes:
        work: what is to be done.
        asked: for which workspace, tokens, purpose and program.
        value: what is to be stored.
    """

    work: Work
    asked: Asked
    value: Secret | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What came of an errand.

    Attributes:
        values: those that were asked for.
        changed: an entry was made, or removed.
    """

    values: Mapping[Reference, Secret] = field(default_factory=dict)
    changed: bool = False


Outcome = Done | Refusal | TokenwardError


def written(work: Work, question: Question, value: Secret | None = None) -> bytes:
    """Return an errand as a line, without its end."""
    opened = None if value is None else value.reveal()
    return json.dumps({"work": work.value, "value": opened, **fields_of(question)}).encode("ascii")


def read(line: bytes) -> Asked | Errand:
    """Return the question or the errand of a line, whoever wrote it.

    Raises:
        ValueError: it is neither.
    """
    with contextlib.suppress(*FAULTS):
        fields = json.loads(line)
        return _errand(fields) if "work" in fields else asked_of(fields)
    # Outside of the handler: what failed may hold a value.
    raise ValueError


def written_outcome(outcome: Outcome) -> bytes:
    """Return an answer as a line, without its end."""
    answer = json.dumps(_fields(outcome)).encode("ascii")
    if len(answer) < LARGEST_ANSWER:
        return answer
    return written_outcome(
        VaultUnavailable("The tokens that are asked for are too large together; ask for fewer.")
    )


def read_outcome(line: bytes) -> Outcome:
    """What a server says.

    Raises:
        ValueError: it is no answer.
    """
    with contextlib.suppress(*FAULTS):
        return _outcome(json.loads(line))
    raise ValueError


def _errand(fields: dict[str, Any]) -> Errand:
    work, value, asked = Work(fields["work"]), fields["value"], asked_of(fields)
    has_value = isinstance(value, str)
    if has_value != (work is Work.PUT) or (work is not Work.VALUES and len(asked.references) != 1):
        raise ValueError
    if work is Work.VALUES and asked.purpose not in {purpose.value for purpose in MAY_HAVE_VALUES}:
        raise ValueError
    return Errand(work, asked, Secret(value) if has_value else None)


def _fields(outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Refusal):
        return {"refusal": outcome.value}
    if isinstance(outcome, TokenwardError):
        return {"failure": type(outcome).__name__, "text": str(outcome)[:_LONGEST_FAILURE]}
    values = {str(reference): secret.reveal() for reference, secret in outcome.values.items()}
    return {"values": values, "changed": outcome.changed}


def _outcome(fields: dict[str, Any]) -> Outcome:
    if "refusal" in fields:
        return Refusal(fields["refusal"])
    if "failure" in fields:
        return _failure(fields["failure"], fields["text"])
    values = {whole_reference(name): _secret(value) for name, value in fields["values"].items()}
    return Done(values, fields["changed"] is True)


def _failure(name: str, text: str) -> TokenwardError:
    kind = getattr(errors, name, None)
    if not isinstance(text, str) or not (isinstance(kind, type) and issubclass(kind, TokenwardError)):
        raise ValueError  # noqa: TRY004 - what is read is data, and not a caller's mistake
    return kind(text)


def _secret(value: object) -> Secret:
    if not isinstance(value, str):
        raise ValueError  # noqa: TRY004 - as above
    return Secret(value)
