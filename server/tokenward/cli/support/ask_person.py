"""Asking a person before a token is used: in the editor that has the workspace open, otherwise in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokenward.cli.support.person import ask_in_terminal, has_terminal
from tokenward.cli.support.terminal import note
from tokenward.custody.callers.asker import require_own_command
from tokenward.fast_dataclasses import dataclass
from tokenward.presentation import approvals as words

if TYPE_CHECKING:
    from tokenward.operations.approval.approval import ApprovalQuestion, Reply
    from tokenward.places import Places


@dataclass(frozen=True, slots=True)
class InteractiveApprover:
    """Asks for approval in an editor or in this terminal."""

    places: Places

    def ask(self, question: ApprovalQuestion) -> Reply:
        """Return a person's answer.

        Raises:
            LeaseRefused: nobody can be asked, or nobody answered.
        """
        from tokenward.custody.sockets.registry import folder_in
        from tokenward.errors import ApprovalUnavailable
        from tokenward.operations.approval.approval import NoApprover
        from tokenward.operations.approval.ask_editor import ask_editors

        # An editor would take the daemon for the asker.
        require_own_command()
        reply = ask_editors(folder_in(self.places.data_dir), question, note)
        if reply is not None:
            return reply
        # An agent may control this very terminal.
        if agent := question.caller.possible_agent:
            names = [reference.name for reference in question.references]
            raise ApprovalUnavailable(words.agent_needs_editor(names, agent))
        if not has_terminal():
            return NoApprover().ask(question)
        return ask_here(self.places, question)


def ask_here(places: Places, question: ApprovalQuestion) -> Reply:
    """Return a person's answer at this terminal.

    Raises:
        LeaseRefused: nobody answered.
    """
    from tokenward.custody.leases.sessions import Sessions
    from tokenward.errors import ApprovalUnavailable
    from tokenward.operations.approval.approval import ApprovalAnswer, Reply
    from tokenward.operations.command_words import command_words

    text = words.question(question, command_words(question.command))
    line = ask_in_terminal(f"tokenward: {text}\n{words.terminal_prompt(can_last=question.can_last)}")
    if line is None:
        raise ApprovalUnavailable(words.NO_ANSWER_IN_TERMINAL)
    typed = line.strip().casefold()
    # Anything but an answer's name or first letter is a no.
    answer = next(
        (one for one in ApprovalAnswer if typed and typed in (one.value, one.value[0])), ApprovalAnswer.DENY
    )
    return Reply(answer, Sessions(places.sessions).login() if answer is ApprovalAnswer.SESSION else "")
