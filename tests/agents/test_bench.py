"""The real agents with our hooks, under a scripted model: what reaches the model, and what the page says of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import agents_table
import pytest

import keyring_session
from agents.bench import Bench, Guard, bench, outcomes
from agents.ordinary import CALLS, failures, prepare, results, same
from agents.real_agents import AGENTS, CLAUDE, CODEX, WHY_NOT, RealAgent
from agents.ways import KINDS, ORDINARY, WAYS, Tool
from agents.wire_formats import ToolCall

RECORDED = agents_table.records()
LONG = 1_200
"""Seconds; each call starts several processes."""
EACH = pytest.mark.parametrize("agent", AGENTS, ids=lambda agent: agent.name)
REFUSED_BY_TOKENWARD = {
    "`tokenward get`: at a terminal of its own",
    "`tokenward get`: with settings of its own",
    "the guard's own files: `tokenward agents undo`",
}
"""Ways that are closed to known agents with any settings."""
CONTINUED = replace(CLAUDE, command=lambda session, prompt: [*CLAUDE.command(session, prompt), "--continue"])
OWN_RULES = {f"{KINDS[29]}: a command that they deny"}
"""Kept without a guard, and no less with one."""


@pytest.mark.timeout(LONG)
@EACH
def test_a_protected_agent_leaks_only_what_the_page_says_and_can_go_on(
    agent: RealAgent, rules_home: Path, tmp_path: Path
) -> None:
    """Before the quickest of them is protected, the same search finds leaks, so it is not blind."""
    if not keyring_session.AVAILABLE:
        pytest.skip(keyring_session.WHY_NOT)
    if agent.path is None:
        pytest.skip(WHY_NOT)
    with bench(agent, tmp_path, rules_home) as one:
        quick = [way for way in WAYS if way.is_quick]
        if agent is CODEX:
            assert_as_recorded(one, Guard.NOTHING, [way for way in quick if way.kind == 23])
        assert_as_recorded(one.guarded(Guard.PROTECT), Guard.PROTECT, quick)


def assert_as_recorded(one: Bench, guard: Guard, ways: list[Any]) -> None:
    tried = one.try_ways(ways)
    recorded = RECORDED[one.agent.name][guard]["ways"]
    found = outcomes(tried)
    assert found == {title: recorded[title] for title in found}
    unread = {way.title: read.read for way, read in tried.items() if way.sees not in read.read}
    assert guard is Guard.NOTHING or unread == {}


@EACH
def test_no_ordinary_way_leaks_with_protection(agent: RealAgent) -> None:
    """Other encodings than those that are searched for are not ordinary; the page shows them as leaks."""
    ordinary = {way.title for way in WAYS if way.kind in ORDINARY and way.decode is str}
    for guard, record in RECORDED[agent.name].items():
        leaking = {way for way, outcome in record["ways"].items() if outcome == "leaks"}
        assert guard == Guard.NOTHING or leaking & ordinary == set()


@EACH
def test_the_record_is_of_this_version_and_has_every_way(agent: RealAgent) -> None:
    tools = {*agent.tools, Tool.PROMPT}
    wanted = {way.title for way in WAYS if not way.is_harmless and way.tool in tools}
    for guard in Guard:
        if guard is not Guard.SANDBOX or agent.has_sandbox:
            record = RECORDED[agent.name][guard]
            assert (record["version"], record["ways"].keys()) == (agent.version, wanted), guard


def test_every_way_brings_a_token_to_some_model_without_a_guard() -> None:
    """What brings nothing anywhere would prove nothing."""
    leaking = {
        way
        for one in RECORDED.values()
        for way, outcome in one[Guard.NOTHING]["ways"].items()
        if outcome == "leaks"
    }
    assert {way.title for way in WAYS if not way.is_harmless} - leaking == REFUSED_BY_TOKENWARD | OWN_RULES


def test_every_kind_has_ways_and_the_page_has_the_results() -> None:
    assert {way.kind for way in WAYS} == KINDS.keys() >= ORDINARY
    assert KINDS.keys() | agents_table.NOT_TRIED.keys() == {*range(1, 32)}
    page = agents_table.PAGE.read_text()
    assert page == agents_table.with_table(page, RECORDED)


@pytest.mark.timeout(LONG)
def test_ordinary_calls_of_a_protected_agent_show_what_they_show_without_a_guard(
    rules_home: Path, tmp_path: Path
) -> None:
    """Each leaves the agent where it would be, with its exit code; `make agents` makes all the calls."""
    if not keyring_session.AVAILABLE:
        pytest.skip(keyring_session.WHY_NOT)
    if CLAUDE.path is None:
        pytest.skip(WHY_NOT)
    calls = [call for call in CALLS if call.is_quick]
    found = {}
    for guard in (Guard.NOTHING, Guard.PROTECT):
        (tmp_path / guard).mkdir()
        with bench(CLAUDE, tmp_path / guard, rules_home) as one:
            guarded = one.guarded(guard)
            prepare(guarded)
            found[guard] = results(guarded, calls)
            assert failures(found[guard]) == {}
            assert_skills_run(guarded)
    plain, protected = found.values()
    assert [same(read) for read in plain.values()] == [same(read) for read in protected.values()]


def assert_skills_run(one: Bench) -> None:
    """A slash command and a skill have what their commands print, and a session that is resumed goes on."""
    one.model.play()
    assert one.start("/look").returncode == 0
    assert b"look-at-this" in b"".join(one.model.requests)
    one.model.play(ToolCall("Skill", {"skill": "fine"}))
    assert one.start("go on").returncode == 0
    assert b"state-is-fine" in one.model.requests[-1]
    again = ToolCall("Bash", {"command": "echo again"})
    # The result from before is sent again, and counts.
    one.model.play(again, again)
    assert replace(one, agent=CONTINUED).start("go on").returncode == 0
    assert b"state-is-fine" in one.model.requests[0]
    assert "again" in one.model.results[-1]
