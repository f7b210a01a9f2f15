"""The end of a process that is not ours, such as the editor that a server must not outlive."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

POLL_SECONDS = 2.0


def watch_process(pid: int, gone: Callable[[], object]) -> None:
    """Call `gone`, in a thread, once the process has ended; never where it cannot be seen, as from a container."""
    Thread(target=_watch, args=(pid, gone), name="tokenward-client", daemon=True).start()


def _watch(pid: int, gone: Callable[[], object]) -> None:
    import psutil  # noqa: PLC0415 - it takes a while to load

    try:
        process = psutil.Process(pid)
    except (psutil.Error, ValueError, OverflowError):
        return
    while process.is_running() and not _is_zombie(process):
        time.sleep(POLL_SECONDS)
    gone()


def _is_zombie(process: psutil.Process) -> bool:
    import psutil  # noqa: PLC0415

    with contextlib.suppress(psutil.Error):
        return process.status() == psutil.STATUS_ZOMBIE
    return False
