"""The shapes in which agents write hooks in their settings files."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from tokenward.operations.agents_protection.hook_command import HookCommand
from tokenward.operations.agents_protection.protected_agent import Entries, HookPoint, Stage
from tokenward.rewriting.settings_files.setting_entry import SettingEntry

SECONDS = 30
"""The vendors' time limits are above the hook's own, because most let a call through at theirs."""


def grouped(
    *,
    matcher: str | None = "*",
    flag: tuple[str, object] | None = None,
    seconds: int | None = SECONDS,
    above: tuple[str, ...] = ("hooks",),
    **more: object,
) -> Entries:
    """Return the shape of Claude Code: lists of groups, each with a matcher and handlers.

    Args:
        matcher: of all tools; None for none.
        flag: the field that makes failures block.
        seconds: the time limit, in the agent's own unit; None for none.
        above: the keys of the mapping of events.
        more: further fields of a handler.
    """

    def entries(command: HookCommand, points: Sequence[HookPoint]) -> tuple[SettingEntry, ...]:
        handler: dict[str, object] = {"type": "command", "command": command.line, **more}
        if sys.platform == "win32" and command.dialect == "codex":
            handler["commandWindows"] = command.powershell
        handler |= {} if seconds is None else {"timeout": seconds}
        handler |= dict([flag]) if flag else {}
        group: dict[str, object] = {"hooks": [handler]}
        of_tools = group if matcher is None else {"matcher": matcher, **group}
        return tuple(
            SettingEntry(
                (*above, point.event), group if point.stage in (Stage.START, Stage.PROMPT) else of_tools
            )
            for point in points
        )

    return entries


def flat(*, first: Sequence[SettingEntry] = (), seconds: str = "", **more: object) -> Entries:
    """Return the shape of Cursor and others: lists of handlers, below entries of the whole file.

    Args:
        first: the entries of the file before the hooks.
        seconds: the name of the field for the time limit; empty for none.
        more: further fields of a handler.
    """

    def entries(command: HookCommand, points: Sequence[HookPoint]) -> tuple[SettingEntry, ...]:
        limit: dict[str, object] = {seconds: SECONDS} if seconds else {}
        handler = {"command": command.line, **limit, **more}
        return (*first, *(SettingEntry(("hooks", point.event), handler) for point in points))

    return entries


def constant(*given: SettingEntry) -> Entries:
    """Return entries that need no command."""
    return lambda _command, _points: given
