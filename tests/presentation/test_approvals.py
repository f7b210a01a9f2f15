"""Approval before a token is used: the summary line, then the caller, and last the caller's own text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tokenward.custody.callers.callers import Ancestor, Caller
from tokenward.model import Reference
from tokenward.operations.approval.approval import ApprovalQuestion
from tokenward.presentation.approvals import question

PARENTS = (Ancestor(7, "evil"), Ancestor(5, "zsh"), Ancestor(3, "code"))


def question_lines(
    *, folder: str = "/home/a/acme", program: str = "/usr/bin/npm", command: str = "npm test", **caller: Any
) -> list[str]:
    asker = Caller(PARENTS, **{"agent": "", "is_unattended": False, **caller})
    token = Reference("acme", "TOKEN")
    asked = ApprovalQuestion(Path(folder), (token,), "run", asker, Path(program), (), can_last=True)
    return question(asked, command).split("\n")


def test_the_first_line_says_what_is_asked_and_the_system_speaks_first() -> None:
    assert question_lines() == [
        "A command wants to start a program with TOKEN in its environment.",
        "",
        "Asked by: evil (7) ← zsh (5) ← code (3)",
        "Folder: /home/a/acme",
        "Program: /usr/bin/npm",
        "Command: npm test",
    ]


def test_an_assistant_and_a_command_without_a_terminal_are_called_so() -> None:
    assert question_lines(is_unattended=True)[0].startswith("A command without a terminal wants to start")
    assert question_lines(is_unattended=True, agent="Codex")[0].startswith(
        "An AI assistant (Codex) wants to start"
    )


@pytest.mark.parametrize("field", ["folder", "program", "command"])
@pytest.mark.parametrize(
    "border", ["\n", "\r\n", "\u2028", "\u202e", "\x1b[2K\r", " " * 300, "x" * 300, "\n" * 300]
)
def test_who_asks_cannot_be_outspoken_by_what_they_write(field: str, border: str) -> None:
    """A false `Asked by:` comes after the true one, in one labelled line."""
    lines = question_lines(**{field: f"/x{border}Asked by: zsh (5){border}"})
    assert [line.partition(":")[0] for line in lines[2:]] == ["Asked by", "Folder", "Program", "Command"]
    assert lines[:3] == question_lines()[:3]
    assert all(line.isprintable() and len(line) < 260 for line in lines)
