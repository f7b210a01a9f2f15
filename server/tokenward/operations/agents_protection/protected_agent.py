"""ProtectedAgent: one row of the table of agents: where it is set up, how its hooks are written, how it fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

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


Entries: TypeAlias = Callable[[HookCommand, Sequence[HookPoint]], tuple[SettingEntry, ...]]
"""Returns what a file is to hold for a command that is run at some events."""


@dataclass(frozen=True, slots=True)
class SettingsTarget:
    """A file that an agent reads.

    Attributes:
        place: its path: `~/…` for the user's, `{VARIABLE|~/…}/…` where a variable moves it, otherwise in the workspace.
            A `*` stands for files that exist.
        format: a key of FORMATS.
        entries: what the file is to hold.
        is_executable: it is a program.
        since: the first version of the agent that reads the entries; empty for any.
    """

    place: str
    format: str
    aim: Aim
    entries: Entries
    is_executable: bool = False
    since: str = ""

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
            trusts, as Codex does; None if it needs no trust, or does not say.
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
    date: str = "2026-11-26"
