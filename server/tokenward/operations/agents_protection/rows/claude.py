"""Claude Code."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from tokenward.operations.agents_protection.credential_files import OURS, STORES
from tokenward.operations.agents_protection.hook_command import HookCommand
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
from tokenward.rewriting.settings_files.setting_entry import SettingEntry, at
from tokenward.thin_client import AGENT_SHELL, SHELL_PREFIX

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
_TRANSCRIPTS = ("~/.claude/projects/**/*.jsonl", "~/.claude/history.jsonl", "~/.claude/.credentials.json")
_DENIED = (
    *(f"Read({place})" for place in (*STORES, *OURS, *_TRANSCRIPTS)),
    *(f"Edit({place})" for place in (*_GUARD, *OURS)),
)
_DENIALS = constant(*(SettingEntry(("permissions", "deny"), rule) for rule in _DENIED))
_HIDDEN = [{"path": place, "mode": "deny"} for place in STORES if "*" not in place]
_UNUSABLE = (
    "Broken: `sandbox.credentials.envVars` masks variables, and without `sandbox.network.tlsTerminate` commands cannot "
    "log in with them; remove the masks, or set it to {}."
)
_FILES = tuple(SettingEntry(("sandbox", "credentials", "files"), one) for one in _HIDDEN)
"""The files that sandboxed commands may not see; of no effect where the user has no sandbox.

Its masks of variables need a proxy that opens every connection, which is the user's to switch on.
"""

_MOD = Path(__file__).with_name("claude_mod")
_MOD_FILES = (".claude-plugin/plugin.json", "hooks/hooks.json", "hooks/register.js")
_FIRST_WITH_MODS = "2.1.332"


def _mod(name: str) -> Entries:
    # Packages leave out folders whose names begin with a dot.
    text = (_MOD / name.removeprefix(".")).read_text("utf-8")
    return lambda command, _: (SettingEntry((), text.replace("$COMMAND", json.dumps(command.words))),)


def _mod_target(name: str) -> SettingsTarget:
    place = f"{{CLAUDE_CONFIG_DIR|~/.claude}}/skills/tokenward-guard/{name}"
    return SettingsTarget(place, "script", Aim.MASKING, _mod(name), since=_FIRST_WITH_MODS)


def _masking(command: HookCommand, _points: Sequence[HookPoint]) -> tuple[SettingEntry, ...]:
    """Return the entries that mask: our program in place of the shell, so that a command stays as it was written."""
    shell = f"{command.program}{AGENT_SHELL}"
    if sys.platform == "win32" or not Path(shell).is_file():
        return _FILES
    return (*_FILES, SettingEntry(("env", SHELL_PREFIX), shell, in_list=False))


def _broken(settings: object) -> str:
    """Return what masks of variables break that somebody else, or an earlier version, has set."""
    sandbox = at(settings, ("sandbox",))
    masks = at(sandbox, ("credentials", "envVars"))
    is_masked = isinstance(masks, list) and any(at(one, ("mode",)) == "mask" for one in masks)
    if at(sandbox, ("enabled",)) is not True or at(sandbox, ("network", "tlsTerminate")) is not None:
        return ""
    return _UNUSABLE if is_masked else ""


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
        SettingsTarget(_FILE, "json", Aim.MASKING, _masking),
        *map(_mod_target, _MOD_FILES),
    ),
    points=(
        HookPoint("SessionStart", Stage.START, can_stop=False),
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
    broken=_broken,
    limits="`--bare` and `--safe-mode` start it without hooks. Notes about changed files and the text of a failed tool "
    "are masked only where mods load.",
    source="claude-agent-sdk 0.3.332 sdk.d.ts; claude-code 2.1.332; maskflow-agent 0.2.3 doctor.py",
)
