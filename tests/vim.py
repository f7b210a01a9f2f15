"""A real Vim in a terminal of its own, configured by blocks that users copy from docs/start/editors/vim.md.

Vim connects to a socket of the test and evaluates what comes through it (`:help channel-commands`).
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import pty
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from neovim import PATIENCE, with_programs

ALE = Path("/usr/share/vim-ale")
AVAILABLE = shutil.which("vim") is not None and ALE.exists()
WHY_NOT = "needs Vim 9 and Debian's vim-ale"
PAGE = Path(__file__).parent.parent / "docs" / "start" / "editors" / "vim.md"


@dataclass(frozen=True)
class Vim:
    """A running Vim; each method returns after Vim has finished the action."""

    channel: socket.socket
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(-1, -1))

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression of Vim's."""
        number = next(self.numbers)
        self.channel.sendall(json.dumps(["expr", expression, number]).encode() + b"\n")
        received = b""
        while not received.endswith(b"\n"):
            received += self.channel.recv(65536)
        answered, value = json.loads(received)
        assert answered == number
        assert value != "ERROR", expression
        return value

    def do(self, command: str) -> None:
        """Run an Ex command, and fail if it fails."""
        self.evaluate(f"execute({json.dumps(command)}, '')")

    def press(self, keys: str) -> None:
        """Have Vim handle keys as if they were typed."""
        self.evaluate(f"feedkeys({json.dumps(keys)}, 't')")

    def text(self) -> str:
        return "\n".join(self.evaluate("getline(1, '$')")) + "\n"

    def marked(self, count: int) -> list[dict[str, Any]]:
        """Wait until ALE marks `count` places in the current buffer, and return them."""

        def places() -> list[dict[str, Any]]:
            return list(self.evaluate("ale#engine#GetLoclist(bufnr())"))

        await_(lambda: len(places()) == count, f"{count} marks")
        return places()


@contextlib.contextmanager
def vim(environment: Mapping[str, str], folder: Path) -> Iterator[Vim]:
    """Start Vim in a folder and yield it; it ends with the block."""
    found = {**with_programs(environment), "TERM": "xterm", "SHELL": "/bin/sh"}
    address = Path(found["XDG_RUNTIME_DIR"]) / "vim"
    control, terminal = pty.openpty()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.fspath(address))
        listener.listen()
        listener.settimeout(PATIENCE)
        command = ["vim", "-N", "-n", "-i", "NONE", "-u", str(_write_vimrc(Path(found["HOME"])))]
        command += ["-c", f"let test = ch_open('unix:{address}')"]
        with subprocess.Popen(
            command,
            cwd=folder,
            env=found,
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            start_new_session=True,
        ) as process:
            os.close(terminal)
            try:
                with listener.accept()[0] as channel:
                    channel.settimeout(PATIENCE)
                    yield Vim(channel)
            finally:
                process.terminate()
                os.close(control)


def await_(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)


def _write_vimrc(folder: Path) -> Path:
    """Write the page's command and its blocks about ALE to a file, and return its path."""
    text = PAGE.read_text("utf-8").partition("## vim-lsp")[0]
    blocks = re.findall(r"^```vim\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    vimrc = folder / "vimrc"
    start = f"set nocompatible\nset runtimepath^={ALE}\nfiletype plugin on\n"
    vimrc.write_text(start + "\n".join(blocks), "utf-8")
    return vimrc
