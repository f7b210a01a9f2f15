"""Use: what a stored token is asked for, and by whom; what is written down of it."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tokenward.custody.callers.callers import Caller, caller
from tokenward.custody.ledger.ledger import JSON, Event, Happening
from tokenward.errors import CustodyError, VaultError
from tokenward.model import Reference
from tokenward.operations.command_words import command_words
from tokenward.operations.context import Context
from tokenward.operations.recording import note
from tokenward.operations.token_names import require_known


class Purpose(StrEnum):
    """What the value of a reference is to be given to."""

    RUN = "run"
    LAUNCH = "launch"
    """A program that an editor starts, such as one that is debugged."""
    ENV = "env"
    GET = "get"
    INJECT = "inject"
    RESTORE = "restore"
    REMOVE = "remove"
    """Nobody: it is deleted."""
    RENAME = "rename"
    """Nobody: it is stored under another name."""
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
        needs_person: somebody has to agree to it each time, whatever the leases say.
    """

    purpose: Purpose
    caller: Caller
    program: Path | None = None
    command: tuple[str, ...] = ()
    needs_person: bool = False

    @classmethod
    def own(cls, purpose: Purpose, program: Path | None = None, command: tuple[str, ...] = ()) -> Use:
        """A use that this process was started for."""
        return cls(purpose, caller(os.getpid()), program, command)


def record_uses(
    context: Context, event: Event, folder: Path, references: Collection[Reference], use: Use, **detail: JSON
) -> None:
    """Tell the ledger of uses that were allowed or refused; a ledger that cannot be written is said, and no more."""
    details: dict[str, JSON] = {"purpose": use.purpose.value, **use.caller.to_json(), **detail}
    if use.program is not None:
        details["program"] = str(use.program)
    if use.command:
        details["command"] = command_words(use.command)
    uses = [Happening(event, reference, None, str(folder), None, details) for reference in references]
    # All in one, or a ledger that another program holds would make each of many wait.
    note(context, ", ".join(map(str, references)), *uses)


@contextmanager
def refusals(context: Context, folder: Path, references: Collection[Reference], use: Use) -> Iterator[None]:
    """Tell the ledger of each failure in the block, by which values are not given.

    Raises:
        CustodyError: a name is a token, of which the ledger is not told.
    """
    require_known(context.entries, references)
    try:
        yield
    except (CustodyError, VaultError) as error:
        record_uses(context, Event.REFUSED, folder, references, use, why=type(error).__name__)
        raise
