"""A shell for tests of the command line: real processes, with or without a terminal."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

TOKENWARD = str(Path(sys.executable).with_name("tokenward"))
PATIENT = (sys.executable, str(Path(__file__).parent / "agents" / "tokenward_with_time.py"))
"""The command, with time enough for its hooks."""
PATIENCE = 120.0
"""Some commands compile all rules first."""
SetUp = Callable[[], contextlib.AbstractContextManager[object]]


@dataclass(frozen=True)
class Done:
    """What a process left behind."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()


@dataclass(frozen=True)
class Shell:
    """Starts `tokenward` in a folder and an environment."""

    environment: Mapping[str, str]
    folder: Path
    before: tuple[str, ...] = field(default=())

    def __call__(self, *arguments: str | bytes, stdin: bytes | None = b"", **variables: str) -> Done:
        """Run to the end without any terminal; `stdin` None is a closed one."""
        from starts import in_session_to_end  # noqa: PLC0415 - not on Windows

        command = [*self.before, TOKENWARD, *arguments]
        return in_session_to_end(command, {**self.environment, **variables}, self.folder, stdin)

    @property
    def data(self) -> Path:
        """The folder of the user's records."""
        return Path(self.environment["HOME"], ".local", "share", "tokenward")

    def at(self, folder: Path) -> Shell:
        return replace(self, folder=folder)

    def having(self, **variables: str) -> Shell:
        return replace(self, environment={**self.environment, **variables})

    def without(self, *names: str) -> Shell:
        kept = {name: value for name, value in self.environment.items() if name not in names}
        return replace(self, environment=kept)

    def write_env(self, *lines: str, name: str = ".env") -> None:
        self.folder.joinpath(name).write_text("".join(f"{line}\n" for line in lines))

    def write_script(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
        return path

    def put(self, name: str, value: str) -> None:
        done = self("put", name, "--no-env", stdin=value.encode())
        assert done.code == 0, done.err

    def get(self, name: str) -> str:
        done = self("get", name)
        assert done.code == 0, done.err
        return done.text.removesuffix("\n")

    def agree(self, *arguments: str) -> int:
        """Say yes to what a command asks at a terminal; its exit code."""
        with self.terminal(*arguments) as terminal:
            terminal.expect("[y/N]")
            terminal.type("y\n")
            return terminal.end()

    def terminal(
        self, *arguments: str, command: tuple[str, ...] = (TOKENWARD,), typed: str = ""
    ) -> contextlib.AbstractContextManager[Terminal]:
        """Run at a terminal of its own; `command` is the program, and its first arguments."""
        from starts import at_terminal  # noqa: PLC0415 - not on Windows

        return at_terminal([*command, *arguments], self.environment, self.folder, typed)


@dataclass
class Terminal:
    """A person in front of one process."""

    process: subprocess.Popen[bytes]
    descriptor: int
    shown: str = ""

    def expect(self, text: str) -> None:
        """Read until a text was shown."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.shown:
            assert time.monotonic() < deadline, self.shown
            assert self._read() or text in self.shown, self.shown

    def type(self, text: str) -> None:
        os.write(self.descriptor, text.encode())

    def end(self) -> int:
        """Read the rest; the exit code."""
        while self._read():
            pass
        return self.process.wait(PATIENCE)

    def _read(self) -> bool:
        ready, _, _ = select.select([self.descriptor], [], [], PATIENCE)
        if not ready:
            # A fork then says where each of its threads is.
            self.process.send_signal(signal.SIGABRT)
            time.sleep(1)
            traceback = os.read(self.descriptor, 65536).decode(errors="replace")
            raise AssertionError(f"nothing more came after {self.shown!r}, but when aborted:\n{traceback}")
        try:
            chunk = os.read(self.descriptor, 65536)
        except OSError:  # how Linux says that the last writer has gone
            return False
        self.shown += chunk.decode(errors="replace")
        return bool(chunk)


def scanned(shell: Shell, *arguments: str, code: int) -> dict[str, Any]:
    """Return the JSON report of a scan that ends with an exit code."""
    done = shell("scan", "--format", "json", *arguments)
    assert done.code == code, done.err
    report: dict[str, Any] = json.loads(done.text)
    return report


def paths(report: dict[str, Any]) -> list[str]:
    return sorted(finding["path"] for finding in report["findings"])
