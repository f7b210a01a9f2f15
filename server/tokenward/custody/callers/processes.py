"""Processes: their ancestors, as far as the system reports them, and when they end."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from threading import Thread
from typing import Any

from tokenward.fast_dataclasses import dataclass

_SET_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG."""

DEEPEST = 200
"""The most ancestors that are read."""
POLL_SECONDS = 2.0
"""Seconds between two checks of whether a process has ended."""
_LARGEST = 4_000_000
"""Bytes of an environment; no system allows more."""
_LONGEST_LINE = 8192
_TICKS = os.sysconf("SC_CLK_TCK") if sys.platform == "linux" else 1
_FIELDS = ["name", "cmdline", "environ", *([] if sys.platform == "win32" else ["terminal"])]


@dataclass(frozen=True, slots=True)
class Process:
    """A process at one moment.

    Attributes:
        arguments: its command line, starting with its own name; empty if unknown.
        variables: its environment when it was started; empty if unknown.
        has_terminal: it has a controlling terminal; always true on Windows, which has no such thing.
        session: the process id of its session's leader; None if unknown.
        started: when it started, in seconds since the boot; None if unknown.
        user: the id of the user who started it, which no program changes without root's rights; None if unknown.
        terminal: the number of its controlling terminal; 0 for none, or if unknown.
    """

    pid: int
    name: str
    arguments: tuple[str, ...]
    variables: Mapping[str, str]
    has_terminal: bool
    session: int | None = None
    started: float | None = None
    user: int | None = None
    terminal: int = 0


def lineage(pid: int) -> Iterator[Process]:
    """Yield a process, the one that started it, and so on, as far as the system reports them.

    A process that reuses the id of a dead parent is left out.
    """
    yield from _by_proc(pid) if sys.platform == "linux" else _by_psutil(pid)


def _by_proc(pid: int) -> Iterator[Process]:
    # Otherwise every `tokenward run` would wait for psutil to load.
    youngest = None
    while pid > 0:
        folder = f"/proc/{pid}"
        try:
            # The name may contain anything, even brackets.
            before, _, rest = _content(f"{folder}/stat", _LONGEST_LINE).rpartition(b")")
            fields = rest.split()
            parent, session, terminal = int(fields[1]), int(fields[3]), int(fields[4])
            started = int(fields[19]) / _TICKS
            user = _real_user(folder)
        except (OSError, ValueError, IndexError):
            return
        if youngest is not None and started > youngest:
            return
        youngest = started
        name = os.fsdecode(before.partition(b"(")[2])
        if pid == os.getpid():
            variables = dict(os.environ)
        else:
            pairs = (pair.partition(b"=") for pair in _content(f"{folder}/environ", _LARGEST).split(b"\0"))
            variables = {os.fsdecode(variable): os.fsdecode(value) for variable, _, value in pairs}
        arguments = tuple(map(os.fsdecode, _content(f"{folder}/cmdline", _LONGEST_LINE).split(b"\0")[:2]))
        yield Process(pid, name, arguments, variables, terminal != 0, session, started, user, terminal)
        pid = parent


def _real_user(folder: str) -> int:
    """Return the real user of a process; the owner of its folder is root for any process that asks to be unreadable."""
    _, _, after = _content(f"{folder}/status", _LONGEST_LINE).partition(b"\nUid:")
    return int(after.split(None, 1)[0])


def process_ids() -> list[int]:
    """Return the ids of all processes that Linux shows."""
    return [int(name) for name in os.listdir("/proc") if name.isdecimal()]  # noqa: PTH208


def control_group(pid: int) -> str:
    """Return the path of a process's control group, in which systemd names its unit; empty if it is not known."""
    if sys.platform != "linux":
        return ""
    groups = os.fsdecode(_content(f"/proc/{pid}/cgroup", _LONGEST_LINE))
    unified = [line for line in groups.splitlines() if line.startswith("0::")]
    return unified[0].removeprefix("0::") if unified else ""


