"""Waiting for the end of another process, such as the editor that a server must not outlive."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from threading import Thread

POLL_SECONDS = 2.0


def watch_process(pid: int, gone: Callable[[], object]) -> None:
    """Call `gone`, in a thread, once a process has ended; never if it cannot be seen, as from a container."""
    Thread(target=_watch, args=(pid, gone), name="tokenward-client", daemon=True).start()


def _watch(pid: int, gone: Callable[[], object]) -> None:
    import psutil  # noqa: PLC0415 - slow to load

    try:
        process = psutil.Process(pid)
    except (psutil.Error, ValueError, OverflowError):
        return
    with contextlib.suppress(psutil.NoSuchProcess):
        while process.is_running() and process.as_dict(["status"])["status"] != psutil.STATUS_ZOMBIE:
            time.sleep(POLL_SECONDS)
    gone()
