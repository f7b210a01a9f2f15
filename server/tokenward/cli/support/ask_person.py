"""Asking a person before a token is used: at the editor that has the workspace open, else at the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tokenward.cli.support.person import ask_in_terminal, has_terminal
from tokenward.cli.support.terminal import say
from tokenward.presentation import approvals as words

if TYPE_CHECKING:
    from tokenward.operations.approval.approval import ApprovalAnswer, ApprovalQuestion, Reply
    from tokenward.places import Places


@dataclass(frozen=True, slots=True)
class NearestPerson:
    """Whoever can be asked for this command."""

    places: Places

    def ask(self, question: ApprovalQuestion) -> Reply:
        """What the person says.

        Raises:
            LeaseRefused: nobody can be asked, or nobody answered.
        """
        from tokenward.custody.sockets.registry import folder_in
        from tokenward.operations.approval.approval import NoApprover
        from tokenward.operations.approval.ask_editor import ask_editors

        reply = ask_editors(folder_in(self.places.data_dir), question, lambda text: say(f"tokenward: {text}"))
        if reply is not None:
            return reply
        if not has_terminal():
            return NoApprover().ask(question)
        return self._in_terminal(question)

    def _in_terminal(self, question: ApprovalQuestion) -> Reply:
        from tokenward.custody.leases.sessions import Sessions
        from tokenward.errors import ApprovalUnavailable
        from tokenward.operations.approval.approval import ApprovalAnswer, Reply

        names = [reference.name for reference in question.references]
        # It sits at the same terminal as far as the system can tell.
        if question.caller.agent:
            raise ApprovalUnavailable(words.agent_in_terminal(names, question.caller.agent))
        answer = _answer(f"{_text(question, names)}\n{words.terminal_prompt(can_last=question.can_last)}")
        session = Sessions(self.places.sessions).login() if answer is ApprovalAnswer.SESSION else ""
        return Reply(answer, session)


def _text(question: ApprovalQuestion, names: list[str]) -> str:
    from tokenward.operations.command_words import command_words

    return words.question(
        names,
        str(question.folder),
        question.purpose,
        agent="",
        is_unattended=question.caller.is_unattended,
        parents=[f"{one.name} ({one.pid})" for one in question.caller.chain],
        program=None if question.program is None else str(question.program),
        command=command_words(question.command),
    )


def _answer(text: str) -> ApprovalAnswer:
    """What a person types; anything but the name of an answer, or its first letter, is a no."""
    from tokenward.errors import ApprovalUnavailable
    from tokenward.operations.approval.approval import ApprovalAnswer

    line = ask_in_terminal(f"tokenward: {text}")
    if line is None:
        raise ApprovalUnavailable(words.NO_ANSWER_IN_TERMINAL)
    typed = line.strip().casefold()
    return next(
        (one for one in ApprovalAnswer if typed and typed in (one.value, one.value[0])), ApprovalAnswer.DENY
    )
