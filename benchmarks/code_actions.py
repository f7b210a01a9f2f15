"""CPU time of the server for the quick fixes of five tokens, by file length.

    python benchmarks/code_actions.py [--lines 100 2000 10000] [--rounds 40]

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
from pathlib import Path
from typing import Any

import psutil
from latency import Client, client, text_of

TOKENS = 5
LETTERS = string.ascii_letters + string.digits


def lines_of(count: int) -> list[str]:
    """Return the lines of a Python file with a different token in each of five."""
    lines = text_of(count)
    for number in range(TOKENS):
        value = "".join(random.Random(number).choices(LETTERS, k=40))
        lines[(number + 1) * count // (TOKENS + 2)] = f'SERVICE_{number}_PASSWORD = "{value}"\n'
    return lines


def ask(one: Client, last: int) -> list[Any]:
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": last, "character": 0}}
    params = {"textDocument": {"uri": one.uri}, "range": whole, "context": {"diagnostics": []}}
    return one.request("textDocument/codeAction", params) or []


def seconds(folder: Path, count: int, rounds: int) -> list[float]:
    times: list[float] = []
    with client("tokenward", folder) as one:
        lines = lines_of(count)
        one.open("".join(lines))
        server = psutil.Process(one.process.pid)
        for number in range(rounds + 1):
            one.change(lines, 1, "rs"[number % 2])
            before = server.cpu_times()
            actions = ask(one, count)
            after = server.cpu_times()
            assert sum("to the keyring" in action["title"] for action in actions) >= TOKENS, actions
            times.append(after.user + after.system - before.user - before.system)
    return times[1:]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, nargs="+", default=[100, 2_000, 10_000])
    parser.add_argument("--rounds", type=int, default=40)
    chosen = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as folder:
        for count in chosen.lines:
            times = seconds(Path(folder), count, chosen.rounds)
            print(f"  {count:6} lines: {statistics.fmean(times) * 1000:6.0f} ms of CPU time")


if __name__ == "__main__":
    main()
