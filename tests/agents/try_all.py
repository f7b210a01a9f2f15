"""Has the real agents try every way with every guard, and records what came of it; `make agents` calls it.

Takes the names of agents; all without one.
"""

from __future__ import annotations

import json
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
    with tempfile.TemporaryDirectory(prefix="tw-") as folder:
        Detector(Path(folder, "rules", "tokenward", "rules")).load()
        for agent in AGENTS:
            if not names or agent.name in names:
                record(agent, Path(folder))


def record(agent: RealAgent, folder: Path) -> None:
    """Replace an agent's part of the record."""
    tried: dict[str, Any] = {"version": agent.version, "date": datetime.now(UTC).date().isoformat()}
    for guard in Guard:
        if guard is Guard.SANDBOX and not agent.has_sandbox:
            continue
        place = Path(tempfile.mkdtemp(dir=folder))
        with bench(agent, place, folder / "rules") as one:
            tried[guard] = outcomes(one.guarded(guard).try_ways(WAYS))
        print(f"{agent.name}, {guard}: done", file=sys.stderr)
    results = json.loads(agents_table.RESULTS.read_text()) if agents_table.RESULTS.exists() else {}
    agents_table.RESULTS.write_text(json.dumps({**results, agent.name: tried}, indent=1) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
