"""Who asks for a token: a process and those that started it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from tokenward.custody.agents import agent_of
from tokenward.custody.processes import DEEPEST, Process, lineage

LONGEST_CHAIN = 12
LONGEST_NAME = 64
HIDDEN = "something behind a very long chain of programs"
"""What is told in place of an assistant's name when the chain does not end: nobody but one who hides makes such."""


@dataclass(frozen=True, slots=True)
class Ancestor:
    """A process.

    Attributes:
        pid: its number.
        name: of its program, printable, without arguments.
    """

    pid: int
    name: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Attributes:
        chain: the process that asks, the one that started it, and so on.
        agent: the AI assistant among them, as a person calls it; empty when none is known.
    """

    chain: tuple[Ancestor, ...]
    agent: str = ""

    def to_json(self) -> Mapping[str, str | Sequence[str]]:
        """What the ledger keeps: `parents`, each as `name (pid)`, the nearest first, and `agent`."""
        parents = [f"{one.name} ({one.pid})" for one in self.chain]
        return {"parents": parents, **({"agent": self.agent} if self.agent else {})}


def caller(pid: int) -> Caller:
    """Who a process is, as far as the system tells; an assistant counts however far up it is."""
    chain: list[Ancestor] = []
    agent = ""
    for depth, process in enumerate(islice(lineage(pid), DEEPEST + 1)):
        if depth < LONGEST_CHAIN:
            chain.append(_ancestor(process))
        agent = agent or agent_of(process.variables, process.name, process.arguments)
        if depth == DEEPEST:
            agent = agent or HIDDEN
    return Caller(tuple(chain), agent)


def _ancestor(process: Process) -> Ancestor:
    plain = "".join(character if character.isprintable() else "?" for character in process.name)
    return Ancestor(process.pid, plain[:LONGEST_NAME])
