"""The real Claude Code knows the hooks that `tokenward agents protect` writes, and starts the one for failed tools."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import tokens
from agent_homes import NEWEST
from agents.attacked_workspace import SERVER
from agents.real_agents import CLAUDE, claude_settings, run_claude
from agents.scripted_model import ToolCall, scripted_model
from tokenward.operations.agents_protection.plan import FoundAgent
from tokenward.operations.agents_protection.protected_agent import Aim
from tokenward.operations.agents_protection.rows.claude import CLAUDE_CODE


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
    command = [str(CLAUDE), "plugin", "validate", str(folder)]
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


def test_a_token_in_the_text_of_a_failed_tool_is_reported(
    absent: dict[str, str], folder: Path, tmp_path: Path
) -> None:
    """No hook can keep it from the model, so the model is told, and the ledger names it."""
    (tmp_path / "text").write_text(f"login as {tokens.npm('failed')} failed")
    failing = SERVER.read_text().replace('"tools/call": {', '"tools/call": {"isError": True, ', 1)
    (tmp_path / "server.py").write_text(failing)
    server = {"command": sys.executable, "args": [str(tmp_path / "server.py"), str(tmp_path / "text")]}
    (tmp_path / "servers.json").write_text(json.dumps({"mcpServers": {"look": server}}))
    with scripted_model(ToolCall("mcp__look__look", {"words": "x"})) as model:
        options = ("--mcp-config", str(tmp_path / "servers.json"))
        done = run_claude(model, absent, folder, *options, settings=claude_settings())
    assert done.returncode == 0, done.stdout[-2000:]
    assert tokens.npm("failed").encode() in model.requests[-1]
    assert b"Do not repeat, store or send it." in model.requests[-1]
    rows = sqlite3.connect(Path(absent["HOME"], ".local/share/tokenward/ledger.db")).execute(
        "SELECT detail FROM records WHERE event = 'found'"
    )
    found = [json.loads(detail) for (detail,) in rows]
    assert [(one["agent"], one["masked"]) for one in found] == [("Claude Code", False)]
