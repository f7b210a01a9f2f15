"""Protecting and taking back, killed by SIGKILL at every step: files are as before or after, and can be completed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agent_homes import AgentHome, newest
from examples import fewer
from killed import KILLED, kill_at
from tokenward.operations.agents_protection.protected_agent import ProtectedAgent, protected_agents

GOOSE = protected_agents()["goose"]
VIBE = protected_agents()["vibe"]
CLINE = protected_agents()["cline"]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="SIGKILL and fork are POSIX's")

AGENT = {agent.name: agent for agent in (VIBE, GOOSE, CLINE)}
STRIDE = {"Mistral Vibe": 1, "Goose": fewer(7, 1), "Cline": fewer(7, 1)}
"""Steps from one kill to the next."""


def killed_at(step: int, home: AgentHome, work: Callable[[], object]) -> int:
    """Run work in a process that is killed before change number `step` of a home; its exit code."""
    child = os.fork()
    if not child:
        try:
            sys.setprofile(kill_at(step, home.roots.home))
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def assert_before_or_after(home: AgentHome, agent: ProtectedAgent, *states: dict[Path, bytes]) -> None:
    for path in home.files_of(agent):
        content = path.read_bytes() if path.exists() else None
        assert content in [state.get(path) for state in states], path


def clean_up(home: AgentHome) -> None:
    """Do what every command does first: remove the remains of writes that were killed."""
    from tokenward.operations.files.writes_under_way import clear_up  # noqa: PLC0415

    if home.places.writes.exists():
        assert clear_up(home.places.writes) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", AGENT)
def test_no_kill_of_protect_or_undo_loses_anything(tmp_path: Path, name: str) -> None:
    agent = AGENT[name]
    done = {"protect": False, "undo": False}
    step, seen = 1, set[str]()
    while not all(done.values()):
        home = AgentHome.at(tmp_path / str(step))
        before, there = home.plant(agent), home.everything()
        code = killed_at(step, home, lambda home=home: home.protect(newest(agent)))  # type: ignore[misc]
        assert code in (0, KILLED)
        done["protect"] = done["protect"] or code == 0
        clean_up(home)
        middle = home.contents(agent)
        seen.add("protected" if middle == before else "changed")
        if step % 2:
            home.undo()
            assert home.contents(agent) == before
            assert home.everything() == there
        home.protect(newest(agent))
        after = home.contents(agent)
        assert not any(plan.changes for plan in home.plans(newest(agent)))
        for path, content in middle.items():
            assert content in (before.get(path), after[path])
        code = killed_at(step, home, home.undo)
        assert code in (0, KILLED)
        done["undo"] = done["undo"] or code == 0
        clean_up(home)
        assert_before_or_after(home, agent, before, after)
        if step % 3 == 0:
            home.protect(newest(agent))
            assert home.contents(agent) == after
        assert [outcome.reason for outcome in home.undo() if outcome.reason] == []
        assert home.contents(agent) == before
        assert home.everything() == there
        assert home.record().files == {}
        step += STRIDE[name]
    assert seen == {"protected", "changed"}
    assert step > 3 * STRIDE[name]
