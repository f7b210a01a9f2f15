"""`make agents`: has real agents make every ordinary call, without a guard and with `protect`, and prints what differs.

An agent that has a sandbox makes them in there, too; Claude Code's hides /dev/shm, so that TMPDIR has to be elsewhere.
What an agent cannot do without a guard is not a failure of ours.

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
            for is_sandboxed in (False, True)[: 1 + agent.has_sandbox]:
                failed += compare(agent, Path(folder), is_sandboxed=is_sandboxed)
    sys.exit(failed > 0)


def compare(agent: RealAgent, folder: Path, *, is_sandboxed: bool) -> int:
    """Print which calls a guard changes; return how many fail because of it."""
    plain = made(agent, Guard.NOTHING, folder, is_sandboxed=is_sandboxed)
    protected = made(agent, Guard.PROTECT, folder, is_sandboxed=is_sandboxed)
    changed = [call for call in plain if same(plain[call]) != same(protected[call])]
    for call in changed:
        print(f"{call.text or call.tool}:\n  {plain[call][-300:]!r}\n  {protected[call][-300:]!r}")
    missed = failures(protected).keys() - failures(plain).keys()
    for call in missed:
        print(f"FAILS: {call.text or call.tool}")
    place = " in its sandbox" if is_sandboxed else ""
    print(f"{agent.name}{place}: {len(missed)} of {len(plain)} fail, {len(changed)} differ", flush=True)
    return len(missed)


def made(agent: RealAgent, guard: Guard, folder: Path, *, is_sandboxed: bool) -> dict[Call, str]:
    with bench(agent, Path(tempfile.mkdtemp(dir=folder)), folder / "rules") as one:
        guarded = (one.sandboxed() if is_sandboxed else one).guarded(guard)
        prepare(guarded)
        return results(guarded, CALLS)


if __name__ == "__main__":
    main(*sys.argv[1:])
