"""handle: the answer to a request, in a process that serves nothing else."""

from __future__ import annotations

import io
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tokenward.cli.support.terminal import note
from tokenward.custody.callers.asker import LeftToCommand, asking_process
from tokenward.custody.callers.callers import caller
from tokenward.custody.ledger.database import databases_kept_open
from tokenward.errors import TokenwardError

FAILED = 2


@dataclass(frozen=True, slots=True)
class Request:
    """A command's words, and its input.

    Attributes:
        streams: descriptors that came with it.
        connection: where the client waits.
        require_alive: raises an exception if the client has ended.
        afterwards: what the work leaves to be done once its answer is sent.
    """

    words: Sequence[str]
    given: bytes
    streams: Sequence[int] = ()
    connection: socket.socket | None = None
    require_alive: Callable[[], None] = lambda: None
    afterwards: list[Callable[[], None]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Answer:
    """A command's exit code, output and messages; the output may hold a value."""

    code: int
    output: bytes
    messages: bytes


@dataclass(frozen=True, slots=True)
class RequestKind:
    """A kind of request.

    Attributes:
        accepts: tells by a request's words whether it is of this kind.
        work: does the work, prints what the command would, and returns its exit code.
        for_agents: agents are served too, because no answer depends on who asks.
        is_long: the work answers the client itself, and takes as long as its command; it leads a process group.
    """

    accepts: Callable[[Sequence[str]], bool]
    work: Callable[[Request], int]
    for_agents: bool = False
    is_long: bool = False


def handle(request: Request, kinds: Sequence[RequestKind]) -> Answer | None:
    """Return the answer to a request; None if the command has to do the work itself.

    It leaves to the command whatever an agent asks for, needs a person, or changes more than the ledger.
    """
    kind = next((one for one in kinds if one.accepts(request.words)), None)
    if kind is None or (not kind.for_agents and caller(asking_process()).possible_agent):
        return None
    output, messages = io.BytesIO(), io.BytesIO()
    sys.stdout = io.TextIOWrapper(output, "utf-8", "surrogateescape", write_through=True)
    sys.stderr = io.TextIOWrapper(messages, "utf-8", "backslashreplace", write_through=True)
    try:
        with databases_kept_open():
            code = kind.work(request)
    except TokenwardError as error:
        note(error)
        code = FAILED
    except SystemExit as end:
        code = int(end.code or 0)
    except (LeftToCommand, Exception):  # noqa: BLE001 - the command meets an unexpected failure again, and reports it
        return None
    return Answer(code, output.getvalue(), messages.getvalue())
