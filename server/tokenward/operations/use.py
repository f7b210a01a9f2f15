"""Use: what a stored token is asked for, and by whom; what is written down of it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tokenward.custody.callers.callers import Caller, caller


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
        """Return a use that this process was started for."""
        return cls(purpose, caller(os.getpid()), program, command)
