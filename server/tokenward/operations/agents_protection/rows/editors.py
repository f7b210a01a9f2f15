"""Agents in editors."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from tokenward.operations.agents_protection.credential_files import ignore_file
from tokenward.operations.agents_protection.hook_command import HookCommand
from tokenward.operations.agents_protection.protected_agent import (
    Aim,
    HookPoint,
    OnFailure,
    ProtectedAgent,
    SettingsTarget,
    Stage,
)
from tokenward.operations.agents_protection.rows.hook_files import constant, flat
from tokenward.rewriting.settings_files.setting_entry import SettingEntry

_CLOSED = ("failClosed", True)
_VERSION = SettingEntry(("version",), 1, in_list=False)
CURSOR = ProtectedAgent(
    name="Cursor",
    dialect="cursor",
    programs=("cursor", "cursor-agent"),
    folders=("~/.cursor", ".cursor"),
    files=(
        SettingsTarget(
            "~/.cursor/hooks.json",
            "json",
            Aim.HOOKS,
            flat(first=(_VERSION,), seconds="timeout", failClosed=True),
        ),
        ignore_file(".cursorignore"),
    ),
    points=(
        HookPoint("beforeSubmitPrompt", Stage.PROMPT, OnFailure.BLOCKS),
        HookPoint("preToolUse", Stage.BEFORE, OnFailure.BLOCKS),
        HookPoint("beforeMCPExecution", Stage.BEFORE, OnFailure.BLOCKS),
        HookPoint("beforeReadFile", Stage.BEFORE, OnFailure.BLOCKS),
        HookPoint("beforeTabFileRead", Stage.BEFORE, OnFailure.BLOCKS),
        HookPoint("postToolUse", Stage.AFTER),
    ),
    flag=_CLOSED,
    limits="What it finds by searching passes no hook.",
    source="@cursor/sdk 1.0.32 dist/esm/34.js",
)


VSCODE_HOOKS = "~/.config/tokenward/agent-hooks/vscode.json"
"""A separate file, because Copilot CLI reads the others that VS Code reads."""
_LOCATED = SettingEntry(("chat.hookFilesLocations", VSCODE_HOOKS), True, in_list=False)
VSCODE = ProtectedAgent(
    name="VS Code",
    dialect="vscode",
    programs=("code",),
    folders=("{USER_SETTINGS|~}/Code/User",),
    files=(
        SettingsTarget(VSCODE_HOOKS, "json", Aim.HOOKS, flat(type="command", seconds="timeout")),
        SettingsTarget("{USER_SETTINGS|~}/Code/User/settings.json", "json", Aim.HOOKS, constant(_LOCATED)),
    ),
    points=(
        HookPoint("UserPromptSubmit", Stage.PROMPT),
        HookPoint("PreToolUse", Stage.BEFORE),
        HookPoint("PostToolUse", Stage.AFTER),
    ),
    trust="Copilot, Claude and Codex sessions in VS Code run the hooks of Copilot CLI, Claude Code and Codex: protect "
    "those too.",
    limits="A hook that crashes or takes too long lets the call through, and none can change an output.",
    source="microsoft/vscode-docs docs/agent-customization/hooks.md",
)

_CLINE = "~/Documents/Cline/Hooks"


def _script(command: HookCommand, _points: Sequence[HookPoint]) -> tuple[SettingEntry, ...]:
    return (SettingEntry((), f"#!/bin/sh\n# Tokenward\nexec {shlex.join(command.words)}\n"),)


_CLINE_POINTS = (
    HookPoint("UserPromptSubmit", Stage.PROMPT),
    HookPoint("PreToolUse", Stage.BEFORE),
    HookPoint("PostToolUse", Stage.AFTER),
)
CLINE = ProtectedAgent(
    name="Cline",
    dialect="cline",
    programs=("cline",),
    folders=("~/Documents/Cline", "~/.cline", ".clinerules"),
    files=(
        *(
            SettingsTarget(f"{_CLINE}/{point.event}", "script", Aim.HOOKS, _script, is_executable=True)
            for point in _CLINE_POINTS
        ),
        ignore_file(".clineignore"),
    ),
    points=_CLINE_POINTS,
    trust="Switch on “Enable Hooks” in Cline's settings.",
    limits="A hook that crashes or takes too long lets the call through, and none can change an output. Cline's own "
    "program ends its work at a denial. There are no hooks on Windows.",
    source="cline/cline hook-factory.ts; docs.cline.bot/customization/hooks",
)

DEVIN = ProtectedAgent(
    name="Devin Desktop (Windsurf)",
    dialect="devin",
    programs=("windsurf", "devin"),
    folders=("~/.codeium/windsurf", ".devin", ".windsurf"),
    files=(
        SettingsTarget("~/.codeium/windsurf/hooks.json", "json", Aim.HOOKS, flat(show_output=False)),
        ignore_file(".codeiumignore"),
    ),
    points=(
        HookPoint("pre_user_prompt", Stage.PROMPT),
        HookPoint("pre_read_code", Stage.BEFORE),
        HookPoint("pre_write_code", Stage.BEFORE),
        HookPoint("pre_run_command", Stage.BEFORE),
        HookPoint("pre_mcp_tool_use", Stage.BEFORE),
    ),
    limits="A hook can only stop, not change anything, and one that crashes lets the call through.",
    source="docs.windsurf.com/windsurf/cascade/hooks; maskflow-agent 0.2.3 adapters/devin.py",
)

_ZED = "{XDG_CONFIG_HOME|~/.config}/zed/settings.json"
_PRIVATE = ("**/.env*", "**/*.pem", "**/*.key", "**/*.cert", "**/*.crt", "**/.dev.vars", "**/secrets.yml")
_FILES_OF_KEYS = r"(^|/)([^/]*\.(pem|key|p12)|id_(rsa|ed25519)|\.netrc|\.git-credentials)$"
_ASKING = (
    r"\b(secret-tool|keyring|kwallet-query)\s",
    r"\bsecurity\s+find-(generic|internet)-password\b",
    r"\bgh\s+auth\s+token\b",
    r"\btokenward\s+(get|env|inject|restore|leave|agents\s+undo)\b",
)


def _zed() -> tuple[SettingEntry, ...]:
    private = [SettingEntry(("private_files",), pattern) for pattern in _PRIVATE]
    tools = ("agent", "tool_permissions", "tools")
    files = [
        SettingEntry((*tools, tool, "always_deny"), {"pattern": _FILES_OF_KEYS})
        for tool in ("edit_file", "delete_path", "move_path", "copy_path")
    ]
    commands = [SettingEntry((*tools, "terminal", "always_deny"), {"pattern": one}) for one in _ASKING]
    return (*private, *files, *commands)


ZED = ProtectedAgent(
    name="Zed",
    programs=("zed", "zeditor"),
    folders=(_ZED, ".zed"),
    files=(SettingsTarget(_ZED, "json", Aim.DENIALS, constant(*_zed())),),
    limits="It has no hooks, and its rules do not bind agents that it starts from elsewhere.",
    source="zed.dev/docs/ai/tool-permissions",
)

AIDER = ProtectedAgent(
    name="aider",
    programs=("aider",),
    folders=(".aider.conf.yml", "~/.aider.conf.yml", "~/.aider"),
    files=(ignore_file(".aiderignore", environment=True),),
    limits="It has no hooks, and commands that you let it run read any file.",
    source="aider.chat/docs/config/options.html",
)

CONTINUE = ProtectedAgent(
    name="Continue",
    programs=("cn",),
    folders=("~/.continue", ".continue"),
    files=(ignore_file("~/.continue/.continueignore", environment=True),),
    limits="Its hooks exist and are never called (1.5.47); the file is for its index alone.",
    source="@continuedev/cli 1.5.47",
)
