"""Real agents start sessions in which a token stands where they read by themselves; `make agents` tries every start."""

from __future__ import annotations

from pathlib import Path

import pytest

import keyring_session
from agents.bench import Guard, bench
from agents.real_agents import CLAUDE, CODEX, WHY_NOT, RealAgent
from agents.session_starts import HARMLESS, QUICK, RESUMED, STARTS, TOKENS, starts_of, try_start


@pytest.mark.timeout(900)
@pytest.mark.parametrize("agent", [CLAUDE, CODEX], ids=lambda agent: agent.name)
def test_no_session_starts_with_a_token_and_one_without_goes_as_before(
    agent: RealAgent, rules_home: Path, tmp_path: Path
) -> None:
    """Without a guard, the first of them sends the token, so the search is not blind."""
    if not keyring_session.AVAILABLE:
        pytest.skip(keyring_session.WHY_NOT)
    if agent.path is None:
        pytest.skip(WHY_NOT)
    with bench(agent, tmp_path, rules_home, has_terminal=False) as plain:
        starts = [start for start in starts_of(plain) if start.name in (RESUMED, *QUICK)]
        assert try_start(plain, starts[0], TOKENS).leaked
        one = plain.guarded(Guard.PROTECT)
        for start in starts:
            # The session to be resumed is from before.
            assert not try_start(one, start, TOKENS, before=False).leaked, start.name
            harmless = try_start(one, start, HARMLESS)
            assert harmless.sent, (start.name, harmless.said)


def test_each_start_has_a_name_of_its_own() -> None:
    names = [start.name for start in STARTS]
    assert len(names) == len({*names})
    assert {*names} >= {RESUMED, *QUICK}
