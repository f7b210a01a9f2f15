"""Claude Code's settings: the program in place of its shell, and masks of variables that break commands."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from tokenward.operations.agents_protection.hook_command import HookCommand
from tokenward.rewriting.settings_files.setting_entry import SettingEntry, at
from tokenward.thin_client import AGENT_SHELL, SHELL_PREFIX

_UNUSABLE = (
    "Broken: `sandbox.credentials.envVars` masks variables, and without `sandbox.network.tlsTerminate` commands cannot "
    "log in with them; remove the masks, or set it to {}."
)


def shell_entries(command: HookCommand) -> Iterator[SettingEntry]:
    """Yield the entry with our program in place of the shell, so that a command stays as it was written."""
    shell = f"{command.program}{AGENT_SHELL}"
    if sys.platform != "win32" and Path(shell).is_file():
        yield SettingEntry(("env", SHELL_PREFIX), shell, in_list=False)


def broken_masks(settings: object) -> str:
    """Return what masks of variables break that somebody else, or an earlier version, has set; empty for nothing."""
    sandbox = at(settings, ("sandbox",))
    masks = at(sandbox, ("credentials", "envVars"))
    is_masked = isinstance(masks, list) and any(at(one, ("mode",)) == "mask" for one in masks)
    if at(sandbox, ("enabled",)) is not True or at(sandbox, ("network", "tlsTerminate")) is not None:
        return ""
    return _UNUSABLE if is_masked else ""
