"""Who asks for a token: a process and those that started it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psutil

LONGEST_CHAIN = 12
LONGEST_NAME = 64


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
    """Who a process is, as far as the system tells."""
    try:
        process = psutil.Process(pid)
        processes = [process, *process.parents()][:LONGEST_CHAIN]
    except psutil.Error:
        return Caller(())
    return Caller(tuple(_ancestor(one) for one in processes))


def _ancestor(process: psutil.Process) -> Ancestor:
    try:
        name = process.name()
    except psutil.Error:
        name = ""
    plain = "".join(character if character.isprintable() else "?" for character in name)
    return Ancestor(process.pid, plain[:LONGEST_NAME])
