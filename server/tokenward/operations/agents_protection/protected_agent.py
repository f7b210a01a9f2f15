"""ProtectedAgent: where an agent is set up, how its hooks fail, and what its settings are to hold.

All is from the `protection` of its row in the catalog, with the hook's command in place.
"""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from tokenward.catalog.rows import rows
from tokenward.detection.rules.token_hosts import hosts_in, masked_variables
from tokenward.operations.agents_protection import special_settings
from tokenward.operations.agents_protection.hook_command import HookCommand
from tokenward.operations.agents_protection.special_settings import (
    IGNORED,
    KEYS,
    OURS,
    broken_masks,
    stores,
)
from tokenward.rewriting.settings_files.setting_entry import SettingEntry

_SPECIAL = {
    "claude_shell": special_settings.shell_entries,
    "codex_placeholders": special_settings.placeholders,
}
_PLACES: Mapping[str, Callable[[], Sequence[str]]] = {
    "<stores>": stores,
    "<whole stores>": lambda: [one for one in stores() if "*" not in one],
    "<ours>": lambda: OURS,
}
"""Lists of files, the second for agents that take no patterns."""
_FOLDER = Path(__file__).parent
_WORD = re.compile(r"<[^<>]+>")


class Stage(StrEnum):
    """The moment of a hook in an agent's work."""

    START = "start"
    """Nothing is decided; what the next hooks need is started."""
    PROMPT = "prompt"
    BEFORE = "before a tool"
    AFTER = "after a tool"


class OnFailure(StrEnum):
    """What an agent does if a hook cannot be started, crashes, gives no valid answer, or takes too long."""

    BLOCKS = "blocks"
    BLOCKS_CRASHES = "blocks, except if it takes too long"
    LETS_THROUGH = "lets through"


class Aim(StrEnum):
    """What an entry is for."""

    HOOKS = "hooks"
    DENIALS = "denials"
    MASKING = "masking"


@dataclass(frozen=True, slots=True)
class HookPoint:
    """One event at which an agent runs hooks.

    Attributes:
        fails: what follows from a failure, where the agent is new enough and the entry has its flag.
        since: the first version that accepts the event in its settings; empty for any.
        can_stop: the agent lets the hook stop or change anything.
    """

    event: str
    stage: Stage
    fails: OnFailure = OnFailure.LETS_THROUGH
    since: str = ""
    can_stop: bool = True


