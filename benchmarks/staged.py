"""The CPU time of a scan before a commit and of one file, compared with other scanners in one interleaved run.

    python benchmarks/staged.py [--times 15]

One line of a file of 200 lines is staged. CPU seconds are those of the whole command with its children; they depend
less on what else the machine does than the time does. Linux only.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from measuring import run
from peers import betterleaks, gitleaks, kingfisher
from platformdirs import user_cache_path

TOKENWARD = str(Path(sys.executable).with_name("tokenward"))
LONGEST = 60.0
Command = Sequence[str | Path]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=15)
    times = parser.parse_args().times
    print(
        f"{platform.machine()}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}, {times} times"
    )
    with tempfile.TemporaryDirectory() as name:
        _show(Path(name), times)


def _show(home: Path, times: int) -> None:
    workspace = home / "acme-api"
    _stage(workspace)
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}
    commands = dict(_commands())
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for turn in range(times + 1):
        for name, command in commands.items():
            done = run(command, home / "out", environment, workspace, LONGEST)
            if turn:
                taken[name].append((done.cpu, done.wall))
    print(f"{'ms':40}{'CPU':>8}{'p95':>8}{'wall':>8}")
    for name, figures in taken.items():
        cpus, walls = (sorted(column) for column in zip(*figures, strict=True))
        row = (statistics.median(cpus), cpus[int(len(cpus) * 0.95)], statistics.median(walls))
        print(f"{name:40}" + "".join(f"{figure * 1e3:8.0f}" for figure in row))


def _commands() -> Iterator[tuple[str, Command]]:
    for what in ("--staged", "app.py"):
        yield f"tokenward scan {what}", [TOKENWARD, "scan", what, "--no-cache"]
    cache = user_cache_path("tokenward-benchmarks")
    staged: dict[Callable[..., object], Command] = {
        betterleaks: ["git", "--staged", "--no-banner", "."],
        gitleaks: ["protect", "--staged", "--no-banner"],
        kingfisher: ["scan", ".", "--staged", "--no-validate", "--no-update-check"],
    }
    for install, words in staged.items():
        try:
            peer = install(cache)
        except (OSError, subprocess.CalledProcessError, StopIteration) as error:
            print(f"MISSING: {install.__name__} cannot be installed ({type(error).__name__}).")
            continue
        program = peer.command(Path(), Path("report"))[0]  # type: ignore[attr-defined]
        yield f"{peer.name}, staged", [program, *words]  # type: ignore[attr-defined]


def _stage(workspace: Path) -> None:
    workspace.mkdir()
    lines = [f"def step_{number}(value):\n    return value + {number}\n" for number in range(100)]
    file = workspace / "app.py"
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com"]
    for words in (["init", "-q"], ["add", "app.py"], ["commit", "-qm", "x"]):
        file.write_text("".join(lines))
        subprocess.run([*git, *words], cwd=workspace, check=True)
    file.write_text("".join([*lines, "last = step_1\n"]))
    subprocess.run(["git", "add", "app.py"], cwd=workspace, check=True)


if __name__ == "__main__":
    main()
