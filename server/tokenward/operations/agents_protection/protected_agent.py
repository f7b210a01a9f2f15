"""ProtectedAgent: where an agent is set up, how its hooks fail; the `protection` of its row in the catalog."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from tokenward.catalog.rows import rows
from tokenward.operations.agents_protection.claude import broken_masks
from tokenward.operations.agents_protection.entries import entries_of
from tokenward.operations.agents_protection.hook_command import HookCommand
from tokenward.rewriting.settings_files.setting_entry import SettingEntry


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
