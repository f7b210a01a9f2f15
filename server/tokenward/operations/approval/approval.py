"""Asking a person whether stored tokens may be used now."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol

from tokenward.custody.callers.callers import Caller
from tokenward.errors import ApprovalUnavailable
from tokenward.model import Reference

ANSWER_SECONDS = 120.0
"""How long a question waits for an answer."""
DENIED_SECONDS = 60.0
"""How long an answer of no counts for the same program in the same folder."""


class Answer(Enum):
    """What a person says."""

    ONCE = "once"
    SESSION = "session"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a person said.

    Attributes:
        answer: what may be done.
        session: the mark of the session for which an answer `SESSION` counts; empty for the other answers.
    """

    answer: Answer
    session: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What a person is asked.

    Attributes:
        folder: the workspace whose tokens are asked for.
        references: the tokens.
        purpose: what is done with them, as `Purpose` spells it.
        caller: who asks.
        program: the path of the program that gets them; None when it is none.
        command: its arguments, its own name first; they may hold tokens.
        can_last: an answer for the whole session is possible.
    """

    folder: Path
    references: tuple[Reference, ...]
    purpose: str
    caller: Caller
    program: Path | None
    command: tuple[str, ...]
    can_last: bool


class Approver(Protocol):
    """Someone who can be asked."""

    def ask(self, question: Question) -> Reply:
        """What the person says.

        Raises:
            ApprovalUnavailable: nobody can be asked here.
        """


class Nobody:
    """Where nobody can be asked."""

    def ask(self, question: Question) -> Reply:
        names = ", ".join(reference.name for reference in question.references)
        raise ApprovalUnavailable(
            f"{names} may be used only when a person agrees, and nobody can be asked here; open the folder in an "
            "editor with Tokenward, or run the command in a terminal."
        )
