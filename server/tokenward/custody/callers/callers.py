"""The caller of a command: its process and those that started it, and whether one hides what started it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import islice

from tokenward.custody.callers.agents import agent_of, is_alone
from tokenward.custody.callers.attendance import is_detached
from tokenward.custody.callers.processes import DEEPEST, Process, lineage
from tokenward.custody.callers.services import AGENT, PERSON, services_of
from tokenward.fast_dataclasses import dataclass

LONGEST_CHAIN = 12
LONGEST_NAME = 64
_OF_PLACES = ("HOME", "XDG_CONFIG_HOME", "USERPROFILE", "LOCALAPPDATA")
"""The variables that say where a user's settings are."""
_ARROW = "←"
"""The text between a process and the one that started it."""
HIDDEN = "something behind a very long chain of programs"
"""Shown instead of an assistant's name if the chain is too long to follow, which only a hiding program would cause."""
DETACHED = "a detached process (nohup, setsid)"
"""Shown instead of an assistant's name."""


@dataclass(frozen=True, slots=True)
class Ancestor:
    """A process.

    Attributes:
        name: the program's name, printable, without arguments.
    """

    pid: int
    name: str


@dataclass(frozen=True, slots=True)
class Caller:
    """A process that requests a token, with its ancestors.

    Attributes:
        chain: the process, the one that started it, and so on.
        agent: the product name of the AI assistant among them; empty if none is known.
        is_unattended: none of them has a terminal or is the editor, so perhaps nobody knows of the request.
        is_detached: they may hide an assistant that started them.
        agent_process: identifies the running assistant, as `PID at START`; empty if none is known.
        is_alone: the assistant says that nobody attends its session.
        services: the services, jobs, hooks and CI among what started them, by name.
        has_own_settings: it may have been sent to other settings than its user's, by variables that an agent changed.
    """

    chain: tuple[Ancestor, ...]
    agent: str = ""
    is_unattended: bool = False
    is_detached: bool = False
    agent_process: str = ""
    is_alone: bool = False
    services: tuple[str, ...] = ()
    has_own_settings: bool = False

    @property
    def possible_agent(self) -> str:
        """Return the acting assistant, or a description of a process that may hide one; empty for a person.

        Whatever is decided by whether an assistant asks is decided by this.
        """
        return self.agent or (DETACHED if self.is_detached else "")

    @property
    def starters(self) -> frozenset[str]:
        """Return what started the process, by the names that a lease can hold; empty if it is not known."""
        if self.possible_agent:
            return frozenset({AGENT})
        is_person = not self.services and not self.is_unattended
        return frozenset({PERSON}) if is_person else frozenset(self.services)

    @property
    def parents(self) -> list[str]:
        """Return the processes in words, each as `name (pid)`, the nearest first."""
        return [f"{one.name} ({one.pid})" for one in self.chain]

    def to_json(self) -> Mapping[str, str | bool | Sequence[str]]:
        """Return the ledger's detail: `parents`, and what else is known."""
        known: dict[str, str | bool | Sequence[str]] = {
            "agent": self.possible_agent,
            "services": list(self.services),
            "unattended": self.is_unattended,
        }
        return {"parents": self.parents, **{name: fact for name, fact in known.items() if fact}}


def caller(pid: int, editor: int = 0, *, answers: bool = False) -> Caller:
    """Return a process with its ancestors, as far as the system reports them; an assistant counts at any depth.

    `editor` is the process id of an editor whose user knows of its commands, if a person may be at it; 0 for none.
    With `answers`, the process has a person answer for others, which no service can.
    """
    processes = list(islice(lineage(pid), DEEPEST + 1))
    agents = [agent_of(one.variables, one.name, one.arguments) for one in processes]
    agent = next(filter(None, agents), HIDDEN if len(processes) > DEEPEST else "")
    running = [f"{one.pid} at {one.started}" for one, found in zip(processes, agents, strict=True) if found]
    by_editor = editor in [one.pid for one in processes]
    # Process 1 adopts every orphan, and has a terminal in a container.
    is_attended = by_editor or any(one.has_terminal for one in processes if one.pid != 1)
    hides = not agent and is_detached(processes, answers=answers or by_editor)
    return Caller(
        tuple(map(_ancestor, processes[:LONGEST_CHAIN])),
        agent,
        is_unattended=not is_attended,
        is_detached=hides,
        agent_process=next(reversed(running), ""),
        is_alone=any(is_alone(one.variables) for one in processes),
        services=() if by_editor else services_of(processes, is_attended=is_attended),
        has_own_settings=bool(agent or hides) and _has_own_settings(processes, agents),
    )


def known_agent(pid: int) -> str:
    """Return the assistant among what started a process that is detached on purpose; empty if none is known."""
    return caller(pid).agent


def topmost_agent(pid: int) -> str:
    """Return the assistant above all others, which cannot be named by what it starts; empty if none is known."""
    processes = list(islice(lineage(pid), DEEPEST + 1))
    if len(processes) > DEEPEST or is_detached(processes):
        return DETACHED
    agents = (agent_of(one.variables, one.name, one.arguments) for one in reversed(processes))
    return next(filter(None, agents), "")


@cache
def server(editor: int) -> Caller:
    """Return this process as its editor's server, judged once: what started the editor may end before it."""
    return caller(os.getpid(), editor, answers=True)


def _has_own_settings(processes: Sequence[Process], agents: Sequence[str]) -> bool:
    """Return whether a process looks for settings elsewhere than the agents above it, or than its user's account."""
    places = [tuple(map(one.variables.get, _OF_PLACES)) for one in processes]
    above = [place for place, agent in zip(places, agents, strict=True) if agent]
    return set(places[:1]) != set(above or [(_home(), *[None] * (len(_OF_PLACES) - 1))])


def _home() -> str:
    """Return the home folder of this user's account, which no variable changes; empty if the system knows none."""
    try:
        import pwd  # noqa: PLC0415 - Windows has none

        return pwd.getpwuid(os.geteuid()).pw_dir
    except (ImportError, KeyError):
        return ""


def _ancestor(process: Process) -> Ancestor:
    # A name with an arrow in it would look like two processes.
    plain = "".join(one if one.isprintable() and one != _ARROW else "?" for one in process.name)
    return Ancestor(process.pid, plain[:LONGEST_NAME])
