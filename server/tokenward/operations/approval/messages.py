"""The messages with which a command asks a person at an editor: questions and replies, one per line."""

from __future__ import annotations

import json
from enum import Enum
from pathlib import Path
from typing import Any

from tokenward.custody.callers.callers import Caller
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Reference, reference_of
from tokenward.operations.approval.approval import ApprovalAnswer, ApprovalQuestion, Reply
from tokenward.operations.command_words import plain_words

MOST_TOKENS = 1000
"""The most tokens in a question; nobody could judge more."""
_MOST_ARGUMENTS = 500
_LONGEST_ARGUMENT = 4000
_LONGEST_COMMAND = 60_000
_LONGEST_WORD = 4096
_LEFT_OUT = "…"
FAULTS = (ValueError, TypeError, KeyError, RecursionError)
"""The exceptions raised while reading an untrusted line."""


class Refusal(Enum):
    """Why a server gives no answer."""

    ELSEWHERE = "elsewhere"
    """The workspace is not open there."""
    MUTE = "mute"
    """Its client cannot ask now."""
    BUSY = "busy"
    """It has been asked too often."""
    DENIED = "denied"
    """Its user has just denied the same."""
    LATE = "late"
    """Its user did not answer."""


@dataclass(frozen=True, slots=True)
class ReceivedQuestion:
    """A question without its caller, which the server determines itself."""

    folder: Path
    references: tuple[Reference, ...]
    purpose: str
    program: Path | None
    command: tuple[str, ...]
    can_last: bool
    reason: str

    def by(self, caller: Caller) -> ApprovalQuestion:
        """Return the question of a caller."""
        about = (self.folder, self.references, self.purpose)
        return ApprovalQuestion(*about, caller, self.program, self.command, self.can_last, self.reason)


def written(question: ApprovalQuestion) -> bytes:
    """Return a question as a line without its end; a command that is too long loses whole arguments."""
    return json.dumps(fields_of(question)).encode("ascii")


def fields_of(question: ApprovalQuestion) -> dict[str, Any]:
    """Return the fields of a question's line."""
    return {
        "folder": str(question.folder),
        "references": [str(reference) for reference in question.references],
        "purpose": question.purpose,
        "program": None if question.program is None else str(question.program),
        "command": _shortened(question.command),
        "can_last": question.can_last,
        "reason": question.reason[:_LONGEST_ARGUMENT],
    }


def question_of(fields: Any) -> ReceivedQuestion:
    """Parse the question in the fields of an untrusted line.

    Raises:
        ValueError: it is not one.
    """
    try:
        references, command, program = fields["references"], fields["command"], fields["program"]
        are_lists = isinstance(references, list) and isinstance(command, list)
        if are_lists and 0 < len(references) <= MOST_TOKENS and len(command) <= _MOST_ARGUMENTS + 1:
            return ReceivedQuestion(
                _path(fields["folder"]),
                tuple(map(whole_reference, references)),
                _word(fields["purpose"]),
                None if program is None else _path(program),
                tuple(map(_word, command)),
                fields["can_last"] is True,
                plain_words(_word(fields["reason"])),
            )
    except FAULTS:
        pass
    raise ValueError


def written_reply(reply: Reply | Refusal) -> bytes:
    """Return a reply or refusal as a line."""
    if isinstance(reply, Refusal):
        return json.dumps({"refusal": reply.value}).encode("ascii")
    return json.dumps({"answer": reply.answer.value, "session": reply.session}).encode("ascii")


def read_reply(line: bytes) -> Reply | Refusal:
    """Return the reply of a server.

    Raises:
        ValueError: it is not a reply.
    """
    try:
        fields = json.loads(line)
        if "refusal" in fields:
            return Refusal(fields["refusal"])
        return Reply(ApprovalAnswer(fields["answer"]), _word(fields["session"]))
    except FAULTS:
        raise ValueError from None


def _shortened(command: tuple[str, ...]) -> list[str]:
    """Leave out whole arguments, because a part of a token would not be recognised."""
    words, room = [], _LONGEST_COMMAND
    for argument in command[:_MOST_ARGUMENTS]:
        is_short = len(argument) <= min(room, _LONGEST_ARGUMENT)
        words.append(argument if is_short else _LEFT_OUT)
        room -= len(words[-1])
    return words if len(command) <= _MOST_ARGUMENTS else [*words, _LEFT_OUT]


def whole_reference(text: Any) -> Reference:
    """Parse a reference.

    Raises:
        ValueError: it is not one.
    """
    reference = reference_of(_word(text))
    if reference is None:
        raise ValueError
    return reference


def _path(text: str) -> Path:
    path = Path(_word(text))
    if "\0" in text or not path.is_absolute():
        raise ValueError
    return path


def _word(text: str) -> str:
    if not isinstance(text, str) or len(text) > _LONGEST_WORD:
        raise ValueError
    return text
