"""Has the real agents try every way with every guard, and records what came of it; `make agents` calls it.

Takes the names of agents, all without one, and `--ways=PATTERN` for those ways alone whose titles match, of the same
version.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import agents_table

from agents.bench import Guard, bench, outcomes
from agents.real_agents import AGENTS, RealAgent
from agents.ways import WAYS
from tokenward.detection.engine import Detector


def main(*names: str) -> None:
    pattern = next((one.partition("=")[2] for one in names if one.startswith("--ways=")), "")
    names = tuple(one for one in names if not one.startswith("--"))
    with tempfile.TemporaryDirectory(prefix="tw-") as folder:
        Detector(Path(folder, "rules", "tokenward", "rules")).load()
        for agent in AGENTS:
            if not names or agent.name in names:
                record(agent, Path(folder), pattern)


def record(agent: RealAgent, folder: Path, pattern: str) -> None:
    """Replace an agent's part of the record, or that of the ways whose titles match a pattern."""
    ways = [way for way in WAYS if re.search(pattern, way.title)]
    before = read().get(agent.name, {}) if pattern else {}
    if before and before["version"] != agent.version:
        sys.exit(f"The record of {agent.name} is of another version; try all ways.")
    tried: dict[str, Any] = {"version": agent.version, "date": datetime.now(UTC).date().isoformat()}
    for guard in Guard:
        if guard is Guard.SANDBOX and not agent.has_sandbox:
            continue
        place = Path(tempfile.mkdtemp(dir=folder))
        with bench(agent, place, folder / "rules") as one:
            found = {**before.get(guard, {}), **outcomes(one.guarded(guard).try_ways(ways))}
        tried[guard] = {way.title: found[way.title] for way in WAYS if way.title in found}
        print(f"{agent.name}, {guard}: done", file=sys.stderr)
    agents_table.RESULTS.write_text(json.dumps({**read(), agent.name: tried}, indent=1) + "\n")


def read() -> dict[str, Any]:
    """Return the record of all agents."""
    found: dict[str, Any] = (
        json.loads(agents_table.RESULTS.read_text()) if agents_table.RESULTS.exists() else {}
    )
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
