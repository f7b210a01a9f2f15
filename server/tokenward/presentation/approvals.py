"""What a person is asked before a stored token is used, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tokenward.operations.approval.approval import ANSWER_SECONDS
from tokenward.places import shown

ONCE = "Once"
THIS_SESSION = "This session"
DENY = "Deny"

EDITOR_CLOSES = "The editor ends, so nobody can be asked; start it again."
EDITOR_CANNOT_ASK = "This editor cannot ask you; run the command in a terminal."
NO_ANSWER_IN_TERMINAL = (
    f"Nobody answered in the terminal within {ANSWER_SECONDS:.0f} s; try again when you are there."
)

# An editor shows as much of a message as fits, so that what matters stands first and the rest is cut.
_MOST_NAMES = 8
_MOST_PARENTS = 5
_LONGEST_PATH = 160
_LONGEST_COMMAND = 240
_LONGEST_NAMES = 240

_PURPOSES: Mapping[str, str] = {
    "run": "to start a program with {tokens} in its environment",
    "launch": "to start a program from the editor, such as one to be debugged, with {tokens}",
    "env": "to print {tokens} for a shell, where every program finds it from then on",
    "get": "to print or copy {tokens}",
    "inject": "to write {tokens} into a file",
    "restore": "to put {tokens} back into a file in plain text",
    "ask": "to send {tokens} to its own provider",
}


def question(
    names: Sequence[str],
    folder: str,
    purpose: str,
    *,
    agent: str,
    is_unattended: bool,
    parents: Sequence[str],
    program: str | None,
    command: str,
) -> str:
    """What is asked, in a line; then an empty one, and the details, of which the system's come first.

    What the asker writes itself comes last, so that nothing in it can come before who asks.

    Args:
        names: of the tokens.
        folder: the workspace.
        purpose: as `Purpose` spells it.
        agent: the AI assistant that asks; empty when none is known.
        is_unattended: nobody at a terminal or in an editor is known to have started it.
        parents: who asks, the nearest first.
        program: the path of what gets the values, if anything.
        command: its command line without tokens.
    """
    wanted = _PURPOSES.get(purpose, "to use {tokens}").format(tokens=_listed(names))
    asker = "A command without a terminal" if is_unattended else "A command"
    asker = f"An AI assistant ({shown(agent)})" if agent else asker
    details = [f"Asked by: {_chain(parents)}"] if parents else []
    details.append(f"Folder: {_tail(folder)}")
    if program is not None:
        details.append(f"Program: {_tail(program)}")
    if command:
        details.append(f"Command: {_head(command, _LONGEST_COMMAND)}")
    # Some editors make a link of what looks like one in Markdown.
    return "\n".join([f"{asker} wants {wanted}.", "", *details]).replace("](", "] (")


def agent_removes(agent: str) -> str:
    return f"{shown(agent)} started the command, and an assistant deletes no token that you keep; do it yourself."


def unattended_removes() -> str:
    return "A command without a terminal cannot delete what the editor keeps; run it in one or delete it in the editor."


def terminal_prompt(*, can_last: bool) -> str:
    return "[o]nce, this [s]ession, or [d]eny (default)? " if can_last else "[o]nce, or [d]eny (default)? "


def agent_in_terminal(names: Sequence[str], agent: str) -> str:
    return (
        f"{_listed(names)} may be used only when a person agrees, and no answer in this terminal would count, since "
        f"{shown(agent)} is among those that started the command; open the folder in an editor with Tokenward."
    )


def agent_is_no_person(agent: str) -> str:
    return (
        f"Only a person can agree, and {shown(agent)} is among those that started the command; do it yourself, in a "
        "terminal or an editor that no assistant started."
    )


def agent_asks(agent: str) -> str:
    return f"{shown(agent)} is among those that started the command that asks for this."


def no_door(why: str) -> str:
    return f"Commands in a terminal cannot ask you here before they use a token: {why}"


def opened_by_agent(agent: str) -> str:
    return f"this editor was started by {shown(agent)}, which could answer itself."


def agent_in_editor(agent: str) -> str:
    return (
        f"A person is to agree to this, and {shown(agent)}, which started this editor, could answer itself; start the "
        "editor without it."
    )


def _chain(parents: Sequence[str]) -> str:
    left_out = ["…"] if len(parents) > _MOST_PARENTS else []
    return shown(" ← ".join([*parents[:_MOST_PARENTS], *left_out]))


def _listed(names: Sequence[str]) -> str:
    shown_names = list(map(shown, names[:_MOST_NAMES]))
    while len(shown_names) > 1 and sum(map(len, shown_names)) > _LONGEST_NAMES:
        shown_names.pop()
    more = len(names) - len(shown_names)
    if more:
        shown_names.append(f"{more:,} more")
    if len(shown_names) == 1:
        return _head(shown_names[0], _LONGEST_NAMES)
    return f"{', '.join(shown_names[:-1])} and {shown_names[-1]}"


def _head(text: str, most: int) -> str:
    return shown(text if len(text) <= most else f"{text[: most - 1]}…")


def _tail(text: str) -> str:
    """A path by its end, which tells the most."""
    return shown(text if len(text) <= _LONGEST_PATH else f"…{text[1 - _LONGEST_PATH :]}")
