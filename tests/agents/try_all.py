"""Has the real agents try every way with every guard, and records what came of it; `make agents` calls it.

Takes the names of agents, all without one; `--ways=PATTERN` for those ways alone whose titles match, and
`--guards=protect,sandbox` for those guards alone, of the same version.
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


def main(*words: str) -> None:
    options = dict(word[2:].split("=", 1) for word in words if word.startswith("--"))
    names = [word for word in words if not word.startswith("--")]
    guards = [Guard(name) for name in options.get("guards", ",".join(Guard)).split(",")]
    with tempfile.TemporaryDirectory(prefix="tw-") as folder:
        Detector(Path(folder, "rules", "tokenward", "rules")).load()
        for agent in AGENTS:
            if not names or agent.name in names:
                if options and read()[agent.name]["version"] != agent.version:
                    sys.exit(f"The record of {agent.name} is of another version; try all ways.")
                for guard in guards:
                    if guard is not Guard.SANDBOX or agent.has_sandbox:
                        record(agent, guard, Path(folder), options.get("ways", ""))


def record(agent: RealAgent, guard: Guard, folder: Path, pattern: str) -> None:
    """Replace what is recorded of an agent with a guard, or of the ways whose titles match a pattern, at once."""
    ways = [way for way in WAYS if re.search(pattern, way.title)]
    with bench(agent, Path(tempfile.mkdtemp(dir=folder)), folder / "rules") as one:
        found = outcomes(one.guarded(guard).try_ways(ways))
    recorded = read()
    before = recorded.get(agent.name, {})
    if pattern:
        found = {**before.get(guard, {}), **found}
    tried: dict[str, Any] = {**before, "version": agent.version, "date": datetime.now(UTC).date().isoformat()}
    tried[guard] = {way.title: found[way.title] for way in WAYS if way.title in found}
    agents_table.RESULTS.write_text(json.dumps({**recorded, agent.name: tried}, indent=1) + "\n")
    print(f"{agent.name}, {guard}: done", file=sys.stderr)


def read() -> dict[str, Any]:
    """Return the record of all agents."""
    found: dict[str, Any] = (
        json.loads(agents_table.RESULTS.read_text()) if agents_table.RESULTS.exists() else {}
    )
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
