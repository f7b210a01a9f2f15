"""Has the real agents try every way with every guard, and records what came of it; `make agents` calls it.

Takes the names of agents; without one, it tries those of the table. Each record is of one agent with one guard at one
commit, and what is recorded already of this commit is not tried again, so that a run that was cut off goes on. With
`--ways=PATTERN`, only the ways whose titles match are tried, and what leaked is printed instead;
`--guards=protect,sandbox` chooses guards.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

import agents_table

from agents.bench import Guard, Tried, bench, outcomes
from agents.real_agents import AGENTS, APART, RealAgent
from agents.ways import WAYS, Way
from tokenward.detection.engine import Detector

CHANGED = "+"


def main(*words: str) -> None:
    options = dict(word[2:].split("=", 1) for word in words if word.startswith("--"))
    names = [word for word in words if not word.startswith("--")]
    ways = [way for way in WAYS if re.search(options.get("ways", ""), way.title)]
    chosen = [one for one in (*AGENTS, *APART) if one.name in names] or AGENTS
    guards = [Guard(name) for name in options.get("guards", ",".join(Guard)).split(",")]
    columns = [(agent, guard) for agent in chosen for guard in guards]
    failed = False
    with tempfile.TemporaryDirectory(prefix="tw-", ignore_cleanup_errors=True) as folder:
        Detector(Path(folder, "rules", "tokenward", "rules")).load()
        for agent, guard in columns:
            if guard is Guard.SANDBOX and not agent.has_sandbox:
                continue
            if "ways" in options:
                show(tried(agent, guard, Path(folder), ways))
            else:
                failed |= not record(agent, guard, Path(folder))
    sys.exit(failed)


def tried(agent: RealAgent, guard: Guard, folder: Path, ways: list[Way]) -> dict[Way, Tried]:
    with bench(agent, Path(tempfile.mkdtemp(dir=folder)), folder / "rules") as one:
        return one.guarded(guard).try_ways(ways)


def record(agent: RealAgent, guard: Guard, folder: Path) -> bool:
    """Replace what is recorded of an agent with a guard; return False if the agent did not get to the end, twice."""
    path, commit = agents_table.record_of(agent.name, guard), _commit()
    if path.exists() and json.loads(path.read_text())["commit"] == commit.removesuffix(CHANGED) == commit:
        return True
    for _ in range(2):
        try:
            found = outcomes(tried(agent, guard, folder, list(WAYS)))
        except (AssertionError, OSError, subprocess.SubprocessError):
            traceback.print_exc()
            continue
        day = datetime.now(UTC).date().isoformat()
        data = {"agent": agent.name, "guard": guard, "version": agent.version, "date": day, "commit": commit}
        ordered = {way.title: found[way.title] for way in WAYS if way.title in found}
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({**data, "ways": ordered}, indent=1) + "\n")
        print(f"{agent.name}, {guard}: {agents_table.counts(ordered)}", file=sys.stderr, flush=True)
        return True
    return False


def show(found: dict[Way, Tried]) -> None:
    for way, one in found.items():
        print(f"{way.title}: {', '.join(one.leaked) or 'kept'}\n    {one.read[-500:]!r}", flush=True)


def _commit() -> str:
    """Return the commit that is checked out, with a sign if the code is not as it says."""

    def git(*words: str) -> str:
        return subprocess.check_output(["git", *words], cwd=agents_table.ROOT, text=True).strip()

    changes = git("status", "--porcelain", "--", "server", "tests", ":!tests/agents/tried")
    return git("rev-parse", "--short=12", "HEAD") + (CHANGED if changes else "")


if __name__ == "__main__":
    main(*sys.argv[1:])
