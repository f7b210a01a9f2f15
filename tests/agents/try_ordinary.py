"""`make agents`: has real agents make every ordinary call, without a guard and with `protect`, and prints what differs.

PYTHONPATH=tests python tests/agents/try_ordinary.py [AGENT …]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from agents.bench import Guard, bench
from agents.ordinary import CALLS, Call, failures, prepare, results, same
from agents.real_agents import AGENTS, RealAgent


def main(*names: str) -> None:
    failed = 0
    with tempfile.TemporaryDirectory(prefix="tw-", ignore_cleanup_errors=True) as folder:
        for agent in [one for one in AGENTS if not names or one.name in names]:
            plain, protected = (made(agent, guard, Path(folder)) for guard in (Guard.NOTHING, Guard.PROTECT))
            changed = [call for call in plain if same(plain[call]) != same(protected[call])]
            for call in changed:
                print(f"{call.text or call.tool}:\n  {plain[call][-300:]!r}\n  {protected[call][-300:]!r}")
            missed = failures(protected)
            print(f"{agent.name}: {len(missed)} of {len(protected)} fail, {len(changed)} differ", flush=True)
            failed += len(missed)
    sys.exit(failed > 0)


def made(agent: RealAgent, guard: Guard, folder: Path) -> dict[Call, str]:
    with bench(agent, Path(tempfile.mkdtemp(dir=folder)), folder / "rules") as one:
        guarded = one.guarded(guard)
        prepare(guarded)
        return results(guarded, CALLS)


if __name__ == "__main__":
    main(*sys.argv[1:])
