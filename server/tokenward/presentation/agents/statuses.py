"""The status of agents and the results of checks, in lines and as JSON data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tokenward.operations.agents_protection.check import SurfaceCheck
from tokenward.operations.agents_protection.survey import AgentStatus, SurfaceStatus


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
    for sentence in filter(None, (*status.problems, agent.trust if status.hooks else "", agent.limits)):
        yield f"  {sentence}"


def data_of(status: AgentStatus, checks: Iterable[SurfaceCheck] = ()) -> Mapping[str, Any]:
    """Return the same as JSON data."""
    agent = status.found.agent
    checked = {one.status.surface: one for one in checks}
    return {
        "agent": agent.name,
        "dialect": agent.dialect or None,
        "version": status.found.version or None,
        "failuresBlockSince": agent.blocks_since or None,
        "isTooOld": not status.found.knows_flag,
        "surfaces": [_data_of(one, checked.get(one.surface)) for one in status.surfaces],
        "problems": list(status.problems),
        "trust": agent.trust or None,
        "limits": agent.limits or None,
        "source": agent.source,
        "date": agent.date,
    }


def _data_of(surface: SurfaceStatus, found: SurfaceCheck | None) -> Mapping[str, Any]:
    status = found.status if found else surface
    fields = {"surface": status.surface, "level": status.level, "why": status.why or None}
    return fields if found is None else {**fields, "withoutProgram": found.gone, "failed": found.failed}


def _level(status: SurfaceStatus) -> str:
    return f"{status.level} ({status.why})" if status.why else str(status.level)
