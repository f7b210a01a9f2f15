"""The caller of a command: its process and those that started it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from tokenward.custody.callers.agents import agent_of
from tokenward.custody.callers.processes import DEEPEST, Process, lineage

LONGEST_CHAIN = 12
LONGEST_NAME = 64
_ARROW = "←"
"""The text between a process and the one that started it."""
HIDDEN = "something behind a very long chain of programs"
"""Shown instead of an assistant's name if the chain is too long to follow, which only a hiding program would cause."""


@dataclass(frozen=True, slots=True)
class Ancestor:
    """A process.

    Attributes:
        pid: the process id.
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
    """

    chain: tuple[Ancestor, ...]
    agent: str = ""
    is_unattended: bool = False

    def to_json(self) -> Mapping[str, str | bool | Sequence[str]]:
        """Return the ledger's detail: `parents`, each as `name (pid)`, the nearest first, `agent` and `unattended`."""
        parents = [f"{one.name} ({one.pid})" for one in self.chain]
        agent = {"agent": self.agent} if self.agent else {}
        return {"parents": parents, **agent, **({"unattended": True} if self.is_unattended else {})}


def caller(pid: int, editor: int = 0) -> Caller:
    """Return a process with its ancestors, as far as the system reports them; an assistant counts at any depth.

    Args:
        pid: the process id.
        editor: the process id of an editor whose user knows of its commands; 0 for none.
    """
    chain: list[Ancestor] = []
    agent = ""
    is_unattended = True
    for depth, process in enumerate(islice(lineage(pid), DEEPEST + 1)):
        if depth < LONGEST_CHAIN:
            chain.append(_ancestor(process))
        agent = agent or agent_of(process.variables, process.name, process.arguments)
        # Process 1 adopts every orphan, and has a terminal in a container.
        if process.pid != 1 and (process.has_terminal or process.pid == editor):
            is_unattended = False
        if depth == DEEPEST:
            agent = agent or HIDDEN
    return Caller(tuple(chain), agent, is_unattended)


def _ancestor(process: Process) -> Ancestor:
    # A name with an arrow in it would look like two processes.
    plain = "".join(one if one.isprintable() and one != _ARROW else "?" for one in process.name)
    return Ancestor(process.pid, plain[:LONGEST_NAME])
