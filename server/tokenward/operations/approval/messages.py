"""Questions to a person and what they say, as they go from a command to a language server and back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from tokenward.custody.callers.callers import Caller
from tokenward.model import Reference, references_in
from tokenward.operations.approval.approval import Answer, Question, Reply

MOST_TOKENS = 1000
"""Of one question; nobody could say yes to more and know to what."""
_MOST_ARGUMENTS = 500
_LONGEST_ARGUMENT = 4000
_LONGEST_COMMAND = 60_000
_LONGEST_WORD = 4096
_LEFT_OUT = "…"
FAULTS = (ValueError, TypeError, KeyError, RecursionError)
"""What reading a line that anybody may have written ends in."""


class Refusal(Enum):
    """Why a server brings no answer."""

    ELSEWHERE = "elsewhere"
    """The workspace is not open there."""
    MUTE = "mute"
    """Its client cannot ask, or not now."""
    BUSY = "busy"
    """It is asked too much."""
    DENIED = "denied"
    """Its user said no to the same a moment ago."""
    LATE = "late"
    """Its user said nothing."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question without who asks, which a server finds out for itself."""

    folder: Path
    references: tuple[Reference, ...]
    purpose: str
    program: Path | None
    command: tuple[str, ...]
    can_last: bool

    def by(self, caller: Caller) -> Question:
        """Return the question, asked by somebody."""
        about = (self.folder, self.references, self.purpose)
        return Question(*about, caller, self.program, self.command, self.can_last)


def written(question: Question) -> bytes:
    """Return a question as a line, without its end; a command that is too long is shortened by whole arguments."""
    return json.dumps(fields_of(question)).encode("ascii")


def fields_of(question: Question) -> dict[str, Any]:
    return {
        "folder": str(question.folder),
        "references": [str(reference) for reference in question.references],
        "purpose": question.purpose,
        "program": None if question.program is None else str(question.program),
        "command": _shortened(question.command),
        "can_last": question.can_last,
    }


def asked_of(fields: Any) -> Asked:
    """Return the question of a line's fields, whoever wrote it.

    Raises:
        ValueError: it is none.
    """
    try:
        return _asked(fields)
    except FAULTS:
        raise ValueError from None


def written_reply(reply: Reply | Refusal) -> bytes:
    if isinstance(reply, Refusal):
        return json.dumps({"refusal": reply.value}).encode("ascii")
    return json.dumps({"answer": reply.answer.value, "session": reply.session}).encode("ascii")


def read_reply(line: bytes) -> Reply | Refusal:
    """What a server says.

    Raises:
        ValueError: it is no reply.
    """
    try:
        fields = json.loads(line)
        if "refusal" in fields:
            return Refusal(fields["refusal"])
        return Reply(Answer(fields["answer"]), _word(fields["session"]))
    except FAULTS:
        raise ValueError from None


def _shortened(command: tuple[str, ...]) -> list[str]:
    """Whole arguments are left out, since the beginning of a token would not be known for one."""
    kept, room = [], _LONGEST_COMMAND
    for argument in command[:_MOST_ARGUMENTS]:
        is_short = len(argument) <= min(room, _LONGEST_ARGUMENT)
        kept.append(argument if is_short else _LEFT_OUT)
        room -= len(kept[-1])
    return kept if len(command) <= _MOST_ARGUMENTS else [*kept, _LEFT_OUT]


def _asked(fields: dict[str, Any]) -> Asked:
    references, command, program = fields["references"], fields["command"], fields["program"]
    if not isinstance(references, list) or not 0 < len(references) <= MOST_TOKENS:
        raise ValueError
    if not isinstance(command, list) or len(command) > _MOST_ARGUMENTS + 1:
        raise ValueError
    return Asked(
        _path(fields["folder"]),
        tuple(map(whole_reference, references)),
        _word(fields["purpose"]),
        None if program is None else _path(program),
        tuple(map(_word, command)),
        fields["can_last"] is True,
    )


def whole_reference(text: Any) -> Reference:
    """Return the reference that a text is.

    Raises:
        ValueError: it is none.
    """
    for span, reference in references_in(_word(text)):
        if len(span) == len(text):
            return reference
    raise ValueError


def _path(text: str) -> Path:
    path = Path(_word(text))
    if "\0" in text or not path.is_absolute():
        raise ValueError
    return path


def _word(text: str) -> str:
    if not isinstance(text, str) or len(text) > _LONGEST_WORD:
        raise ValueError
    return text
