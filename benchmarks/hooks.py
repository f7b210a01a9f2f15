"""The time of an agent's hook and its CPU time, for each kind of event, with the hooks' daemon and without.

    python benchmarks/hooks.py [--times 60]

Each hook is started as Claude Code starts it, in turns and in random order, with all files cached, in a workspace
with a stored token and one in a file. With a display and a clipboard's program, a stopped prompt is copied, without its
token.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from credential_helpers import PROGRAMS, processor, tokenward

import keyring_session
import tokens
from tokenward import thin_client

STORED, EXPOSED = tokens.github("benchmark stored"), tokens.npm("benchmark exposed")
LOG = "".join(f"2026-01-01 12:00:{n % 60:02} INFO worker {n} took {n * 7} ms\n" for n in range(250))


def events(folder: Path) -> dict[str, tuple[dict[str, object], str]]:
    """Return each event's input, and a word of its answer."""
    result = {"stdout": f"{LOG}key {STORED}\n", "stderr": "", "interrupted": False, "isImage": False}
    read = {"tool_name": "Read", "tool_input": {"file_path": str(folder / ".env.local")}}
    run = {"tool_name": "Bash", "tool_input": {"command": "git status"}}
    asked: dict[str, tuple[str, dict[str, Any], str]] = {
        "a prompt": ("UserPromptSubmit", {"prompt": "rename the function"}, ""),
        "a prompt with a token": ("UserPromptSubmit", {"prompt": f"log in with {STORED}"}, "block"),
        "a command": ("PreToolUse", run, "exec --mask"),
        "a file with a token": ("PreToolUse", read, "deny"),
        "12 kB of output with a token": ("PostToolUse", {**run, "tool_response": result}, "****"),
    }
    common = {"session_id": "s", "transcript_path": "", "cwd": str(folder)}
    return {
        title: ({**common, "hook_event_name": event, **more}, word)
        for title, (event, more, word) in asked.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=60)
    times = parser.parse_args().times
    print(f"{platform.machine()}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}\n")
    with tempfile.TemporaryDirectory() as name, keyring_session.keyring_session() as environment:
        folder = Path(name)
        tokenward(folder, environment, ["put", "GITHUB_TOKEN"], STORED)
        (folder / ".env.local").write_text(f"NPM_TOKEN={EXPOSED}\n")
        with daemon(environment) as resident:
            found = measured(folder, environment, resident, times)
        print("| ms | CPU | p95 | until it ends | p95 |\n| --- | ---: | ---: | ---: | ---: |")
        for title, pairs in found.items():
            columns = [statistic(column) for column in zip(*pairs, strict=True)]
            print(f"| {title} | {columns[1]} | {columns[0]} |")


def statistic(seconds: tuple[float, ...]) -> str:
    last = statistics.quantiles(seconds, n=20)[-1]
    return " | ".join(f"{one * 1000:.0f}" for one in (statistics.median(seconds), last))


def measured(
    folder: Path, environment: Mapping[str, str], resident: int, times: int
) -> dict[str, list[tuple[float, float]]]:
    """Return the seconds until each start ended, with those of the CPU, the daemon's too."""
    with_daemon = {**environment, thin_client.SWITCH: "on"}
    starts = [
        (f"{title}, {how}", variables, *event)
        for how, variables in (("with the daemon", with_daemon), ("without", environment))
        for title, event in events(folder).items()
    ]
    seconds: dict[str, list[tuple[float, float]]] = {title: [] for title, *_ in starts}
    late = Counter[str]()
    # The first round fills caches.
    for number in range(times + 1):
        for title, variables, given, word in random.sample(starts, len(starts)):
            start, busy = time.perf_counter(), processor() + processor_of(resident)
            said = hook(given, folder, variables)
            ended, used = time.perf_counter() - start, processor() + processor_of(resident) - busy
            # On a busy machine, two seconds may be too few; the answer is a denial then.
            late[title] += word not in said
            assert STORED not in said
            assert EXPOSED not in said
            if number:
                seconds[title].append((ended, used))
    print(f"Denied because the answer would have been late: {dict(late)}\n")
    return seconds


def hook(given: object, folder: Path, environment: Mapping[str, str]) -> str:
    command = [str(PROGRAMS / "tokenward"), "agents", "hook", "claude-code"]
    text = json.dumps(given)
    return subprocess.run(
        command, input=text, cwd=folder, env=environment, capture_output=True, text=True, check=True
    ).stdout


def processor_of(process: int) -> float:
    """Return the CPU's seconds of a process and its children, once these have ended."""
    children = Path("/proc", str(process), "task", str(process), "children")
    while children.read_text():
        time.sleep(0.005)
    fields = Path("/proc", str(process), "stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def daemon(environment: Mapping[str, str]) -> Iterator[int]:
    """Run the hooks' daemon, and yield its process id once it answers."""
    resident = {**environment, thin_client.SWITCH: "on"}
    with subprocess.Popen([sys.executable, *thin_client.HOOKS_DAEMON], env=resident, cwd="/") as process:
        try:
            while not [*Path(environment["XDG_RUNTIME_DIR"]).glob("tokenward/*.sock")]:
                time.sleep(0.1)
            yield process.pid
        finally:
            process.kill()


if __name__ == "__main__":
    main()
