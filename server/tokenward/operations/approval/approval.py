"""Asks a person whether stored tokens may be used now."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Protocol

from tokenward.custody.callers.callers import Caller
from tokenward.errors import ApprovalUnavailable
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Reference

ANSWER_SECONDS = 120.0
"""Seconds for which a question waits for an answer."""
DENIED_SECONDS = 60.0
"""Seconds for which a denial counts for the same program in the same folder."""


class ApprovalAnswer(Enum):
    """The answer of a person."""

    ONCE = "once"
    SESSION = "session"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Reply:
    """A person's reply.

    Attributes:
        session: the mark of the session for which an answer `SESSION` counts; empty for the other answers.
    """

    answer: ApprovalAnswer
    session: str = ""


@dataclass(frozen=True, slots=True)
class ApprovalQuestion:
    """The question of whether stored tokens may be used.

    Attributes:
        purpose: the value of a `Purpose`.
        program: the path of the program that gets them, if any.
        command: its arguments, starting with its own name, which may contain tokens.
        can_last: an answer for the whole session is possible.
        reason: why the caller wants them, in its own words, which prove nothing; holds no token.
    """

    folder: Path
    references: tuple[Reference, ...]
    purpose: str
    caller: Caller
    program: Path | None
    command: tuple[str, ...]
    can_last: bool
    reason: str = ""


class Approver(Protocol):
    """Asks a person."""

    def ask(self, question: ApprovalQuestion) -> Reply:
        """Return the person's reply.

        Raises:
            ApprovalUnavailable: nobody can be asked here.
        """


class NoApprover:
    """An Approver for use where nobody can be asked."""

    def ask(self, question: ApprovalQuestion) -> Reply:
        names = ", ".join(reference.name for reference in question.references)
        raise ApprovalUnavailable(
            f"{names} may be used only if a person approves, and nobody can be asked here; run `tokenward approve` in "
            "a terminal of your own, then try again."
        )
