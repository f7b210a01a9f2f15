"""Has the real agents start sessions in which a token stands where they read by themselves; `make agents` calls it.

Takes the names of agents; `--starts=PATTERN` chooses starts, and `--guards=protect` leaves out those without a guard.
Prints a table: whether a token reached the model without a guard and with one, and whether the same start without a
token goes as before.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from agents.bench import Bench, Guard, bench
from agents.real_agents import CLAUDE, CODEX, RealAgent
from agents.session_starts import HARMLESS, RESUMED, TOKENS, Start, starts_of, try_start
from tokenward.detection.engine import Detector


def main(*words: str) -> None:
    options = dict(word[2:].split("=", 1) for word in words if word.startswith("--"))
    names = [word for word in words if not word.startswith("--")]
    guards = [Guard(name) for name in options.get("guards", "nothing,protect").split(",")]
    failed = False
    with tempfile.TemporaryDirectory(prefix="tw-", ignore_cleanup_errors=True) as folder:
        Detector(Path(folder, "rules", "tokenward", "rules")).load()
        for agent in (CLAUDE, CODEX):
            if not names or agent.name in names:
                failed |= not _try(agent, Path(folder), re.compile(options.get("starts", "")), guards)
    sys.exit(failed)


def _try(agent: RealAgent, folder: Path, pattern: re.Pattern[str], guards: list[Guard]) -> bool:
    """Print the table of an agent; return whether no ordinary start leaks and every harmless one works."""
    print(
        f"| {agent.name} | {' | '.join(guards)} | without a token |\n| --- |{' --- |' * (len(guards) + 1)}",
        flush=True,
    )
    place = Path(tempfile.mkdtemp(dir=folder))
    with bench(agent, place, folder / "rules", has_terminal=False) as plain:
        starts = [start for start in starts_of(plain) if pattern.search(start.name)]
        unguarded = [_outcome(plain, start) for start in starts] if Guard.NOTHING in guards else []
        one = plain.guarded(Guard.PROTECT)
        passed = True
        for at, start in enumerate(starts):
            # The session to be resumed is from before.
            found = try_start(one, start, TOKENS, before=False)
            harmless = try_start(one, start, HARMLESS)
            works = harmless.sent or start.name == RESUMED
            cells = [
                *unguarded[at : at + 1],
                "**leak**" if found.leaked else "kept",
                "works" if works else "**stopped**",
            ]
            print(f"| {start.name} | {' | '.join(cells)} |", flush=True)
            passed &= (not found.leaked or not start.is_ordinary) and works
            if not works:
                print(harmless.said, file=sys.stderr)
    return passed


def _outcome(one: Bench, start: Start) -> str:
    return "leak" if try_start(one, start, TOKENS).leaked else "kept"


if __name__ == "__main__":
    main(*sys.argv[1:])
