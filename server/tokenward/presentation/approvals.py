"""Texts of the question that a person approves before a stored token is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tokenward.language import listed, phrase, said
from tokenward.operations.approval.approval import ANSWER_SECONDS, ApprovalQuestion
from tokenward.places import shown

ONCE = phrase("Once")
THIS_SESSION = phrase("This session")
DENY = phrase("Deny")

EDITOR_CLOSES = phrase("The editor is closing, so nobody can be asked; start it again.")
UNATTENDED_REMOVES = (
    "A command without a terminal cannot delete a token from the editor; use a terminal or the editor."
)
EDITOR_CANNOT_ASK = "This editor cannot ask you; run the command in a terminal."
NO_ANSWER_IN_TERMINAL = (
    f"Nobody answered in the terminal within {ANSWER_SECONDS:.0f} s; try again when you can answer."
)

# An editor shows only as much of a message as fits, so what matters comes first and the rest is cut.
_MOST_NAMES = 8
_MOST_PARENTS = 5
_LONGEST_PATH = 160
_LONGEST_COMMAND = 240
_LONGEST_NAMES = 240

_PURPOSES: Mapping[str, str] = {
    "run": phrase("to start a program with {tokens} in its environment"),
    "launch": phrase("to start a program from the editor, such as one to be debugged, with {tokens}"),
    "env": phrase("to print {tokens} for a shell, which passes values on to every program"),
    "get": phrase("to print or copy {tokens}"),
    "inject": phrase("to fill {tokens} into a copy of a file"),
    "credential": phrase("to give {tokens} to a tool that asks for a password or key"),
    "enter": phrase("you to enter the value of {tokens}, which it does not get"),
    "restore": phrase("to put {tokens} back into a file in plain text"),
    "ask": phrase("to send {tokens} to its own provider"),
}
TYPES = "a command of an AI agent in it can type into it, which counts as yours (dev.tty.legacy_tiocsti is 1)"
STOP_TYPING = (
    "Run `sudo sysctl -w dev.tty.legacy_tiocsti=0`, and to keep it, "
    "`echo dev.tty.legacy_tiocsti=0 | sudo tee /etc/sysctl.d/60-tiocsti.conf`"
)


def question(asked: ApprovalQuestion, command: str) -> str:
    """Return the question on one line, then an empty line and the details.

    Details from the system come first and the command line last, so that a command cannot fake who asks. `command` is
    the command line without tokens.
    """
    caller = asked.caller
    names = [reference.name for reference in asked.references]
    request = said(_PURPOSES.get(asked.purpose, phrase("to use {tokens}")), tokens=_listed(names))
    asker = said("A command without a terminal") if caller.is_unattended else said("A command")
    asker = said("A detached process (nohup, setsid)") if caller.is_detached else asker
    asker = said("An AI assistant ({agent})", agent=shown(caller.agent)) if caller.agent else asker
    details = [said("Folder: {folder}", folder=_tail(str(asked.folder)))]
    if caller.chain:
        parents = caller.parents[:_MOST_PARENTS]
        left_out = ["…"] if len(caller.chain) > _MOST_PARENTS else []
        details.insert(0, said("Asked by: {chain}", chain=shown(" ← ".join([*parents, *left_out]))))
    if asked.program is not None:
        details.append(said("Program: {program}", program=_tail(str(asked.program))))
    if command:
        details.append(said("Command: {command}", command=_head(command, _LONGEST_COMMAND)))
    if asked.reason:
        reason = _head(shown(asked.reason), _LONGEST_COMMAND)
        details.append(said("Reason, not verified: “{reason}”", reason=reason))
    # Some editors turn a Markdown link into a real one.
    return "\n".join([said("{asker} wants {request}.", asker=asker, request=request), "", *details]).replace(
        "](", "] ("
    )


def agent_removes(agent: str) -> str:
    """Return why a command started by an assistant may not delete a token."""
    return f"{shown(agent)} started the command, and an assistant cannot delete your tokens; delete the token yourself."


def enter_prompt(name: str, agent: str) -> str:
    """Return the prompt for the value of a token that a command asked for."""
    return said(
        "Value of {name}, for which {asker} asked; it is stored, and {asker} does not see it",
        name=shown(name),
        asker=shown(agent) if agent else said("a command"),
    )


def not_entered(name: str) -> str:
    """Return why there is no value."""
    return (
        f"The person at the editor did not enter a value for {shown(name)}; do without it, or ask them why."
    )


def terminal_prompt(*, can_last: bool) -> str:
    """Return the prompt for an answer in a terminal."""
    return "[o]nce, this [s]ession, or [d]eny (default)? " if can_last else "[o]nce, or [d]eny (default)? "


def agent_needs_editor(names: Sequence[str], agent: str) -> str:
    """Return why a command that an assistant started cannot use tokens where no editor is open."""
    return (
        f"Using {_listed(names)} requires a person's approval, because {shown(agent)} started the command; run "
        "`tokenward approve` in a terminal of your own, or open the folder in an editor with Tokenward, then try again."
    )


def agent_at_editor(agent: str) -> str:
    """Return why an editor started by an assistant cannot use a token where nobody else can be asked."""
    return said(
        "This requires a person's approval, but {agent} started this editor and could answer itself; run `tokenward "
        "approve` in a terminal of your own, then try again.",
        agent=shown(agent),
    )


def agent_is_no_person(agent: str) -> str:
    """Return why a command started by an assistant may not do this."""
    return (
        f"Only a person can approve this, but {shown(agent)} started the command; run it yourself, in a terminal or an "
        "editor of your own."
    )


def agent_asks(agent: str) -> str:
    """Return the note that an assistant started the command that asks."""
    return f"Note: {shown(agent)} started the command that asks for this."


def no_socket(why: str) -> str:
    """Return the warning that commands cannot ask in this editor."""
    return f"Commands in a terminal cannot ask you here before they use a token: {why}"


def opened_by_agent(agent: str) -> str:
    """Return why an editor started by an assistant does not accept commands."""
    return f"{shown(agent)} started this editor and could answer itself."


def agent_in_editor(agent: str) -> str:
    """Return why an editor started by an assistant cannot approve a use."""
    return said(
        "This requires a person's approval, but {agent} started this editor and could answer itself; start the editor "
        "without it.",
        agent=shown(agent),
    )


def _listed(names: Sequence[str]) -> str:
    shown_names = list(map(shown, names[:_MOST_NAMES]))
    while len(shown_names) > 1 and sum(map(len, shown_names)) > _LONGEST_NAMES:
        shown_names.pop()
    first = [_head(name, _LONGEST_NAMES) for name in shown_names]
    return listed([*first, *names[len(first) :]], len(first))


def _head(text: str, most: int) -> str:
    return shown(text if len(text) <= most else f"{text[: most - 1]}…")


def _tail(text: str) -> str:
    """Return the end of a path, its most telling part."""
    return shown(text if len(text) <= _LONGEST_PATH else f"…{text[1 - _LONGEST_PATH :]}")
