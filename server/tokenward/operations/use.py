"""Use: what a stored token is asked for, and by whom; what is written down of it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from tokenward.custody.callers import Caller, caller
from tokenward.custody.ledger import JSON, Event
from tokenward.errors import StateDamaged, TokenwardError
from tokenward.model import Reference
from tokenward.operations.command_words import command_words
from tokenward.operations.context import Context


class Purpose(str, Enum):
    """What the value of a reference is to be given to."""

    RUN = "run"
    ENV = "env"
    GET = "get"
    INJECT = "inject"
    RESTORE = "restore"
    ASK = "ask"
    """Its own provider, to check or revoke it."""


@dataclass(frozen=True, slots=True)
class Use:
    """What values are asked for.

    Attributes:
        purpose: what is done with them.
        caller: who asks.
        program: the resolved path of the program that gets them; None when it is none.
        command: its arguments, its own name first, as the user wrote them.
    """

    purpose: Purpose
    caller: Caller
    program: Path | None = None
    command: tuple[str, ...] = ()

    @classmethod
    def own(cls, purpose: Purpose, program: Path | None = None, command: tuple[str, ...] = ()) -> Use:
        """A use that this process was started for."""
        return cls(purpose, caller(os.getpid()), program, command)


def record_use(
    context: Context, event: Event, folder: Path, reference: Reference, use: Use, **detail: JSON
) -> None:
    """Tell the ledger of a use that was allowed or refused; a ledger that cannot be written is said, and no more."""
    details: dict[str, JSON] = {"purpose": use.purpose.value, **use.caller.to_json(), **detail}
    if use.program is not None:
        details["program"] = str(use.program)
    if use.command:
        details["command"] = command_words(use.command)
    try:
        context.ledger.record(event, reference=reference, origin=str(folder), detail=details)
    except StateDamaged as error:
        context.warn(f"The ledger does not tell of {reference}: {error}")


def refused(context: Context, folder: Path, reference: Reference, use: Use, error: TokenwardError) -> None:
    """Tell the ledger why a value was not given."""
    record_use(context, Event.REFUSED, folder, reference, use, why=type(error).__name__)
