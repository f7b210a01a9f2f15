"""The CPU time of a real Claude Code that makes 90 ordinary calls in a session, without a guard and with `protect`.

    python benchmarks/agent_day.py [--times 3]

The model is a script on this machine. What counts is the time of the whole machine, so nothing else may run there;
`make test-real` installs the agent.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import psutil

from agents.bench import Guard, bench
from agents.ordinary import CALLS, prepare, results
from agents.real_agents import AGENTS
from tokenward import thin_client

DAY = CALLS[:90]
CLAUDE = next(one for one in AGENTS if one.name == "Claude Code")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=3)
    chosen = parser.parse_args()
    cores = f"{platform.machine()}, {psutil.cpu_count()} cores"
    print(f"{cores}, Python {platform.python_version()}; {len(DAY)} calls, CPU seconds")
    seconds: dict[Guard, list[float]] = {Guard.NOTHING: [], Guard.PROTECT: []}
    with tempfile.TemporaryDirectory(prefix="tw-", ignore_cleanup_errors=True) as folder:
        for _ in range(chosen.times):
            for guard, found in seconds.items():
                found.append(day(guard, Path(folder)))
    plain, guarded = (statistics.median(found) for found in seconds.values())
    print(f"without a guard {plain:.1f}, with protect {guarded:.1f}: {guarded / plain:.2f} times")


def day(guard: Guard, folder: Path) -> float:
    with bench(CLAUDE, Path(tempfile.mkdtemp(dir=folder)), folder / "rules", has_terminal=False) as one:
        # The program as installed, not the bench's, which has more time and loads more.
        for program in (one.program, one.program.with_name(f"tokenward{thin_client.AGENT_SHELL}")):
            program.unlink()
            program.symlink_to(Path(sys.executable).with_name(program.name))
        guarded = one.guarded(guard)
        prepare(guarded)
        before = spent()
        results(guarded, DAY)
        return spent() - before


def spent() -> float:
    """Return the CPU time of the whole machine, because what masks outlives its parents."""
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system)


if __name__ == "__main__":
    main()
