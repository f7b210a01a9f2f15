"""CPU time of the server for the quick fixes of five tokens, by file length.

    python benchmarks/code_actions.py [--lines 100 2000 10000] [--files app.py main.go …] [--rounds 40]

Each round changes the file, so that nothing is cached from the previous round. The kernel counts in steps of 10 ms, so
the mean of many rounds is shown.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import statistics
import string
import tempfile
from itertools import product
from pathlib import Path
from typing import Any

import psutil
from latency import Client, client

TOKENS = 5
LETTERS = string.ascii_letters + string.digits


# By file: its language in the protocol, its first line, a line without a token and one with it, and its last line.
FILES = {
    "app.py": (
        "python",
        "import os\n",
        "r{n} = compute({n}, 'text {n}')  # like others\n",
        "K_{n} = '{t}'\n",
        "",
    ),
    "app.js": (
        "javascript",
        "{\n",
        "  const r{n} = f({n}, 'text'); // like others\n",
        "  k{n} = '{t}';\n",
        "}\n",
    ),
    "main.go": (
        "go",
        "package a\n",
        'var r{n} = f({n}, "text {n}") // like others\n',
        'var k{n} = "{t}"\n',
        "",
    ),
    "A.java": (
        "java",
        "class A {\n",
        '  int r{n} = f({n}, "text {n}");\n',
        '  String k{n} = "{t}";\n',
        "}\n",
    ),
    "a.rb": (
        "ruby",
        "x = 1\n",
        'result_{n} = compute({n}, "text {n}") # like others\n',
        'k_{n} = "{t}"\n',
        "",
    ),
    "compose.yaml": ("yaml", "x-env:\n", '  R_{n}: "text {n}" # a line like others\n', "  K_{n}: {t}\n", ""),
    "a.ipynb": (
        "json",
        '{\n "cells": [\n',
        '  {{"cell_type": "code", "source": ["r{n} = compute({n}, 1)"]}},\n',
        '  {{"cell_type": "code", "source": ["K_{n} = \'{t}\'"]}},\n',
        '  {}\n ],\n "metadata": {}\n}\n',
    ),
    ".env": ("dotenv", "X=1\n", 'RESULT_{n}="text {n}" # a line like others\n', "K_{n}={t}\n", ""),
}


def lines_of(name: str, count: int) -> list[str]:
    """Return the lines of a file with a different token in each of five."""
    _, first, line, with_token, last = FILES[name]
    lines = [line.format(n=number) for number in range(count)]
    for number in range(TOKENS):
        value = "gh" + "p_" + "".join(random.Random(number).choices(LETTERS, k=36))
        lines[(number + 1) * count // (TOKENS + 2)] = with_token.format(n=number, t=value)
    return [first, *lines, last]


def ask(one: Client, last: int) -> list[Any]:
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": last, "character": 0}}
    params = {"textDocument": {"uri": one.uri}, "range": whole, "context": {"diagnostics": []}}
    return one.request("textDocument/codeAction", params) or []


def seconds(folder: Path, name: str, count: int, rounds: int) -> list[float]:
    times: list[float] = []
    with client("tokenward", folder) as one:
        lines = lines_of(name, count)
        one.uri = (folder / name).as_uri()
        one.open("".join(lines), FILES[name][0])
        server = psutil.Process(one.process.pid)
        for number in range(rounds + 1):
            one.change(lines, count // 2, lines[count // 2][0] if number % 2 else " ")
            before = server.cpu_times()
            actions = ask(one, count)
            after = server.cpu_times()
            assert sum("to the keyring" in action["title"] for action in actions) >= TOKENS, actions
            times.append(after.user + after.system - before.user - before.system)
    return times[1:]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, nargs="+", default=[100, 2_000, 10_000])
    parser.add_argument("--files", nargs="+", choices=FILES, default=list(FILES))
    parser.add_argument("--rounds", type=int, default=40)
    chosen = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as folder:
        for name, count in product(chosen.files, chosen.lines):
            times = seconds(Path(folder), name, count, chosen.rounds)
            print(f"  {name:12} {count:6} lines: {statistics.fmean(times) * 1000:6.0f} ms of CPU time")


if __name__ == "__main__":
    main()
