"""Child: a process of ours that answers requests, and can be killed if it hangs."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, cast

from tokenward.wire import ChildLost, Frame, read_frame, write_frame

_MAIN = "import sys; sys.path[:] = sys.argv[2:]; __import__(sys.argv[1], fromlist=['main']).main()"
_START_LIMIT = 30.0
_REAP_LIMIT = 5.0
_END_LIMIT = 0.5


class Child:
    """A process, which is dead after any failure.

    It has no terminal, no standard streams except its two private pipes, and no workspace folder as its working
    folder or on its import path. It ends when its parent does.
    """

    def __init__(
        self, module: str, config: Frame, environment: Mapping[str, str], *, has_site: bool = True
    ) -> None:
        """Start a module's `main` and send its configuration; the first exchange waits until it is ready.

        Raises:
            OSError: it cannot be started.
        """
        self._expired = False
        self._is_greeted = False
        self._process = _start(module, environment, has_site=has_site)
        requests, _ = self._pipes()
        with contextlib.suppress(OSError):
            write_frame(requests, config)

    @property
    def alive(self) -> bool:
        """Return whether the process is alive."""
        return not self._expired and self._process.poll() is None

    def exchange(self, request: Frame, limit: float, raw: bytes = b"") -> Frame:
        """Send a request and wait for its answer; the first time, also wait until the process is ready.

        Raises:
            ChildLost: the process ended instead, or no answer arrived in time.
        """
        self.wait_until_ready()
        return self._answer(request, limit, raw)

    def wait_until_ready(self) -> None:
        """Return once the process can answer.

        Raises:
            ChildLost: it ended instead, or takes too long.
        """
        if not self._is_greeted:
            self._is_greeted = True
            self._answer(None, _START_LIMIT)

    def _answer(self, request: Frame | None, limit: float, raw: bytes = b"") -> Frame:
        """Wait for an answer, after a request unless it is the process's first."""
        requests, answers = self._pipes()
        timer = threading.Timer(limit, self._expire)
        timer.daemon = True
        timer.start()
        try:
            if request is not None:
                write_frame(requests, request, raw)
            answer = read_frame(answers)
        except (OSError, RecursionError, ValueError):
            answer = None
        except BaseException:
            # The answer to an interrupted exchange stays in the pipe, where the next exchange would read it.
            self.dispose()
            raise
        finally:
            timer.cancel()
            timer.join()
        if answer is None:
            # It mostly is about to end, and then by what ended it.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_END_LIMIT)
            self.dispose()
            raise ChildLost(self._process.returncode, is_late=self._expired)
        return answer

    def kill(self) -> None:
        """End the process and its descendants; callable from any thread."""
        if self._process.poll() is not None:
            return
        with contextlib.suppress(OSError):
            if sys.platform == "win32":
                self._process.kill()
            else:
                os.killpg(self._process.pid, signal.SIGKILL)

    def dispose(self) -> None:
        """End the process and release its pipes; not during an exchange."""
        self.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_REAP_LIMIT)
        for pipe in self._pipes():
            with contextlib.suppress(OSError):
                pipe.close()

    def _expire(self) -> None:
        self._expired = True
        self.kill()

    def _pipes(self) -> tuple[BinaryIO, BinaryIO]:
        return cast("BinaryIO", self._process.stdin), cast("BinaryIO", self._process.stdout)


def _start(module: str, environment: Mapping[str, str], *, has_site: bool) -> subprocess.Popen[bytes]:
    # Isolated, so that Python does not add the working folder or PYTHONPATH.
    options = ["-I"] if has_site and not sys.flags.no_site else ["-I", "-S"]
    return subprocess.Popen(
        [sys.executable, *options, "-c", _MAIN, module, *import_path()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(sys.executable).parent,
        env=environment,
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def import_path() -> list[str]:
    """Return this process's import path without its working folder, where a workspace may have a `keyring.py`."""
    ours = str(Path(__file__).resolve().parents[1])
    return [
        *(entry for entry in sys.path if Path(entry).is_absolute() and not _is_working_folder(entry)),
        ours,
    ]


def _is_working_folder(entry: str) -> bool:
    try:
        return Path(entry).samefile(Path.cwd())
    except OSError:
        return False
