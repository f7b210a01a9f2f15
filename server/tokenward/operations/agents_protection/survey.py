"""survey: the agents in use, and what their files hold of ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tokenward.errors import EditRefused, RewriteRefused
from tokenward.operations.agents_protection.hook_command import HookCommand, commands_in
from tokenward.operations.agents_protection.plan import FoundAgent
from tokenward.operations.agents_protection.protected_agent import (
    Aim,
    HookPoint,
    OnFailure,
    ProtectedAgent,
    SettingsTarget,
    Stage,
    protected_agents,
)
from tokenward.operations.agents_protection.record import ChangedGuard
from tokenward.operations.agents_protection.search_roots import SearchRoots, version_of
from tokenward.operations.agents_protection.special_settings import trusted_hashes
from tokenward.rewriting.settings_files.formats import FORMATS
from tokenward.rewriting.settings_files.json_settings import last_parse_kept
from tokenward.rewriting.settings_files.setting_entry import at
from tokenward.sources.editable_file import read_text


class GuardedSurface(StrEnum):
    """A way on which a token could reach an agent's model."""

    PROMPT = "prompt"
    READ = "file read"
    OUTPUT = "shell output"
    FILES = "denied files"


HOOKED_SURFACES = (GuardedSurface.PROMPT, GuardedSurface.READ, GuardedSurface.OUTPUT)
READING_SURFACES = (GuardedSurface.READ, GuardedSurface.OUTPUT)
NO_CHANGE = "the agent lets no hook change it"


class Level(StrEnum):
    """How far a surface is guarded, best first."""

    ENFORCED = "enforced"
    BEST_EFFORT = "best effort"
    RECORDED = "recorded"
    ABSENT = "absent"


class Standing(StrEnum):
    """How an agent is guarded as a whole."""

    CHANGED = "changed"
    GUARDED = "guarded"
    PARTLY = "partly guarded"
    UNGUARDED = "unguarded"


class Reach(StrEnum):
    """Which exposed tokens an agent can read by its own tools and commands."""

    ALL = "all"
    IF_HOOKS_FAIL = "if hooks fail"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SurfaceStatus:
    """One surface of one agent.

    Attributes:
        why: what it lacks; empty for nothing.
        gone: what the agent does if the program is gone, as a check has found; None without a hook.
        failed: a check has found no hook that stops the token, although the agent would let one; None without a check.
    """

    surface: GuardedSurface
    level: Level
    why: str = ""
    gone: OnFailure | None = None
    failed: bool | None = None


@dataclass(frozen=True, slots=True)
class InstalledHook:
    """A hook as read back from an agent's file; `fields` are those beside its command."""

    point: HookPoint
    command: HookCommand
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class AgentStatus:
    """One agent in use: what is installed for it, what that is worth, and which of its files somebody changed."""

    found: FoundAgent
    hooks: tuple[InstalledHook, ...]
    surfaces: tuple[SurfaceStatus, ...]
    problems: tuple[str, ...] = ()
    is_trusted: bool = True
    changed: tuple[ChangedGuard, ...] = ()

    @property
    def standing(self) -> Standing:
        """Return how it is guarded as a whole."""
        hooked = {one.level for one in self.surfaces if one.surface in HOOKED_SURFACES}
        if self.changed:
            return Standing.CHANGED
        if hooked and hooked <= {Level.ENFORCED, Level.BEST_EFFORT}:
            return Standing.GUARDED
        is_bare = all(one.level is Level.ABSENT for one in self.surfaces)
        return Standing.UNGUARDED if is_bare else Standing.PARTLY

    @property
    def sends_instructions(self) -> bool:
        """Return whether no hook sees what it sends by itself, such as `AGENTS.md`."""
        levels = {one.surface: one.level for one in self.surfaces}
        return levels.get(GuardedSurface.PROMPT, Level.ABSENT) in (Level.ABSENT, Level.RECORDED)

    @property
    def reach(self) -> Reach:
        """Return what it can read; files that are denied to it count for nothing, because commands can read them."""
        levels = {one.level for one in self.surfaces if one.surface in READING_SURFACES}
        if levels == {Level.ENFORCED}:
            return Reach.NONE
        return Reach.IF_HOOKS_FAIL if levels and levels <= {Level.ENFORCED, Level.BEST_EFFORT} else Reach.ALL


