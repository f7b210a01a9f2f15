"""QuickReader: reads an unlocked Secret Service in this very process, for commands on which every program waits."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tokenward.model import Reference, Secret
from tokenward.vault.file_lock import hold_file_lock
from tokenward.vault.session_bus import bus_address
from tokenward.vault.vault import VaultConfig

if TYPE_CHECKING:
    from tokenward.vault.secret_service import UnlockedCollection

SECONDS = 2.0
"""How long it may take; after that, the worker's process asks, which can wait for a prompt and be killed."""
_AGAIN = 0.5
_BACKEND = "keyring.backends.SecretService.Keyring"


class QuickReader:
    """Returns values that a Secret Service gives at once, and None for all others.

    It opens no prompt. Only the worker may report that a value is missing, or why it cannot be read.
    """

    def __init__(self, config: VaultConfig) -> None:
        self._config = config
        self._is_usable = _is_secret_service(config)
        self._collection: UnlockedCollection | None = None

    @property
    def is_usable(self) -> bool:
        """Return whether it may have an answer."""
        return self._is_usable and _can_be_interrupted()

    def get(self, reference: Reference) -> Secret | None:
        """Return a value; None if only the worker can say."""
        if not self.is_usable:
            return None
        value = _in_time(SECONDS, lambda: self._read(reference))
        # A service that is slow, locked or absent is not asked here again.
        self._is_usable = value is not None
        return value

    def close(self) -> None:
        """Close the connection."""
        if self._collection is not None:
            self._collection.close()
        self._collection = None

    def _read(self, reference: Reference) -> Secret | None:
        # gnome-keyring aborts if several processes connect at once.
        with hold_file_lock(self._config.lock, SECONDS):
            if self._collection is None:
                from tokenward.vault.secret_service import UnlockedCollection  # noqa: PLC0415 - of Linux alone

                self._collection = UnlockedCollection(bus_address())
            return self._collection.get(reference)


def _is_secret_service(config: VaultConfig) -> bool:
    """Return whether `choose_backend` would choose the Secret Service, as far as can be said without loading it."""
    if sys.platform != "linux" or config.kind != "keyring" or not bus_address():
        return False
    if "KDE" in os.environ.get("XDG_CURRENT_DESKTOP", "").split(":"):
        return False
    named = os.environ.get("PYTHON_KEYRING_BACKEND", "")
    if named:
        return named == _BACKEND
    folder = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return not os.path.lexists(Path(folder, "python_keyring", "keyringrc.cfg"))


def _can_be_interrupted() -> bool:
    """Return whether the system's timer can end a call here, and nothing else uses it."""
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        return False
    is_blocked = signal.SIGALRM in signal.pthread_sigmask(signal.SIG_BLOCK, ())
    # A parent may have set it to end this command.
    return not is_blocked and signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


class _Expired(BaseException):
    """The time is over; no handler of a library's failures may catch it."""


def _in_time(seconds: float, work: Callable[[], Secret | None]) -> Secret | None:
    """Return what the work returns; None if it fails or takes too long."""
    if sys.platform == "win32":
        return None
    before = signal.signal(signal.SIGALRM, _expire)
    try:
        try:
            # Again and again, in case a library's handler swallows one.
            signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
            return work()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except (_Expired, Exception):  # noqa: BLE001 - a library's failure, which the worker will name
        return None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _expire(*_: object) -> NoReturn:
    raise _Expired
