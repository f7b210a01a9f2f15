"""Claude Code."""

from __future__ import annotations

import json
from pathlib import Path

from tokenward.operations.agents_protection.credential_files import OURS, STORES, VARIABLES
from tokenward.operations.agents_protection.protected_agent import (
    Aim,
    Entries,
    HookPoint,
    OnFailure,
    ProtectedAgent,
    SettingsTarget,
    Stage,
)
from tokenward.operations.agents_protection.rows.hook_files import constant, grouped
from tokenward.rewriting.settings_files.setting_entry import SettingEntry

_FLAG = ("onFailure", "block")
_FIRST_WITH_FLAG = "2.1.295"
_FILE = "{CLAUDE_CONFIG_DIR|~/.claude}/settings.json"
_GUARD = (
    "~/.claude/settings.json",
    "~/.claude/settings.local.json",
    "~/.claude/plugins/**",
    "~/.claude/skills/tokenward-guard/**",
    "~/.claude.json",
)
_TRANSCRIPTS = ("~/.claude/projects/**", "~/.claude/history.jsonl", "~/.claude/.credentials.json")
_DENIED = (
    *(f"Read({place})" for place in (*STORES, *OURS, *_TRANSCRIPTS)),
    *(f"Edit({place})" for place in (*_GUARD, *OURS)),
)
_DENIALS = constant(*(SettingEntry(("permissions", "deny"), rule) for rule in _DENIED))
_HIDDEN = [{"path": place, "mode": "deny"} for place in STORES if "*" not in place]
_MASKED = [{"name": name, "mode": "mask", "injectHosts": [*hosts]} for name, hosts in VARIABLES.items()]
_MASKING = constant(
    *(SettingEntry(("sandbox", "credentials", "files"), one) for one in _HIDDEN),
    *(SettingEntry(("sandbox", "credentials", "envVars"), one) for one in _MASKED),
)
"""The files and values that sandboxed commands may not see; of no effect where the user has no sandbox.

A command has a placeholder for a value, which the sandbox replaces in requests to the value's own hosts.
"""

_MOD = Path(__file__).with_name("claude_mod")
_MOD_FILES = (".claude-plugin/plugin.json", "hooks/hooks.json", "hooks/register.js")
_FIRST_WITH_MODS = "2.1.332"


def _mod(name: str) -> Entries:
    text = (_MOD / name).read_text("utf-8")
    return lambda command, _: (SettingEntry((), text.replace("$COMMAND", json.dumps(command.words))),)


def _mod_target(name: str) -> SettingsTarget:
    place = f"{{CLAUDE_CONFIG_DIR|~/.claude}}/skills/tokenward-guard/{name}"
    return SettingsTarget(place, "script", Aim.MASKING, _mod(name), since=_FIRST_WITH_MODS)


# The command is a line for the shell, although Claude Code could start it without one: Cursor, VS Code and Copilot CLI
# read this file too and ignore `args`.
CLAUDE_CODE = ProtectedAgent(
    name="Claude Code",
    dialect="claude-code",
    programs=("claude",),
    folders=("{CLAUDE_CONFIG_DIR|~/.claude}", ".claude"),
    files=(
        SettingsTarget(_FILE, "json", Aim.HOOKS, grouped(flag=_FLAG)),
        SettingsTarget(_FILE, "json", Aim.DENIALS, _DENIALS),
        SettingsTarget(_FILE, "json", Aim.MASKING, _MASKING),
        *map(_mod_target, _MOD_FILES),
    ),
    points=(
        HookPoint("UserPromptSubmit", Stage.PROMPT, OnFailure.BLOCKS),
        HookPoint("UserPromptExpansion", Stage.PROMPT, OnFailure.BLOCKS, since=_FIRST_WITH_FLAG),
        HookPoint("PreToolUse", Stage.BEFORE, OnFailure.BLOCKS),
        HookPoint("PreSkillShellCommand", Stage.BEFORE, OnFailure.BLOCKS, since=_FIRST_WITH_FLAG),
        HookPoint("PostToolUse", Stage.AFTER),
        HookPoint("PostToolUseFailure", Stage.AFTER, since=_FIRST_WITH_FLAG, can_stop=False),
        HookPoint("ConfigChange", Stage.BEFORE, OnFailure.BLOCKS, since=_FIRST_WITH_FLAG),
    ),
    flag=_FLAG,
    blocks_since=_FIRST_WITH_FLAG,
    off_switch=("disableAllHooks",),
    limits="`--bare` and `--safe-mode` start it without hooks. Notes about changed files and the text of a failed tool "
    "are masked only where mods load.",
    source="claude-agent-sdk 0.3.332 sdk.d.ts; claude-code 2.1.332; maskflow-agent 0.2.3 doctor.py",
)
