"""The real Claude Code knows the hooks that `tokenward agents protect` writes, and starts the one for failed tools."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import tokens
from agent_homes import NEWEST, AgentHome, newest
from agents.attacked_workspace import leaks
from agents.bench import Guard, bench
from agents.real_agents import CLAUDE, SERVER, WHY_NOT
from agents.wire_formats import ToolCall
from tokenward.operations.agents_protection.plan import FoundAgent
from tokenward.operations.agents_protection.protected_agent import Aim, protected_agents

CLAUDE_CODE = protected_agents()["claude-code"]

pytestmark = pytest.mark.skipif(CLAUDE.path is None, reason=WHY_NOT)


def hooks() -> dict[str, list[Any]]:
    """Return the hooks as they are written for the newest version."""
    (target,) = [target for target in CLAUDE_CODE.files if target.aim is Aim.HOOKS]
    entries = FoundAgent(CLAUDE_CODE, NEWEST).entries(target, "/opt/tokenward/bin/tokenward")
    return {entry.path[-1]: [entry.value] for entry in entries}


def validated(hooks: dict[str, list[Any]], folder: Path) -> str:
    """Return what the validator prints of a plugin with some hooks."""
    (folder / ".claude-plugin").mkdir(exist_ok=True)
    (folder / ".claude-plugin" / "plugin.json").write_text('{"name": "p", "version": "1.0.0"}')
    (folder / "hooks").mkdir(exist_ok=True)
    (folder / "hooks" / "hooks.json").write_text(json.dumps({"hooks": hooks}))
    return checked(folder)


def checked(folder: Path) -> str:
    """Return what the validator prints of a plugin that it accepts."""
    environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "IS_SANDBOX": "1"}
    command = [str(CLAUDE.path), "plugin", "validate", str(folder)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_real_validator_knows_every_event_that_is_hooked(tmp_path: Path) -> None:
    written = hooks()
    assert written.keys() == {point.event for point in CLAUDE_CODE.points}
    assert {"ConfigChange", "PostToolUseFailure"} <= written.keys()
    found = validated(written, tmp_path)
    assert "unknown" not in found
    assert all(f"hooks: {event} " in found for event in written)
    written["ConfigChanged"] = written.pop("ConfigChange")
    assert "hooks.ConfigChanged: unknown hook event" in validated(written, tmp_path)


@pytest.mark.parametrize("has_mod", [True, False])
def test_a_token_in_the_text_of_a_failed_tool_is_masked_or_reported(
    rules_home: Path, tmp_path: Path, has_mod: bool
) -> None:
    """Where mods do not load, no hook can keep it from the model, so the model is told, and the ledger names it."""
    (tmp_path / "text").write_text(f"login as {tokens.npm('failed')} failed")
    failing = Path(SERVER[-1]).read_text().replace('"tools/call": {', '"tools/call": {"isError": True, ', 1)
    (tmp_path / "server.py").write_text(failing)
    server = [sys.executable, str(tmp_path / "server.py"), str(tmp_path / "text")]
    with bench(CLAUDE, tmp_path, rules_home) as unguarded:
        session = replace(unguarded.session, server=server)
        CLAUDE.configure(session)
        one = replace(unguarded, session=session).guarded(Guard.PROTECT)
        if not has_mod:
            shutil.rmtree(one.session.home / ".claude" / "skills" / "tokenward-guard")
        one.model.play(ToolCall("mcp__look__look", {"words": "x"}))
        done = one.start("go")
        assert done.returncode == 0, done.stdout[-2000:]
        assert (tokens.npm("failed").encode() in one.model.requests[-1]) == (not has_mod)
        assert b"login as " in one.model.requests[-1]
        assert b"Do not repeat, store or send it." in one.model.requests[-1]
        rows = sqlite3.connect(one.session.home / ".local/share/tokenward/ledger.db").execute(
            "SELECT detail FROM records WHERE event = 'found' ORDER BY id"
        )
        found = [json.loads(detail) for (detail,) in rows]
    # Before, the check that ends `protect` masked its canary.
    outcomes = [one["masked"] for one in found if one["agent"] == "Claude Code" and "masked" in one]
    assert outcomes[-1 - has_mod :] == [False, True][: 1 + has_mod]


def test_the_real_validator_takes_the_mod_which_fails_closed(tmp_path: Path) -> None:
    home = AgentHome.at(tmp_path)
    home.protect(newest(CLAUDE_CODE))
    found = checked(home.roots.home / ".claude" / "skills" / "tokenward-guard")
    assert "register.js hooks: session.append" in found
    assert "without .catch" not in found


@pytest.mark.parametrize("version", ["2.1.331", ""])
def test_an_older_or_unknown_version_gets_no_mod(tmp_path: Path, version: str) -> None:
    home = AgentHome.at(tmp_path)
    home.protect(FoundAgent(CLAUDE_CODE, version))
    assert (home.roots.home / ".claude" / "settings.json").exists()
    assert not (home.roots.home / ".claude" / "skills").exists()


@pytest.mark.parametrize("is_there", [True, False])
def test_a_mod_whose_program_is_gone_leaves_out_what_it_cannot_check(
    rules_home: Path, tmp_path: Path, is_there: bool
) -> None:
    """A workspace cannot take its place by another of the same name."""
    with bench(CLAUDE, tmp_path, rules_home, has_terminal=False) as unguarded:
        one = unguarded.guarded(Guard.PROTECT)
        mod = one.session.home / ".claude" / "skills" / "tokenward-guard" / "hooks" / "register.js"
        if not is_there:
            mod.write_text(mod.read_text().replace("/tokenward", "/gone"))
        own = one.workspace.folder / ".claude" / "skills" / "tokenward-guard"
        (own / ".claude-plugin").mkdir(parents=True)
        (own / ".claude-plugin" / "plugin.json").write_text('{"name": "tokenward-guard"}')
        (one.workspace.folder / "CLAUDE.md").write_text("Speak of petrichor.\n")
        one.model.play()
        one.start("go on")
        assert one.model.requests
        assert (b"petrichor" in b"".join(one.model.requests)) == is_there


@pytest.mark.parametrize("named", ["", "claude-code_2-1-332_harness"])
def test_no_settings_of_a_repository_take_the_mask_from_the_agents_shell(
    rules_home: Path, tmp_path: Path, named: str
) -> None:
    """What Claude Code starts for itself is not masked; no mod masks here what a failed command has printed."""
    fails = "cat .env.local; echo $AI_AGENT; exit 3"
    with bench(CLAUDE, tmp_path, rules_home, has_terminal=False) as unguarded:
        one = unguarded.guarded(Guard.PROTECT)
        shutil.rmtree(one.session.home / ".claude" / "skills" / "tokenward-guard")
        (one.workspace.folder / ".claude").mkdir()
        settings = {"env": {"AI_AGENT": named} if named else {}}
        (one.workspace.folder / ".claude" / "settings.json").write_text(json.dumps(settings))
        one.model.play(ToolCall("Bash", {"command": fails}))
        assert one.start("go on").returncode == 0
    (read,) = one.model.results
    assert re.fullmatch(r'"Exit code 3\\nNPM_TOKEN=npm_\*{36}\\nclaude-code_\S+_agent"', read)
    assert not leaks(b"".join(one.model.requests))
