"""A keyring backend that kills its caller at a chosen point of a call."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from fake_backends import Filed


class Deadly(Filed):
    """While `FAKE_KEYRING/kill` holds a number, passes that many points before it kills the program.

    There is a point before and after each call. This process continues until it notices, as a real one would.
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
        # The caller is dead, so this call must not continue.
        os._exit(0)
