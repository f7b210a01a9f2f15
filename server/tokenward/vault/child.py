"""Child: the process in which a vault runs, which can be killed if it hangs."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import BinaryIO, cast

from tokenward.errors import VaultTimeout, VaultUnavailable
from tokenward.vault.frames import Frame, read_frame, write_frame
from tokenward.vault.unlocking import SECRET_VARIABLES

_MAIN = "import sys; sys.path[:] = sys.argv[1:]; from tokenward.vault.worker_process import main; main()"
_START_LIMIT = 30.0
_REAP_LIMIT = 5.0


class Child:
    """A process, which is dead after any failure.

    It has no terminal, no standard streams except its two private pipes, no workspace folder as its working
    folder or on its import path, and none of our secrets in its environment. It ends when its parent does.
    """

    def __init__(self, config: Frame) -> None:
        """Start the process and send its configuration; the first exchange waits until it is ready.

        Raises:
            VaultUnavailable: it cannot be started.
        """
        self._expired = False
        self._is_greeted = False
        self._process = _start()
        requests, _ = self._pipes()
        with contextlib.suppress(OSError):
            write_frame(requests, config)

    @property
    def alive(self) -> bool:
        """Return whether the process is alive."""
        return not self._expired and self._process.poll() is None

    def exchange(self, request: Frame, limit: float) -> Frame:
        """Send a request and wait for its answer; the first time, also wait until the process is ready.

        Raises:
            VaultTimeout: no answer arrived in time.
            VaultUnavailable: the process ended instead.
        """
        if not self._is_greeted:
            self._is_greeted = True
            self._answer(None, _START_LIMIT)
        return self._answer(request, limit)

    def _answer(self, request: Frame | None, limit: float) -> Frame:
        """Wait for an answer, after a request unless it is the process's first."""
        requests, answers = self._pipes()
        timer = threading.Timer(limit, self._expire)
        timer.daemon = True
        timer.start()
        try:
            if request is not None:
                write_frame(requests, request)
            answer = read_frame(answers)
        except (OSError, json.JSONDecodeError):
            answer = None
        except BaseException:
            # The answer to an interrupted exchange stays in the pipe, where the next exchange would read it.
            self.dispose()
            raise
        finally:
            timer.cancel()
            timer.join()
        if answer is None:
            self.dispose()
            raise self._failure(limit)
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

    def _failure(self, limit: float) -> VaultTimeout | VaultUnavailable:
        if self._expired:
            return VaultTimeout(
                "The keyring did not answer within {limit} seconds; answer its prompt if it shows one, and "
                "try again.",
                limit=f"{limit:g}",
            )
        return VaultUnavailable(
            "The keyring's process ended (exit code {returncode}); try again, and run `tokenward doctor` "
            "if it happens again.",
            returncode=self._process.returncode,
        )

    def _pipes(self) -> tuple[BinaryIO, BinaryIO]:
        return cast("BinaryIO", self._process.stdin), cast("BinaryIO", self._process.stdout)


def _start() -> subprocess.Popen[bytes]:
    # Isolated, so that Python does not add the working folder or PYTHONPATH.
    options = ["-I", "-S"] if sys.flags.no_site else ["-I"]
    try:
        return subprocess.Popen(
            [sys.executable, *options, "-c", _MAIN, *import_path()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=Path(sys.executable).parent,
            env={name: value for name, value in os.environ.items() if name not in SECRET_VARIABLES},
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        raise VaultUnavailable(
            "The keyring's process cannot be started with {executable} ({strerror}); reinstall Tokenward.",
            executable=sys.executable,
            strerror=error.strerror,
        ) from None


def import_path() -> list[str]:
    """Return this process's import path without its working folder, where a workspace may have a `keyring.py`."""
    ours = str(Path(__file__).resolve().parents[2])
    return [
        *(entry for entry in sys.path if Path(entry).is_absolute() and not _is_working_folder(entry)),
        ours,
    ]


def _is_working_folder(entry: str) -> bool:
    try:
        return Path(entry).samefile(Path.cwd())
    except OSError:
        return False
