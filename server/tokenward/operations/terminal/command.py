"""A command whose output is watched, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Command:
    """A command to start.

    Attributes:
        arguments: starting with its own name, as `os.fsencode` returns them.
        environment: all of it, in UTF-8.
        is_shell: it is an interactive shell.
        around: entered before it starts and left after it has ended; meanwhile no signal that is passed on ends us.
    """

    program: str
    arguments: Sequence[bytes]
    environment: Mapping[bytes, bytes]
    is_shell: bool = False
    around: AbstractContextManager[None] = field(default_factory=nullcontext)


@dataclass(frozen=True, slots=True)
class CommandResult:
    """How a command ended.

    Attributes:
        code: its exit code, or 128 plus the number of the signal that ended it.
        fault: the type of the exception that ended scanning; None if all output was scanned.
    """

    code: int
    fault: str | None