@dataclass(frozen=True, slots=True)
class SettingsTarget:
    """A file that an agent reads.

    Attributes:
        place: its path: `~/…` for the user's, `{VARIABLE|~/…}/…` where a variable moves it, otherwise in the workspace.
            A `*` stands for files that exist.
        format: a key of FORMATS.
        table: what the file is to hold; see `entries_of`.
        is_executable: it is a program.
        since: the first version of the agent that reads the entries; empty for any.
    """

    place: str
    format: str
    aim: Aim
    table: Mapping[str, Any]
    is_executable: bool = False
    since: str = ""

    def entries(self, command: HookCommand, points: Sequence[HookPoint]) -> tuple[SettingEntry, ...]:
        """Return what the file is to hold for a command that is run at some events."""
        events = [(point.event, point.stage in (Stage.BEFORE, Stage.AFTER)) for point in points]
        return tuple(entries_of(self.table, command, events))

    @property
    def is_users(self) -> bool:
        """Return whether the file is in the user's home folder."""
        return self.place.startswith(("~", "{"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedAgent:
    """One agent.

    Attributes:
        name: as people write it.
        dialect: of its hooks; empty if it has none.
        programs: the names of its command.
        folders: places, as in SettingsTarget, whose existence shows that it is used.
        files: its settings files.
        points: the events that are hooked.
        flag: the field of a hook's entry that makes failures block, and its value.
        blocks_since: the first version that knows the flag; empty for any.
        only_masks: its hooks replace what a command prints, but cannot have it run masked.
        off_switch: the keys of a setting of the first file which, if true, switches hooks off.
        broken: returns what settings of the first file keep from working, in a sentence; empty for nothing.
        trusted_in: the place and the keys of the table in which the agent notes the digests of the hooks that its user
            trusts; None if it needs no trust, or does not say.
        trust: the step that is left to the user.
        limits: what no entry of this row prevents.
        source: where this was read.
        date: when.
    """

    name: str
    dialect: str = ""
    programs: tuple[str, ...]
    folders: tuple[str, ...]
    files: tuple[SettingsTarget, ...]
    points: tuple[HookPoint, ...] = ()
    flag: tuple[str, object] | None = None
    blocks_since: str = ""
    only_masks: bool = False
    off_switch: tuple[str, ...] = ()
    broken: Callable[[object], str] = lambda _settings: ""
    trusted_in: tuple[str, tuple[str, ...]] | None = None
    trust: str = ""
    limits: str = ""
    source: str
    date: str


_BROKEN = {"claude_masks": broken_masks}


@cache
def protected_agents() -> Mapping[str, ProtectedAgent]:
    """Return the agents that can be protected, by the names of their rows, those with hooks first."""
    found = {name: _agent(name, row) for name, row in rows("agents").items() if "protection" in row}
    return dict(sorted(found.items(), key=lambda one: not one[1].points))


def _agent(name: str, row: Mapping[str, Any]) -> ProtectedAgent:
    table = row["protection"]
    trusted = table.get("trusted_in")
    points = tuple(
        HookPoint(**{**one, "stage": Stage[one["stage"].upper()]} | _failure(one))
        for one in table.get("events", ())
    )
    return ProtectedAgent(
        name=row["name"],
        dialect=table.get("dialect", name if "hooks" in row else ""),
        programs=tuple(table["programs"]),
        folders=tuple(table["folders"]),
        files=tuple(target for one in table["files"] for target in _targets(one, points)),
        points=points,
        flag=(table["flag"][0], table["flag"][1]) if "flag" in table else None,
        blocks_since=table.get("blocks_since", ""),
        only_masks=table.get("only_masks", False),
        off_switch=tuple(table.get("off_switch", ())),
        broken=_BROKEN.get(table.get("broken"), lambda _settings: ""),
        trusted_in=(trusted["place"], tuple(trusted["keys"])) if trusted else None,
        trust=table.get("trust", ""),
        limits=table.get("limits", ""),
        source=table["source"],
        date=table["date"],
    )


def _failure(event: Mapping[str, Any]) -> dict[str, OnFailure]:
    return {"fails": OnFailure[event["fails"].upper()]} if "fails" in event else {}


def _targets(table: Mapping[str, Any], points: Sequence[HookPoint]) -> Iterator[SettingsTarget]:
    """Yield the files of a table: one for each event if its place names the event."""
    events = [point.event for point in points] if "<event>" in table["place"] else [""]
    for place in (table["place"].replace("<event>", event) for event in events):
        yield SettingsTarget(
            place=place,
            format=table["format"],
            aim=Aim(table["aim"]),
            table=table,
            is_executable=table.get("is_executable", False),
            since=table.get("since", ""),
        )


def entries_of(
    file: Mapping[str, Any], command: HookCommand, events: Sequence[tuple[str, bool]]
) -> Iterator[SettingEntry]:
    """Yield what a settings file is to hold for a command that is run at some events.

    Args:
        file: one of the `files` of an agent's protection. It may have `entries` as they are, `each`, an entry for each
            event, with the fields `of_tools` where that is about a tool, `denied`, an entry for each of some places,
            `hosts`, the path of the list of a variable's hosts, the name of a file whose `text` is the whole, and the
            name of a `special` function. In its texts, words such as `<line>` stand for the command and for lists.
        command: the hook's.
        events: the names of events, and whether each is about a tool.
    """
    words = _words(command)
    for entry in file.get("entries", ()):
        yield _entry(entry, words)
    if "text" in file:
        # Packages leave out folders whose names begin with a dot.
        text = _FOLDER.joinpath(file["text"]).read_text("utf-8")
        yield SettingEntry((), text.replace("$COMMAND", json.dumps(command.words)))
    if "each" in file:
        for event, is_tool in events:
            each = file["each"]
            of_tools = each.get("of_tools", {}) if is_tool else {}
            yield _entry({**each, "value": {**of_tools, **each["value"]}}, {**words, "<event>": event})
    for denied in file.get("denied", ()):
        for named in denied["places"]:
            for place in _PLACES[named]() if named in _PLACES else [named]:
                yield _entry(denied, {"<place>": place})
    if "hosts" in file:
        for variable, row in masked_variables():
            path = _filled(tuple(file["hosts"]), {"<variable>": variable})
            yield from (SettingEntry(path, host.name) for host in hosts_in(row) if not host.is_form)
    if "special" in file:
        yield from _SPECIAL[file["special"]](command)


def _words(command: HookCommand) -> dict[str, object]:
    return {
        "<line>": command.line,
        "<line of sh>": shlex.join(command.words),
        "<PowerShell>": command.powershell,
        "<PowerShell, on Windows>": command.powershell if sys.platform == "win32" else None,
        "<keys>": KEYS,
        "<keys and environment files>": IGNORED,
    }


def _entry(entry: Mapping[str, Any], words: Mapping[str, object]) -> SettingEntry:
    path, value = tuple(_filled(entry["path"], words)), _filled(entry["value"], words)
    return SettingEntry(path, value, entry.get("in_list", True))


def _filled(value: Any, words: Mapping[str, object]) -> Any:
    """Return a value with its words in place, without the fields whose word means nothing."""
    if isinstance(value, Mapping):
        filled = {key: _filled(one, words) for key, one in value.items()}
        return {key: one for key, one in filled.items() if one is not None}
    if isinstance(value, list | tuple):
        return type(value)(_filled(one, words) for one in value)
    if not isinstance(value, str) or value in words:
        return words.get(value, value) if isinstance(value, str) else value
    # In one pass, so that nothing in the words themselves is replaced.
    return _WORD.sub(lambda found: str(words.get(found[0], found[0])), value)
