"""`keyring` backends with faults that real ones show too rarely to test.

A test sets PYTHON_KEYRING_BACKEND to `fake_backends.NAME` and allows the module. FAKE_KEYRING names a folder:
`entries.json` holds the entries, `pid` the process that was called last, and calls hang while `hang` exists.
"""

from __future__ import annotations

import getpass
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

from keyring.backend import KeyringBackend


class Filed(KeyringBackend):
    """Stores entries in a file; hangs on demand; a write replaces an entry, as on most systems."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        return self._entries().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._save({**self._entries(), f"{service} {username}": password})

    def delete_password(self, service: str, username: str) -> None:
        entries = self._entries()
        del entries[f"{service} {username}"]
        self._save(entries)

    def _entries(self) -> dict[str, str]:
        _folder().joinpath("pid").write_text(str(os.getpid()))
        while _folder().joinpath("hang").exists():
            time.sleep(600)
        path = _folder() / "entries.json"
        return json.loads(path.read_text()) if path.exists() else {}

    def _save(self, entries: dict[str, str]) -> None:
        _folder().joinpath("entries.json").write_text(json.dumps(entries))


class Forgetful(Filed):
    """Accepts values and stores nothing."""

    def set_password(self, service: str, username: str, password: str) -> None:
        self._entries()


class Truncating(Filed):
    """Stores the first half of a value."""

    def set_password(self, service: str, username: str, password: str) -> None:
        super().set_password(service, username, password[: len(password) // 2])


class Dying(Filed):
    """Ends its process at the second value that it stores."""

    def set_password(self, service: str, username: str, password: str) -> None:
        if self._entries():
            os._exit(1)
        super().set_password(service, username, password)


class Refusing(Filed):
    """Fails at the second value that it stores."""

    def set_password(self, service: str, username: str, password: str) -> None:
        if self._entries():
            raise OSError("full")
        super().set_password(service, username, password)


class Telltale(Filed):
    """Fails with the value in the exception's text."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError(f"could not store {password}")


class Leaving(Filed):
    """Ends its process as a library should not."""

    def get_password(self, service: str, username: str) -> str | None:
        raise SystemExit("bye")


class Prompting(Filed):
    """Tries every way to talk to the user, and answers with the results."""

    def get_password(self, service: str, username: str) -> str | None:
        os.write(1, b"NOISE on descriptor 1")
        os.write(2, b"NOISE on descriptor 2")
        print("NOISE on stdout")
        return " ".join(_outcome(ask) for ask in (input, getpass.getpass, lambda: os.read(0, 1).decode()))


class Mirror(Filed):
    """Answers with its process's environment and working folder."""

    def get_password(self, service: str, username: str) -> str | None:
        return json.dumps({"environment": dict(os.environ), "folder": str(Path.cwd())})


class Crashing(KeyringBackend):
    """Keeps entries in memory, one per service; its process can be made to die before any call."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[str, str] = {}
        self.calls = 0
        self._left: int | None = None

    def crash_after(self, calls: int | None) -> None:
        self._left = calls

    def get_password(self, service: str, username: str) -> str | None:
        self._count()
        return self.entries.get(service)

    def set_password(self, service: str, username: str, password: str) -> None:
        self._count()
        self.entries[service] = password

    def delete_password(self, service: str, username: str) -> None:
        self._count()
        del self.entries[service]

    def _count(self) -> None:
        self.calls += 1
        if self._left is not None:
            if self._left == 0:
                raise KeyboardInterrupt
            self._left -= 1


def _outcome(ask: Callable[[], object]) -> str:
    try:
        return f"got {ask()!r}"
    except EOFError:
        return "nobody"


def _folder() -> Path:
    return Path(os.environ["FAKE_KEYRING"])
