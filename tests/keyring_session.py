"""A private D-Bus session with a real gnome-keyring, so that tests do not touch the user's."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

State = Literal["unlocked", "locked", "absent"]

AVAILABLE = all(map(shutil.which, ("dbus-daemon", "gnome-keyring-daemon")))
WHY_NOT = "needs dbus-daemon and gnome-keyring-daemon, which exist on Linux only"

_FOREIGN = {
    "DBUS_SESSION_BUS_ADDRESS",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "GNOME_KEYRING_CONTROL",
    "PYTHON_KEYRING_BACKEND",
    "XDG_DATA_HOME",
    "XDG_CONFIG_HOME",
    "XDG_STATE_HOME",
    "XDG_CACHE_HOME",
}


@contextlib.contextmanager
def keyring_session(state: State = "unlocked") -> Iterator[dict[str, str]]:
    """Yield the environment for child processes; `absent` has no bus, `locked` a keyring that cannot be unlocked."""
    # Not pytest's folder: a socket's path has at most 107 characters.
    # A program that outlived its editor may still write while the folder is removed.
    place = tempfile.TemporaryDirectory(prefix="tw-", ignore_cleanup_errors=True)
    with place as folder, contextlib.ExitStack() as stack:
        environment = _private_environment(Path(folder))
        if state == "absent":
            yield environment
            return
        environment["DBUS_SESSION_BUS_ADDRESS"] = stack.enter_context(_bus(environment))
        stack.enter_context(daemon(environment))
        if state == "locked":
            _lock(environment)
        yield environment


@contextlib.contextmanager
def daemon(environment: dict[str, str]) -> Iterator[int]:
    """Run an unlocked gnome-keyring on the environment's bus; yield its process id."""
    command = ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"]
    with _running(command, environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdin.write(b"test passphrase")
        process.stdin.close()
        # It prints its control folder once it is ready.
        process.stdout.readline()
        yield process.pid


@contextlib.contextmanager
def paused(environment: dict[str, str]) -> Iterator[None]:
    """Let the Secret Service of an environment answer nothing while the block runs."""
    command = [
        *("dbus-send", "--session", "--print-reply=literal", "--dest=org.freedesktop.DBus", "/"),
        *("org.freedesktop.DBus.GetConnectionUnixProcessID", "string:org.freedesktop.secrets"),
    ]
    service = int(subprocess.check_output(command, env=environment).split()[-1])
    os.kill(service, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(service, signal.SIGCONT)


def _private_environment(folder: Path) -> dict[str, str]:
    home, runtime = folder / "home", folder / "run"
    for place in (home, runtime):
        place.mkdir(mode=0o700)
    kept = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    # A test starts the daemon that it needs.
    return {**kept, "HOME": str(home), "XDG_RUNTIME_DIR": str(runtime), "TOKENWARD_DAEMON": "off"}


@contextlib.contextmanager
def _bus(environment: dict[str, str]) -> Iterator[str]:
    # Its socket goes with the folder; not as `bus`, which programs without an address would take.
    place = f"--address=unix:dir={environment['XDG_RUNTIME_DIR']}"
    command = ["dbus-daemon", "--session", "--nofork", "--print-address=1", place]
    with _running(command, environment, stdout=subprocess.PIPE) as bus:
        yield bus.stdout.readline().decode().strip()


@contextlib.contextmanager
def _running(
    command: list[str], environment: dict[str, str], **pipes: Any
) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, **pipes) as process:
        try:
            yield process
        finally:
            process.kill()


def _lock(environment: dict[str, str]) -> None:
    subprocess.run(
        [
            *("dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.secrets"),
            *("/org/freedesktop/secrets", "org.freedesktop.Secret.Service.Lock"),
            "array:objpath:/org/freedesktop/secrets/collection/login",
        ],
        env=environment,
        check=True,
        capture_output=True,
    )
