"""A check reports what the installed hooks really do, for every agent: with a guard, without, and with a broken one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import hook_stand_in
from agent_homes import AgentHome, newest
from tokenward.custody.store.fingerprints import Fingerprinter
from tokenward.detection.engine import Detector
from tokenward.findings.scan import Scanner
from tokenward.model import Surface
from tokenward.operations.agents_protection.check import canary, check
from tokenward.operations.agents_protection.plan import FoundAgent
from tokenward.operations.agents_protection.protected_agent import OnFailure, ProtectedAgent, protected_agents
from tokenward.operations.agents_protection.survey import GuardedSurface, Level, SurfaceStatus, survey
from tokenward.sources.source import Origin, Source

CLAUDE_CODE = protected_agents()["claude-code"]
CODEX = protected_agents()["codex"]
AGENTS = tuple(protected_agents().values())

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script with a shebang")

HOOKED = [agent for agent in AGENTS if agent.points]
PROMPT, READ, OUTPUT = GuardedSurface.PROMPT, GuardedSurface.READ, GuardedSurface.OUTPUT
E, B, R, A = Level.ENFORCED, Level.BEST_EFFORT, Level.RECORDED, Level.ABSENT
GUARDED = {
    "Claude Code": (E, E, E),
    "Codex": (B, B, B),
    "Cursor": (E, E, E),
    "Copilot CLI": (B, B, B),
    "VS Code": (B, B, B),
    "Gemini CLI": (B, B, B),
    "Antigravity": (A, B, B),
    "opencode": (E, E, E),
    "Mistral Vibe": (A, E, E),
    "Goose": (A, E, E),
    "Cline": (B, B, B),
    "Kiro": (R, B, B),
    "Amazon Q": (A, B, B),
    "Devin Desktop (Windsurf)": (B, B, B),
    "Junie": (B, B, B),
}
BLOCKS_WITHOUT_PROGRAM = {
    "Claude Code": {PROMPT, READ, OUTPUT},
    "Cursor": {PROMPT, READ, OUTPUT},
    "Copilot CLI": {READ, OUTPUT},
    # Gemini CLI takes the shell's own exit code and message for a denial.
    "Gemini CLI": {PROMPT, READ, OUTPUT},
    "opencode": {PROMPT, READ, OUTPUT},
    "Mistral Vibe": {READ, OUTPUT},
    "Goose": {READ, OUTPUT},
}
every_agent = pytest.mark.parametrize("agent", HOOKED, ids=lambda agent: agent.name)


@pytest.fixture
def home(tmp_path: Path) -> AgentHome:
    """A home in which the stand-in is installed under the name of the program."""
    found = AgentHome.at(tmp_path)
    program = tmp_path / "bin" / "tokenward"
    program.parent.mkdir()
    program.write_text(hook_stand_in.PROGRAM)
    program.chmod(0o755)
    return AgentHome(found.roots, found.places, str(program))


def checked(
    home: AgentHome, found: FoundAgent, mode: str, program: str = ""
) -> dict[GuardedSurface, SurfaceStatus]:
    Path(home.program).with_name("mode").write_text(mode)
    (status,) = survey(home.roots, [found], program or home.program)
    judged = check(status, program or home.program)
    return {one.surface: one for one in judged.surfaces if one.failed is not None}


def test_the_tables_have_every_agent() -> None:
    assert GUARDED.keys() == {agent.name for agent in HOOKED}


@every_agent
def test_a_guard_is_worth_what_its_agent_makes_of_it(home: AgentHome, agent: ProtectedAgent) -> None:
    home.plant(agent)
    home.protect(newest(agent))
    found = checked(home, newest(agent), "guards")
    levels = tuple(found[surface].level for surface in (PROMPT, READ, OUTPUT))
    assert levels == GUARDED[agent.name], found
    assert not any(one.failed for one in found.values())
    blocking = {surface for surface, one in found.items() if one.gone is OnFailure.BLOCKS}
    assert blocking == BLOCKS_WITHOUT_PROGRAM.get(agent.name, set())


@pytest.mark.slow
@every_agent
@pytest.mark.parametrize("mode", ["lets", "crashes", "babbles", "repeats"])
def test_a_hook_that_does_not_keep_the_token_is_never_called_a_guard(
    home: AgentHome, agent: ProtectedAgent, mode: str
) -> None:
    home.plant(agent)
    home.protect(newest(agent))
    found = checked(home, newest(agent), mode)
    for surface, before in zip((PROMPT, READ, OUTPUT), GUARDED[agent.name], strict=True):
        one = found[surface]
        if before in (E, B) and (mode != "repeats" or surface is PROMPT):
            assert one.level in (R, A), (surface, one)
            assert one.failed, (surface, one)


@every_agent
def test_a_hook_that_stops_everything_fails_the_check(home: AgentHome, agent: ProtectedAgent) -> None:
    """A hook that cannot do its work denies, so that the agent is stuck and nothing was proven."""
    home.plant(agent)
    home.protect(newest(agent))
    found = checked(home, newest(agent), "denies")
    tried = [
        one for surface, one in found.items() if surface is not OUTPUT and one.why.startswith("the hook")
    ]
    assert tried or agent.name == "Goose"
    assert all(one.failed and "stops what has no token too" in one.why for one in tried)


def test_without_hooks_everything_is_absent(home: AgentHome) -> None:
    for agent in HOOKED:
        found = checked(home, newest(agent), "guards")
        assert {one.level for one in found.values()} == {A}
        assert found[READ].failed


def test_hooks_that_are_switched_off_are_absent(home: AgentHome) -> None:
    home.protect(newest(CLAUDE_CODE))
    path = home.roots.home / ".claude" / "settings.json"
    path.write_text(path.read_text().replace("{", '{"disableAllHooks": true,', 1))
    found = checked(home, newest(CLAUDE_CODE), "guards")
    assert {one.level for one in found.values()} == {A}


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("hooks.json", '"timeout": 30', '"timeout": 31'),
        ("hooks.json", '"PreToolUse": [', '"PreToolUse": [{"hooks": []}, '),
        ("config.toml", "trusted_hash", "other_hash"),
        ("config.toml", 'trusted_hash = "', 'enabled = false\ntrusted_hash = "'),
    ],
)
def test_hooks_that_are_not_trusted_are_absent(home: AgentHome, name: str, old: str, new: str) -> None:
    """Codex skips them silently, so that a token in a file reaches the model."""
    home.protect(newest(CODEX))
    (status,) = survey(home.roots, [newest(CODEX)], home.program)
    assert status.is_trusted
    path = home.roots.home / ".codex" / name
    before = path.read_text()
    path.write_text(before.replace(old, new))
    assert path.read_text() != before
    Path(home.program).with_name("mode").write_text("guards")
    (status,) = survey(home.roots, [newest(CODEX)], home.program)
    found = check(status, home.program)
    assert {one.level for one in status.surfaces} == {one.level for one in found.surfaces} == {A}
    assert all(one.failed and one.gone is OnFailure.LETS_THROUGH for one in found.surfaces)


def test_an_entry_without_its_flag_is_not_enforced(home: AgentHome) -> None:
    home.protect(newest(CLAUDE_CODE))
    path = home.roots.home / ".claude" / "settings.json"
    path.write_text(path.read_text().replace('"onFailure": "block"', '"onFailure": "continue"'))
    found = checked(home, newest(CLAUDE_CODE), "guards")
    assert found[READ].level is B
    assert "lacks the flag" in found[READ].why
    assert found[READ].gone is OnFailure.LETS_THROUGH


def test_the_program_of_somebody_else_is_not_started(home: AgentHome, tmp_path: Path) -> None:
    """A repository's settings may name any program `tokenward`; only the running one counts."""
    trap = tmp_path / "trap" / "tokenward"
    trap.parent.mkdir()
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    AgentHome(home.roots, home.places, str(trap)).protect(newest(CLAUDE_CODE))
    found = checked(home, newest(CLAUDE_CODE), "guards")
    assert {one.level for one in found.values()} == {A}
    assert not (tmp_path / "sprung").exists()


def test_the_made_up_token_is_one_that_is_found(detector: Detector) -> None:
    scanner = Scanner(detector, Fingerprinter(bytes(32)))
    for _ in range(20):
        text = f"GITLAB_TOKEN={canary()}\n"
        assert scanner.scan(Source(text, Origin("file:///settings.txt", Surface.FILE)))
