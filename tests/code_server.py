"""A real VS Code, served by code-server to a browser, with an extension installed in it."""

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
"""Where scripts/set-up.sh installs what the lock names."""
_NODE = next(_PLACE.glob("node_modules/node-linux-*/bin/node"), _PLACE / "node")
_PROGRAM = _PLACE / "node_modules" / "code-server" / "out" / "node" / "entry.js"

AVAILABLE = bool(BROWSER) and _PROGRAM.exists()
WHY_NOT = "needs chromium or google-chrome on PATH, and code-server where scripts/set-up.sh puts it"


@dataclass(frozen=True)
class CodeServer:
    """A running one; whoever opens its address in a browser has a VS Code window."""

    address: str
    data: Path
    process: int

    def children(self, last_argument: str) -> list[psutil.Process]:
        """The processes under it whose command line ends so, the youngest last."""
        found = []
        for child in psutil.Process(self.process).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if child.cmdline()[-1:] == [last_argument]:
                    found.append(child)
        return sorted(found, key=psutil.Process.create_time)

    @contextlib.contextmanager
    def settings(self, changes: Mapping[str, object]) -> Iterator[None]:
        """Other settings of the user for a while; what is open hears of it, both times."""
        place = self.data / "User" / "settings.json"
        before = place.read_text("utf-8")
        place.write_text(json.dumps({**json.loads(before), **changes}), "utf-8")
        try:
            yield
        finally:
            place.write_text(before, "utf-8")

    def logs(self) -> str:
        """What the extensions of the latest window, and the process that runs them, have logged."""
        windows = sorted(self.data.glob("logs/*/exthost*"), key=lambda place: place.stat().st_mtime)
        places = [place for window in windows[-1:] for place in sorted(window.rglob("*.log"))]
        wanted = (place for place in places if place.name in ("Tokenward.log", "remoteexthost.log"))
        return "".join(f"--- {place}\n{place.read_text('utf-8', 'replace')[-4000:]}\n" for place in wanted)


@contextlib.contextmanager
def code_server(
    environment: Mapping[str, str], extension: Path, settings: Mapping[str, object]
) -> Iterator[CodeServer]:
    """Install an extension and serve it; everything that it started ends with the block."""
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
    """Where it listens, at a port of its own choice; it says so when it is ready."""
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
    # The processes of its windows are in its session.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
