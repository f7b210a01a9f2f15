"""The address of the login's D-Bus."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

VARIABLE = "DBUS_SESSION_BUS_ADDRESS"


def bus_address() -> str:
    """Return the address, or the one that systemd gives it: an assistant starts its servers with few variables.

    It is empty without a bus.
    """
    if sys.platform != "linux" or VARIABLE in os.environ:
        return os.environ.get(VARIABLE, "")
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.geteuid()}")
    with contextlib.suppress(OSError):
        if (runtime / "bus").is_socket() and runtime.stat().st_uid == os.geteuid():
            return f"unix:path={runtime / 'bus'}"
    return ""
