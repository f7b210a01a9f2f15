"""The command on Windows, and our entries in its Credential Manager."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from tokenward import child
from tokenward.cli.main import main
from tokenward.vault import worker_process
from tokenward.vault.frames import parse_config
from tokenward.vault.worker_process import Service
from tokenward.wire import read_frame, write_frame

TOKENWARD = [sys.executable, "-m", "tokenward.cli"]
PATIENCE = 120.0


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode("utf-8", "replace").replace("\r\n", "\n")


@dataclass(frozen=True)
class Shell:
    """A workspace, and a user's environment."""

    environment: Mapping[str, str]
    folder: Path

    def __call__(self, *words: str, given: str | bytes = b"", **variables: str) -> Done:
        """Run a verb and the keyring's service in this process: each start takes a second and more under Wine."""
        environment = dict(os.environ)
        folder = Path.cwd()
        with (
            tempfile.TemporaryDirectory() as scratch,
            _streams(Path(scratch), given) as (output, errors),
            _keyring_in_thread(),
        ):
            os.environ.clear()
            os.environ.update({**self.environment, **variables})
            os.chdir(self.folder)
            words_before, sys.argv[1:] = sys.argv[1:], words
            try:
                main()
            except SystemExit as end:
                code = int(end.code or 0)
            finally:
                sys.argv[1:] = words_before
                os.chdir(folder)
                os.environ.clear()
                os.environ.update(environment)
                for stream in (sys.stdout, sys.stderr):
                    with contextlib.suppress(OSError):
                        stream.flush()
            return Done(code, output.read_bytes(), errors.read_text("cp1252").replace("\r\n", "\n"))

    def start(self, *words: str, **streams: Any) -> subprocess.Popen[bytes]:
        """Start a verb as a process of its own."""
        return subprocess.Popen([*TOKENWARD, *words], cwd=self.folder, env=dict(self.environment), **streams)

    @property
    def name(self) -> str:
        """The workspace's name."""
        return self.folder.name

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def put(self, name: str, value: str) -> None:
        done = self("put", name, given=value)
        assert done.code == 0, done.err

    def leftovers(self) -> list[str]:
        """The names of our own temporary files and folders in the workspace."""
        return [path.name for path in self.folder.rglob(".tokenward-*")]


@contextlib.contextmanager
def _streams(scratch: Path, given: str | bytes) -> Iterator[tuple[Path, Path]]:
    """Point this process's three streams at files, for the commands that it starts too."""
    paths = [scratch / name for name in ("0", "1", "2")]
    paths[0].write_bytes(given.encode() if isinstance(given, str) else given)
    before = [os.dup(number) for number in range(3)]
    objects = sys.stdin, sys.stdout, sys.stderr
    for number, path in enumerate(paths):
        descriptor = os.open(path, (os.O_RDWR | os.O_CREAT) | getattr(os, "O_BINARY", 0))
        os.dup2(descriptor, number)
        os.close(descriptor)
    try:
        with (
            open(0, encoding="cp1252", closefd=False) as sys.stdin,
            open(1, "w", encoding="cp1252", closefd=False) as sys.stdout,
            open(2, "w", encoding="cp1252", errors="backslashreplace", closefd=False) as sys.stderr,
        ):
            yield paths[1], paths[2]
    finally:
        sys.stdin, sys.stdout, sys.stderr = objects
        for number, descriptor in enumerate(before):
            os.dup2(descriptor, number)
            os.close(descriptor)


@contextlib.contextmanager
def _keyring_in_thread() -> Iterator[None]:
    start: Any = child._start

    def start_keyring(module: str, *given: Any, **options: Any) -> Any:
        return _Keyring() if module == worker_process.__name__ else start(module, *given, **options)

    child._start = start_keyring
    try:
        yield
    finally:
        child._start = start


class _Keyring:
    """As much of Popen as the keyring's process needs."""

    def __init__(self) -> None:
        (asked, ask), (answered, answer) = os.pipe(), os.pipe()
        self.stdin, self.stdout = os.fdopen(ask, "wb"), os.fdopen(answered, "rb")
        self._thread = threading.Thread(target=_serve, args=(asked, answer), daemon=True)
        self._thread.start()

    def poll(self) -> int | None:
        return None if self._thread.is_alive() else 0

    def kill(self) -> None:
        self.stdin.close()

    def wait(self, timeout: float) -> int:
        self._thread.join(timeout)
        return 0


def _serve(asked: int, answer: int) -> None:
    # It ends when its pipe is closed.
    with open(asked, "rb") as requests, open(answer, "wb") as answers, contextlib.suppress(EOFError, OSError):
        service = Service(*parse_config(read_frame(requests)))
        write_frame(answers, {"answer": None})
        while request := read_frame(requests):
            write_frame(answers, service.answer(request))


def credentials() -> list[dict[str, Any]]:
    """Return all entries of the Credential Manager that are ours."""
    # Finding none is an error of its own type.
    with contextlib.suppress(Exception):
        return list(_credential_manager().CredEnumerate("tokenward/*", 0))
    return []


def remove_credentials() -> None:
    for entry in credentials():
        _credential_manager().CredDelete(entry["TargetName"], entry["Type"], 0)


def _credential_manager() -> Any:
    return import_module("win32ctypes.pywin32.win32cred")