def find_agents(roots: SearchRoots) -> list[FoundAgent]:
    """Return the agents in use, with their versions."""
    used = [agent for agent in protected_agents().values() if roots.uses(agent)]
    return [FoundAgent(agent, version_of(agent, roots.home)) for agent in used]


def survey(
    roots: SearchRoots, found: Iterable[FoundAgent], program: str, changed: Iterable[ChangedGuard] = ()
) -> Iterator[AgentStatus]:
    """Yield the status of agents, from their files and versions alone, and from which of the files were changed."""
    changed = tuple(changed)
    for one in found:
        problems: list[str] = []
        hooks = tuple(_installed(roots, one.agent, problems))
        is_trusted = not hooks or _is_trusted(roots, one.agent, program)
        surfaces = [*_hooked(one, hooks, program)] if one.agent.points else []
        if not is_trusted:
            surfaces = [untrusted(surface.surface) for surface in surfaces]
        if any(target.aim is Aim.DENIALS for target in one.agent.files):
            surfaces.append(_denied(roots, one, program))
        theirs = tuple(guard for guard in changed if one.agent.name in guard.agents)
        yield AgentStatus(one, hooks, tuple(surfaces), tuple(problems), is_trusted, theirs)


def failure_of(one: FoundAgent, hook: InstalledHook) -> OnFailure:
    """Return what follows if a hook fails, as it is installed, in the version that is installed."""
    flag = one.agent.flag
    if hook.point.fails is OnFailure.LETS_THROUGH or flag is None:
        return hook.point.fails
    has_flag = hook.fields.get(flag[0]) == flag[1]
    return hook.point.fails if has_flag and one.knows_flag else OnFailure.LETS_THROUGH


def failure_words(one: FoundAgent, hook: InstalledHook) -> str:
    """Return why a failing hook lets something through; empty if it does not."""
    if failure_of(one, hook) is OnFailure.BLOCKS:
        return ""
    if failure_of(one, hook) is OnFailure.BLOCKS_CRASHES:
        return "a hook that takes too long lets it through"
    if hook.point.fails is OnFailure.LETS_THROUGH:
        return "a hook that fails lets it through"
    if one.knows_flag:
        return "the entry lacks the flag that makes failures block; protect it again"
    version = f"version {one.version}" if one.version else "its version, which is not known,"
    return f"a hook that fails lets it through: {version} may not know the flag of {one.agent.blocks_since}"


def hooks_at(
    one: FoundAgent, hooks: Iterable[InstalledHook], surface: GuardedSurface, program: str
) -> list[InstalledHook]:
    """Return the installed hooks of a program through which a surface passes, the deciding one first."""
    stages = {
        GuardedSurface.PROMPT: [Stage.PROMPT],
        GuardedSurface.READ: [Stage.BEFORE],
        GuardedSurface.OUTPUT: [Stage.AFTER] if one.agent.only_masks else [Stage.BEFORE, Stage.AFTER],
    }[surface]
    found = [hook for hook in hooks if hook.command.program == program and hook.point.stage in stages]
    return sorted(found, key=lambda hook: stages.index(hook.point.stage))


def absent(one: FoundAgent, surface: GuardedSurface) -> SurfaceStatus:
    """Return the status of a surface without a hook."""
    has_hook = surface is not GuardedSurface.PROMPT or any(
        point.stage is Stage.PROMPT for point in one.agent.points
    )
    return SurfaceStatus(surface, Level.ABSENT, "" if has_hook else "the agent has no hook for it")


def untrusted(surface: GuardedSurface) -> SurfaceStatus:
    """Return the status of a surface whose hooks are there, and are skipped."""
    return SurfaceStatus(surface, Level.ABSENT, "the agent skips the hooks until you trust them")


