"""The status of agents and the results of checks, in lines and as JSON data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from tokenward.language import said
from tokenward.operations.agents_protection.changed_guards import ChangedGuard
from tokenward.operations.agents_protection.check import SurfaceCheck
from tokenward.operations.agents_protection.survey import AgentStatus, SurfaceStatus
from tokenward.phrases import counted
from tokenward.places import by_home


def lines_of(status: AgentStatus, checks: Iterable[SurfaceCheck] = ()) -> Iterator[str]:
    """Yield the lines about one agent; with checks, what they found takes the place of the surfaces' status."""
    agent, version = status.found.agent, status.found.version
    yield f"{agent.name}{f' {version}' if version else ''}"
    checked = {one.status.surface: one for one in checks}
    for surface in status.surfaces:
        found = checked.get(surface.surface)
        gone = f"; without the program: {found.gone}" if found and found.gone else ""
        yield f"  {surface.surface}: {_level(found.status if found else surface)}{gone}"
    if not status.found.knows_flag and status.hooks:
        yield f"  Failures of hooks block from version {agent.blocks_since} on; update {agent.name}."
    changed = map(changed_words, status.changed)
    trust = agent.trust if status.hooks else ""
    for sentence in filter(None, (*changed, *status.problems, trust, agent.limits)):
        yield f"  {sentence}"


def data_of(
    status: AgentStatus, checks: Iterable[SurfaceCheck] = (), *, seen: Mapping[str, int]
) -> Mapping[str, Any]:
    """Return the same as JSON data, with how many tokens each agent has seen by its name."""
    agent = status.found.agent
    checked = {one.status.surface: one for one in checks}
    surfaces = [checked[one.surface].status if one.surface in checked else one for one in status.surfaces]
    judged = replace(status, surfaces=tuple(surfaces))
    return {
        "agent": agent.name,
        "dialect": agent.dialect or None,
        "version": status.found.version or None,
        "standing": judged.standing,
        "reach": judged.reach,
        "seen": seen.get(agent.name),
        "changed": [*map(changed_words, status.changed)],
        "failuresBlockSince": agent.blocks_since or None,
        "isTooOld": not status.found.knows_flag,
        "surfaces": [_data_of(one, checked.get(one.surface)) for one in status.surfaces],
        "problems": list(status.problems),
        "trust": agent.trust or None,
        "limits": agent.limits or None,
        "source": agent.source,
        "date": agent.date,
    }


def changed_words(guard: ChangedGuard) -> str:
    """Return how somebody changed a file, and what to do."""
    name = by_home(guard.path)
    if guard.lost:
        return said(
            "{file} lacks {lost} of the {settings} that guard your tokens; protect it again.",
            file=name,
            lost=guard.lost,
            settings=counted(guard.added, "setting"),
        )
    return said("`{switch}` in {file} switches all hooks off; remove it.", switch=guard.switch, file=name)


def _data_of(surface: SurfaceStatus, found: SurfaceCheck | None) -> Mapping[str, Any]:
    status = found.status if found else surface
    fields = {"surface": status.surface, "level": status.level, "why": status.why or None}
    return fields if found is None else {**fields, "withoutProgram": found.gone, "failed": found.failed}


def _level(status: SurfaceStatus) -> str:
    return f"{status.level} ({status.why})" if status.why else str(status.level)
