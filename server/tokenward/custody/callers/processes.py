"""A process and those that started it, as far as the system tells."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

DEEPEST = 200
"""Processes above one another that are looked at."""
_LARGEST = 4_000_000
"""Bytes of an environment; no system takes more."""
_LONGEST_LINE = 8192
_TOLD = ["name", "cmdline", "environ", *([] if sys.platform == "win32" else ["terminal"])]


@dataclass(frozen=True, slots=True)
class Process:
    """A process as it was when it was looked at.

    Attributes:
        pid: its number.
        name: of its program.
        arguments: its command line, its own name first; empty where that is not told.
        variables: the environment that it was started with; empty where that is not told.
        has_terminal: it has a controlling terminal; on Windows, where there is no such thing, so it is taken.
    """

    pid: int
    name: str
    arguments: tuple[str, ...]
    variables: Mapping[str, str]
    has_terminal: bool


def lineage(pid: int) -> Iterator[Process]:
    """A process, the one that started it, and so on; ends early where the system tells no more.

    A parent that has ended and whose number is another's by now is not taken for one.
    """
    yield from _by_proc(pid) if sys.platform == "linux" else _by_psutil(pid)


def _by_proc(pid: int) -> Iterator[Process]:
    # What psutil would do, without the time that it takes to load, which each `tokenward run` would wait for.
    youngest = None
    while pid > 0:
        folder = Path("/proc", str(pid))
        try:
            status = _status(folder)
        except (OSError, ValueError, IndexError):
            return
        if youngest is not None and status.started > youngest:
            return
        youngest = status.started
        variables = dict(os.environ) if pid == os.getpid() else _variables(folder)
        arguments = tuple(map(os.fsdecode, _content(folder / "cmdline", _LONGEST_LINE).split(b"\0")[:2]))
        yield Process(pid, status.name, arguments, variables, status.has_terminal)
        pid = status.parent


class _Status(NamedTuple):
    name: str
    parent: int
    has_terminal: bool
    started: int


def _status(folder: Path) -> _Status:
    before, _, rest = (folder / "stat").read_bytes().rpartition(b")")
    fields = rest.split()
    # The name may hold anything.
    return _Status(
        os.fsdecode(before.partition(b"(")[2]), int(fields[1]), int(fields[4]) != 0, int(fields[19])
    )


def _variables(folder: Path) -> Mapping[str, str]:
    pairs = (pair.partition(b"=") for pair in _content(folder / "environ", _LARGEST).split(b"\0"))
    return {os.fsdecode(name): os.fsdecode(value) for name, _, value in pairs}


def _content(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(most)
    except OSError:
        return b""


def _by_psutil(pid: int) -> Iterator[Process]:
    import psutil  # noqa: PLC0415 - where it is not needed it is not loaded

    with contextlib.suppress(psutil.Error):
        process: psutil.Process | None = psutil.Process(pid)
        while process is not None:
            # Of a process of another user some is not told.
            told = process.as_dict(_TOLD, ad_value=None)
            arguments = tuple((told["cmdline"] or ())[:2])
            terminal = told.get("terminal", sys.platform == "win32")
            yield Process(process.pid, told["name"] or "", arguments, told["environ"] or {}, bool(terminal))
            process = process.parent()
