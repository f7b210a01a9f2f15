"""The real Claude Code knows the hooks that `tokenward agents protect` writes, and starts the one for failed tools."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import tokens
from agent_homes import NEWEST
from agents.bench import Guard, bench
from agents.real_agents import CLAUDE, SERVER, WHY_NOT
from agents.wire_formats import ToolCall
from tokenward.operations.agents_protection.plan import FoundAgent
from tokenward.operations.agents_protection.protected_agent import Aim
from tokenward.operations.agents_protection.rows.claude import CLAUDE_CODE

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
        one = replace(unguarded, session=replace(unguarded.session, server=server)).guarded(Guard.PROTECT)
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
