"""Runs verbs of `tokenward` for an AI agent, in processes of their own, where all their checks apply."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import anyio
from anyio.abc import ByteReceiveStream, Process

MOST_READ = 1_000_000
"""Bytes of output that are kept; the rest is read and dropped, so that the command can go on."""
PROGRAM = (sys.executable, "-P", "-m", "tokenward.cli")
"""The command `tokenward`; with -P, no module in the current folder is taken for one of ours."""
_AGENT = "an MCP client"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a verb ended.

    Attributes:
        code: its exit code; None if it ran out of time.
        out: its output, without the part of a line after which it was cut.
        err: what it wrote to stderr, cut in the same way.
    """

    code: int | None
    out: str
    err: str


async def run_verb(folder: Path, *arguments: str, text: str = "", seconds: float = 60.0) -> Ended:
    """Run a verb in a folder; kill it and what it started after some seconds, or when this is cancelled.

    Args:
        folder: its current folder.
        arguments: the verb and its arguments.
        text: its input.
        seconds: its time limit.
    """
    # Whatever starts an MCP server acts for an agent, also with an empty variable.
    environment = {**os.environ, "AI_AGENT": os.environ.get("AI_AGENT") or _AGENT}
    process = await anyio.open_process(
        [*PROGRAM, *arguments], cwd=folder, env=environment, start_new_session=True, stderr=subprocess.PIPE
    )
    out, err = bytearray(), bytearray()
    try:
        with anyio.move_on_after(seconds):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_send, process, text)
                tasks.start_soon(_keep, process.stdout, out)
                tasks.start_soon(_keep, process.stderr, err)
            return Ended(await process.wait(), _whole_lines(out), _whole_lines(err))
        return Ended(None, _whole_lines(out), _whole_lines(err))
    finally:
        _kill(process)
        with anyio.CancelScope(shield=True):
            await process.aclose()


async def _send(process: Process, text: str) -> None:
    assert process.stdin is not None  # noqa: S101 - a pipe
    try:
        await process.stdin.send(text.encode())
    except anyio.BrokenResourceError:
        pass
    finally:
        await process.stdin.aclose()


async def _keep(stream: ByteReceiveStream | None, kept: bytearray) -> None:
    assert stream is not None  # noqa: S101 - a pipe
    async for chunk in stream:
        # One byte more, which tells that something is missing.
        kept += chunk[: MOST_READ + 1 - len(kept)]


def _whole_lines(kept: bytearray) -> str:
    """Return what was kept; half a token at its end would not be recognised."""
    if len(kept) > MOST_READ:
        del kept[kept.rfind(b"\n") + 1 :]
    return kept.decode(errors="replace")


def _kill(process: Process) -> None:
    """Kill the verb, and on POSIX all of its process group."""
    try:
        if os.name == "nt":  # pragma: no cover - Windows alone
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
