"""A real VS Code with an extension, served to a browser by code-server."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

BROWSER = shutil.which("chromium") or shutil.which("google-chrome") or ""

_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
_LOCK = Path(__file__).parent / "vscode" / "code-server" / "package-lock.json"
_PLACE = _CACHE / "tokenward-test" / f"code-server-{hashlib.sha256(_LOCK.read_bytes()).hexdigest()[:12]}"
"""The folder into which scripts/set-up.sh installs the locked packages."""
_NODE = next(_PLACE.glob("node_modules/node-linux-*/bin/node"), _PLACE / "node")
_PROGRAM = _PLACE / "node_modules" / "code-server" / "out" / "node" / "entry.js"

AVAILABLE = bool(BROWSER) and _PROGRAM.exists()
WHY_NOT = "needs chromium or google-chrome on PATH, and code-server where scripts/set-up.sh puts it"


@dataclass(frozen=True)
class CodeServer:
    """A running server; its address opens a VS Code window in a browser."""

    address: str
    data: Path
    process: int

    def children(self, last_argument: str) -> list[psutil.Process]:
        """Return its descendants whose command line has this ending, the youngest last."""
        found = []
        for child in psutil.Process(self.process).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if child.cmdline()[-1:] == [last_argument]:
                    found.append(child)
        return sorted(found, key=psutil.Process.create_time)

    @contextlib.contextmanager
    def settings(self, changes: Mapping[str, object]) -> Iterator[None]:
        """Change the user's settings while the block runs; a window has those with which it was opened."""
        place = self.data / "User" / "settings.json"
        before = place.read_text("utf-8")
        place.write_text(json.dumps({**json.loads(before), **changes}), "utf-8")
        try:
            yield
        finally:
            place.write_text(before, "utf-8")

    def logs(self) -> str:
        """Return the logs of the latest window's extensions and of their host process."""
        windows = sorted(self.data.glob("logs/*/exthost*"), key=lambda place: place.stat().st_mtime)
        places = [place for window in windows[-1:] for place in sorted(window.rglob("*.log"))]
        wanted = (place for place in places if place.name in ("Tokenward.log", "remoteexthost.log"))
        return "".join(f"--- {place}\n{place.read_text('utf-8', 'replace')[-4000:]}\n" for place in wanted)


@contextlib.contextmanager
def code_server(
    environment: Mapping[str, str], extension: Path, settings: Mapping[str, object]
) -> Iterator[CodeServer]:
    """Install an extension and serve VS Code; end everything that it started after the block."""
    data = Path(environment["HOME"]) / "code-server"
    (data / "User").mkdir(parents=True)
    (data / "User" / "settings.json").write_text(json.dumps(dict(settings)), "utf-8")
    base = [str(_NODE), str(_PROGRAM), "--user-data-dir", str(data)]
    base += ["--extensions-dir", str(data / "extensions")]
    _install(base, environment, extension)
    command = [*base, "--auth", "none", "--bind-addr", "127.0.0.1:0", "--disable-telemetry"]
    command += ["--disable-update-check", "--reconnection-grace-time", "1"]
    with subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        start_new_session=True,
    ) as process:
        try:
            yield CodeServer(_address(process), data, process.pid)
        finally:
            _end(process)


def _install(base: list[str], environment: Mapping[str, str], extension: Path) -> None:
    command = [*base, "--install-extension", str(extension)]
    done = subprocess.run(
        command, env=environment, capture_output=True, encoding="utf-8", timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _address(process: subprocess.Popen[str]) -> str:
    """Wait until it is ready and return its address, at a port of its own choice."""
    assert process.stdout is not None
    heard = []
    for line in process.stdout:
        heard.append(line)
        if found := re.search(r"HTTP server listening on (http://\S+?)/?$", line.strip()):
            return found[1]
    raise AssertionError("code-server did not start: " + "".join(heard))


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=10)
    # The processes of its windows belong to its session.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