def _is_trusted(roots: SearchRoots, agent: ProtectedAgent, program: str) -> bool:
    """Return whether an agent's own settings say that its user trusts the hooks in our file."""
    if agent.trusted_in is None:
        return True
    place, keys = agent.trusted_in
    path, hooks = roots.path(place), roots.path(agent.files[0].place)
    if path is None or hooks is None:
        return False
    try:
        places = [(form, roots.real(one, is_users=True)) for form, one in (("toml", path), ("json", hooks))]
        noted, ours = (
            FORMATS[form].read(file.text if (file := read_text(one)) else "") for form, one in places
        )
    except (EditRefused, RewriteRefused):
        return False
    wanted = [*trusted_hashes(roots.variables, hooks, ours, program)]
    states = [(at(noted, (*keys, key)), digest) for key, digest in wanted]
    return bool(states) and all(
        at(state, ("trusted_hash",)) == digest and at(state, ("enabled",)) is not False
        for state, digest in states
    )


def _hooked(one: FoundAgent, hooks: Iterable[InstalledHook], program: str) -> Iterator[SurfaceStatus]:
    for surface in HOOKED_SURFACES:
        found = hooks_at(one, hooks, surface, program)
        if not found:
            yield absent(one, surface)
        elif not found[0].point.can_stop:
            yield SurfaceStatus(surface, Level.RECORDED, NO_CHANGE)
        else:
            why = failure_words(one, found[0])
            yield SurfaceStatus(surface, Level.BEST_EFFORT if why else Level.ENFORCED, why)


@last_parse_kept()
def _denied(roots: SearchRoots, one: FoundAgent, program: str) -> SurfaceStatus:
    targets = [target for target in one.agent.files if target.aim is Aim.DENIALS]
    wanted = held = 0
    for target in targets:
        for path in roots.paths(target):
            text = _text(roots, target, path, [])
            for entry in one.entries(target, program):
                wanted += 1
                held += text is not None and FORMATS[target.format].holds(text, entry)
    if not wanted or not held:
        return SurfaceStatus(GuardedSurface.FILES, Level.ABSENT)
    why = "commands can read the files" if held == wanted else f"{held} of {wanted} entries are there"
    return SurfaceStatus(GuardedSurface.FILES, Level.BEST_EFFORT, why)


def _installed(roots: SearchRoots, agent: ProtectedAgent, problems: list[str]) -> Iterator[InstalledHook]:
    for target in agent.files:
        for path in roots.paths(target) if target.aim is Aim.HOOKS else ():
            text = _text(roots, target, path, problems)
            if text is None:
                continue
            data = FORMATS[target.format].read(text)
            if agent.off_switch and at(data, agent.off_switch) is True:
                problems.append(f"`{'.'.join(agent.off_switch)}` switches all hooks off.")
                continue
            problems += filter(None, [agent.broken(data)])
            yield from _hooks_in(agent, target, path, data)


def _hooks_in(
    agent: ProtectedAgent, target: SettingsTarget, path: Path, data: object
) -> Iterator[InstalledHook]:
    for point in agent.points:
        if target.format == "script":
            entries = data if path.name == point.event or not target.is_executable else None
        else:
            entries = _of_event(data, point.event)
        for command, fields in commands_in(entries):
            if command.dialect == agent.dialect:
                yield InstalledHook(point, command, fields)


def _of_event(data: object, event: str) -> list[object]:
    """Return the entries of an event: under its name, or in a list in which each names its event."""
    values = [*data.values()] if isinstance(data, dict) else []
    items = [item for value in values if isinstance(value, list) for item in value if isinstance(item, dict)]
    return [
        *(value.get(event) for value in values if isinstance(value, dict)),
        *(item for item in items if event in (item.get("trigger"), item.get("type"))),
    ]


def _text(roots: SearchRoots, target: SettingsTarget, path: Path, problems: list[str]) -> str | None:
    """Return the text of a file; None if it is missing, cannot be read or does not parse."""
    try:
        file = read_text(roots.real(path, is_users=target.is_users))
        if file is not None:
            FORMATS[target.format].read(file.text)
    except (EditRefused, RewriteRefused) as error:
        problems.append(str(error))
        return None
    return None if file is None else file.text