def _content(path: str, most: int) -> bytes:
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            return file.read(most)
    except OSError:
        return b""


def _by_psutil(pid: int) -> Iterator[Process]:
    import psutil  # noqa: PLC0415 - where it is not needed it is not loaded

    with contextlib.suppress(psutil.Error):
        process: psutil.Process | None = psutil.Process(pid)
        while process is not None:
            # The system hides some fields of another user's process.
            fields = process.as_dict(_FIELDS, ad_value=None)
            arguments = tuple((fields["cmdline"] or ())[:2])
            terminal = fields.get("terminal", sys.platform == "win32")
            yield Process(
                process.pid, fields["name"] or "", arguments, fields["environ"] or {}, bool(terminal)
            )
            process = process.parent()


@dataclass(frozen=True, slots=True)
class Running:
    """A running process: its session, its age in seconds, and the bytes of memory that it alone has."""

    pid: int
    session: int
    age: float
    memory: int


def running(words: Sequence[str]) -> Iterator[Running]:
    """Yield this user's processes whose command lines end with some words, each with the memory of its forks."""
    import psutil  # noqa: PLC0415 - slow to load

    for process in psutil.process_iter(["cmdline", "create_time"]):
        with contextlib.suppress(psutil.Error, OSError):
            parent = process.parent()
            if _ends_with(process, words) and not (parent and _ends_with(parent, words)):
                memory = process.memory_full_info().uss
                for fork in process.children(recursive=True):
                    # One that has answered ends meanwhile.
                    with contextlib.suppress(psutil.Error):
                        memory += fork.memory_full_info().uss
                age = time.time() - process.info["create_time"]
                yield Running(process.pid, os.getsid(process.pid), age, memory)


def _ends_with(process: Any, words: Sequence[str]) -> bool:
    return tuple(process.cmdline()[-len(words) :]) == tuple(words) and process.uids().real == os.getuid()


def end_with_parent(parent: int) -> None:
    """Have this process killed when its parent ends, which it may have; Linux only."""
    import ctypes  # noqa: PLC0415 - slow to load

    ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit()


def is_running(pid: int) -> bool:
    """Return whether a process has this id; on Windows, a signal 0 would be Ctrl-C."""
    import psutil  # noqa: PLC0415 - slow to load

    return psutil.pid_exists(pid)


def folder_of(pid: int) -> Path | None:
    """Return the folder in which a process works; None if the system does not say."""
    import psutil  # noqa: PLC0415 - slow to load

    with contextlib.suppress(psutil.Error):
        return Path(psutil.Process(pid).cwd() or os.devnull)
    return None


def user_name(pid: int) -> str:
    """Return the name of a process's user; empty if the system does not say."""
    import psutil  # noqa: PLC0415 - slow to load

    with contextlib.suppress(psutil.Error):
        return psutil.Process(pid).username()
    return ""


def watch_process(pid: int, gone: Callable[[], object]) -> None:
    """Call `gone` in a thread once a process has ended; never if the process is invisible, as from a container."""
    Thread(target=_watch, args=(pid, gone), name="tokenward-client", daemon=True).start()


def _watch(pid: int, gone: Callable[[], object]) -> None:
    if hasattr(os, "pidfd_open"):
        try:
            handle = os.pidfd_open(pid)
        except (ProcessLookupError, OverflowError):
            return
        except OSError:
            pass
        else:
            # Without a wake-up until then.
            waiting = select.poll()
            waiting.register(handle)
            waiting.poll()
            os.close(handle)
            gone()
            return
    import psutil  # noqa: PLC0415 - slow to load

    try:
        process = psutil.Process(pid)
    except (psutil.Error, ValueError, OverflowError):
        return
    with contextlib.suppress(psutil.NoSuchProcess):
        while process.is_running() and process.as_dict(["status"])["status"] != psutil.STATUS_ZOMBIE:
            time.sleep(POLL_SECONDS)
    gone()
