"""Every row of the table of agents: its files are protected once, keep what is foreign, and come back byte for byte."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import tomllib
from pathlib import Path

import pytest

from agent_homes import AgentHome, newest
from tokenward.operations.agents.dialects.dialect import all_dialects
from tokenward.operations.agents_protection.hook_command import commands_in
from tokenward.operations.agents_protection.plan import FoundAgent
from tokenward.operations.agents_protection.protected_agent import Aim, ProtectedAgent, protected_agents
from tokenward.operations.agents_protection.survey import Level, survey
from tokenward.rewriting.settings_files.formats import FORMATS

CLAUDE_CODE = protected_agents()["claude-code"]
AGENTS = tuple(protected_agents().values())

every_agent = pytest.mark.parametrize("agent", AGENTS, ids=lambda agent: agent.name)


@pytest.fixture
def home(tmp_path: Path) -> AgentHome:
    return AgentHome.at(tmp_path)


def test_every_dialect_has_a_row_and_every_row_a_source() -> None:
    assert {agent.dialect for agent in AGENTS} - {""} == all_dialects().keys()
    assert all(agent.source and agent.date and agent.files and agent.folders for agent in AGENTS)
    assert all(bool(agent.points) == bool(agent.dialect) for agent in AGENTS)
    assert all(target.format in FORMATS for agent in AGENTS for target in agent.files)


@every_agent
def test_foreign_settings_survive_protection_and_come_back_byte_for_byte(
    home: AgentHome, agent: ProtectedAgent
) -> None:
    before, there = home.plant(agent), home.everything()
    plans = home.protect(newest(agent))
    assert all(plan.changes and not plan.refusal and not plan.problems for plan in plans)
    for path, content in before.items():
        if home.files_of(agent)[path] != "json":
            continue
        data = FORMATS["json"].read(path.read_text())
        foreign = FORMATS["json"].read(content.decode())
        assert isinstance(data, dict)
        assert isinstance(foreign, dict)
        assert data["theme"] == foreign["theme"]
        assert data["env"].items() >= foreign["env"].items()
        assert "// of the user" in path.read_text()
        assert "Read(mine)" in data["permissions"]["deny"]
    after = home.contents(agent)
    assert all(not plan.changes for plan in home.protect(newest(agent)))
    assert home.contents(agent) == after
    assert [outcome.reason for outcome in home.undo()] == [""] * len(plans)
    assert home.contents(agent) == before
    assert home.everything() == there


@every_agent
def test_new_files_are_read_by_their_formats_own_parser_and_removed_again(
    home: AgentHome, agent: ProtectedAgent
) -> None:
    there = home.everything()
    home.protect(newest(agent))
    for path, name in home.files_of(agent).items():
        if path.name == "mine.json":
            continue
        text = path.read_text()
        if "json" in (name, path.suffix[1:]):
            json.loads(text)
        elif name == "toml":
            tomllib.loads(text)
        elif path.suffix == ".js" and (node := shutil.which("node")):
            module = path.with_suffix(".mjs")
            module.write_text(text)
            subprocess.run([node, "--check", module], check=True, timeout=60)
            module.unlink()
        elif name == "script" and path.suffix != ".js":
            assert os.name == "nt" or path.stat().st_mode & stat.S_IXUSR
            subprocess.run(["sh", "-n", path], check=True, timeout=60)
    home.undo()
    assert home.everything() == there


@every_agent
def test_every_hook_is_read_back_with_its_flag(home: AgentHome, agent: ProtectedAgent) -> None:
    home.plant(agent)
    home.protect(newest(agent))
    (status,) = survey(home.roots, [newest(agent)], home.program)
    assert [hook.point for hook in status.hooks] == list(agent.points)
    for hook in status.hooks:
        assert hook.command.words == [home.program, "agents", "hook", agent.dialect]
        assert agent.flag is None or hook.fields[agent.flag[0]] == agent.flag[1]
    assert status.problems == ()
    levels = {surface.level for surface in status.surfaces}
    assert levels - {Level.ABSENT} or not agent.points
    (other,) = survey(home.roots, [newest(agent)], "/elsewhere/tokenward")
    assert {one.level for one in other.surfaces if one.surface != "denied files"} <= {Level.ABSENT}


@every_agent
def test_an_agent_that_is_too_old_gets_no_event_that_it_would_refuse_and_is_not_called_enforced(
    home: AgentHome, agent: ProtectedAgent
) -> None:
    home.plant(agent)
    for version in ("", "0.0.1"):
        old = FoundAgent(agent, version)
        home.protect(old)
        (status,) = survey(home.roots, [old], home.program)
        assert all(not hook.point.since for hook in status.hooks)
        if agent.blocks_since:
            assert Level.ENFORCED not in {surface.level for surface in status.surfaces}
            assert any(agent.blocks_since in surface.why for surface in status.surfaces)


@pytest.mark.slow
@pytest.mark.parametrize(
    "program", ["/opt/a b/tokenward", "/opt/it's/tokenward", '/opt/"q"/tokenward', "/opt/é$x/tokenward"]
)
def test_every_shape_takes_a_program_with_any_name(tmp_path: Path, program: str) -> None:
    for number, agent in enumerate(AGENTS):
        home = AgentHome.at(tmp_path / str(number))
        named = AgentHome(home.roots, home.places, program)
        home.plant(agent)
        named.protect(newest(agent))
        (status,) = survey(home.roots, [newest(agent)], program)
        assert {hook.command.program for hook in status.hooks} == ({program} if agent.points else set())


def test_the_hooks_of_others_are_not_taken_for_ours() -> None:
    for line in (
        "tokenward run -- x",
        "/x/nottokenward agents hook codex",
        "tokenward agents hook",
        "'",
        "a; b",
    ):
        assert not list(commands_in([{"command": line}, {"hooks": [{"command": line}]}])), line
    assert list(commands_in([{"hooks": [{"command": "/x/tokenward", "args": ["agents", "hook", "codex"]}]}]))


def test_denials_protect_the_guard_itself(home: AgentHome) -> None:
    """Where an agent has denials by path, those of its own settings and of our records are among them."""
    for agent in AGENTS:
        rules = [
            str(entry.value) + ".".join(entry.path)
            for target in agent.files
            if target.aim is Aim.DENIALS and target.format == "json"
            for entry in newest(agent).entries(target, home.program)
        ]
        if agent.name in {"Claude Code", "opencode"}:
            assert any("share/tokenward" in rule for rule in rules)
            assert any("claude/settings.json" in rule or "config/opencode" in rule for rule in rules)


@pytest.mark.parametrize(
    ("sandbox", "is_broken"),
    [
        ({"enabled": True, "credentials": {"envVars": [{"name": "GH_TOKEN", "mode": "mask"}]}}, True),
        ({"enabled": True, "credentials": {"envVars": [{"name": "GH_TOKEN", "mode": "deny"}]}}, False),
        ({"enabled": False, "credentials": {"envVars": [{"name": "GH_TOKEN", "mode": "mask"}]}}, False),
        (
            {
                "enabled": True,
                "network": {"tlsTerminate": {}},
                "credentials": {"envVars": [{"name": "GH_TOKEN", "mode": "mask"}]},
            },
            False,
        ),
        ({"enabled": True, "credentials": {"envVars": "x"}}, False),
        ({"enabled": True}, False),
    ],
)
def test_masks_that_no_request_can_replace_are_called_broken(
    home: AgentHome, sandbox: dict[str, object], is_broken: bool
) -> None:
    """Commands of Claude Code's sandbox would have a value that authenticates nowhere."""
    path = home.roots.home / ".claude" / "settings.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"sandbox": sandbox}))
    home.protect(newest(CLAUDE_CODE))
    (status,) = survey(home.roots, [newest(CLAUDE_CODE)], home.program)
    assert [one.partition(":")[0] for one in status.problems] == ["Broken"] * is_broken


def test_claude_code_masks_no_variable_and_denies_no_memory_or_long_output(home: AgentHome) -> None:
    home.protect(newest(CLAUDE_CODE))
    data = json.loads((home.roots.home / ".claude" / "settings.json").read_text())
    assert data["sandbox"]["credentials"].keys() == {"files"}
    rules = [one for one in data["permissions"]["deny"] if "projects" in one]
    assert rules == ["Read(~/.claude/projects/**/*.jsonl)"]
