"""The memory and time of a scan of each of the worst texts, of 9 MB each, in a process of its own.

    python benchmarks/worst_texts.py [--patient] [--only NAME …]

A scan gives up after 20 s, which the last column shows; on a machine that does other things, `--patient` lets it go on
for as long as it needs.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import string
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import measuring

SIZE = 9_000_000
LONGEST = 300.0
TOKENWARD = str(Path(sys.executable).with_name("tokenward"))
PATIENT = f"""
from tokenward.cli import main
from tokenward.findings import scan
scan.DOCUMENT_DEADLINE = {LONGEST}
main.main()
"""
_CHANCE = random.Random(1)
_LETTERS = string.ascii_letters + string.digits


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patient", action="store_true")
    parser.add_argument("--only", nargs="*", choices=TEXTS, default=list(TEXTS))
    options = parser.parse_args()
    program = [sys.executable, "-c", PATIENT] if options.patient else [TOKENWARD]
    print(f"{platform.machine()}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        # The first run compiles the rules.
        for name in ("short lines", *options.only):
            _show(name, program, Path(folder))


def _show(name: str, program: list[str], folder: Path) -> None:
    text, output = folder / "text.yaml", folder / "report.json"
    text.write_text(TEXTS[name](), "utf-8")
    command = [*program, "scan", "--no-cache", "--format", "json", str(text)]
    run = measuring.run(command, output, {**os.environ, "HOME": str(folder)}, folder, LONGEST)
    summary = json.loads(output.read_text("utf-8"))["summary"] if output.stat().st_size else {}
    said = " ".join(summary.get("left_out", ())).replace(str(text), "it")
    print(
        f"{name:32} {run.peak / 1e6:5.0f} MB {run.cpu:6.1f} s CPU {summary.get('findings')} {said}",
        flush=True,
    )


def _repeated(unit: str) -> Callable[[], str]:
    return lambda: unit * (SIZE // len(unit))


def _random(length: int) -> str:
    return "".join(_CHANCE.choices(_LETTERS, k=length))


def _lines(start: str, length: int, count: int) -> Callable[[], str]:
    return lambda: "".join(f"{start}{_random(length)}\n" for _ in range(count))


TEXTS: dict[str, Callable[[], str]] = {
    "short lines": _repeated("a\n"),
    "one line": _repeated('{"a":1},'),
    "short lines and a token": lambda: "a\n" * (SIZE // 2) + "TOKEN=gh" + f"p_{_random(36)}\n",
    "colours and a token": lambda: "\x1b[0m" * (SIZE // 4) + " gh" + f"p_{_random(36)}\n",
    "URLs with a login, one line": _repeated("https://user:" + "pass@h "),
    "headers of private keys": _repeated("-----BEGIN PRIVATE" + " KEY-----\n"),
    "JDBC URLs, one line": _repeated("jdbc:mysql://h/d?user=a&password="),
    "Authorization, one line": _repeated("Authorization: Bearer "),
    "Kubernetes Secrets": lambda: "".join(
        f"kind: Secret\ndata:\n  password: {_random(28)}\n---\n" for _ in range(SIZE // 60)
    ),
    "50,000 tokens": _lines("gh" + "p_", 36, 50_000),
    "50,000 named values": _lines("TOKEN=", 24, 50_000),
}


if __name__ == "__main__":
    main()
