"""Unpacks a `.vsix` and starts its server as the extension does, by this Python or others, and by the one inside.

python scripts/try_vsix.py DIST TARGET [PYTHON …]
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

ISOLATED = ["-I", "-S"]


def main() -> None:
    dist, target, *pythons = sys.argv[1:]
    [vsix] = Path(dist).glob(f"tokenward-{target}-*.vsix")
    with tempfile.TemporaryDirectory() as scratch, zipfile.ZipFile(vsix) as archive:
        archive.extractall(scratch)
        bundled = Path(scratch, "extension", "bundled")
        inside = bundled / "python" / ("python.exe" if os.name == "nt" else "bin/python3")
        if inside.exists():
            inside.chmod(0o755)
            pythons = [*(pythons or [sys.executable]), str(inside)]
        for python in pythons or [sys.executable]:
            print(f"{vsix.name}: {started(python, bundled)}", flush=True)


def started(python: str, bundled: Path) -> str:
    """Return the server's version under a Python, after starting it by the probe, the command and the protocol."""
    with tempfile.TemporaryDirectory() as hostile:
        # Modules in the working folder or on PYTHONPATH must not be imported.
        for name in ("tokenward.py", "json.py", "typer.py", "keyring.py"):
            Path(hostile, name).write_text("raise SystemExit('imported from the working folder')\n", "utf-8")
        answer = json.loads(said([python, *ISOLATED, str(bundled / "probe.py")], hostile))
        if answer["fault"]:
            sys.exit(f"{python} cannot run the bundle: {answer}")
        command = [answer["executable"], *ISOLATED, str(bundled / "launch.py")]
        version = said([*command, "--version"], hostile).strip()
        name = initialized([*command, "server"], hostile)["serverInfo"]["name"]
    return f"{version} under Python {answer['version']}, server {name}"


def said(command: list[str], folder: str, given: bytes | None = None) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment(folder),
        input=given,
        check=True,
        capture_output=True,
        timeout=120,
    )
    return done.stdout.decode("utf-8")


def environment(folder: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": folder, "PYTHONSTARTUP": str(Path(folder, "json.py"))}


def initialized(command: list[str], folder: str) -> dict[str, Any]:
    """Return the answer to `initialize`."""
    params: dict[str, Any] = {"processId": os.getpid(), "rootUri": None, "capabilities": {}}
    talk: list[dict[str, Any]] = [
        {"id": 1, "method": "initialize", "params": params},
        {"method": "initialized", "params": {}},
        {"id": 2, "method": "shutdown"},
        {"method": "exit"},
    ]
    output = said(command, folder, b"".join(map(framed, talk)))
    answers = [json.loads(part[part.index("{") :]) for part in output.split("Content-Length:") if "{" in part]
    [result] = [answer["result"] for answer in answers if answer.get("id") == 1]
    return dict(result)


def framed(message: dict[str, Any]) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode("utf-8")
    return f"Content-Length: {len(body)}\r\n\r\n".encode() + body


if __name__ == "__main__":
    main()
