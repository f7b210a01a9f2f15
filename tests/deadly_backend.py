"""A keyring backend that kills the program which asked it, at a chosen point of a call."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from fake_backends import Filed


class Deadly(Filed):
    """While `FAKE_KEYRING/kill` holds a number, that many points are passed before the program is killed.

    There is a point before and after each call. This process goes on until it notices, as a real one would.
    """

    def get_password(self, service: str, username: str) -> str | None:
        _point()
        found = super().get_password(service, username)
        _point()
        return found

    def set_password(self, service: str, username: str, password: str) -> None:
        _point()
        super().set_password(service, username, password)
        _point()


def _point() -> None:
    counter = Path(os.environ["FAKE_KEYRING"], "kill")
    if not counter.exists():
        return
    left = int(counter.read_text())
    counter.write_text(str(left - 1))
    if left == 0:
        os.kill(os.getppid(), signal.SIGKILL)
        # Dead before this call can go on, since its caller is.
        os._exit(0)
