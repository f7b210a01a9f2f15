"""changed_guards: agents' files from which somebody removed what was added, or that switch hooks off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tokenward.errors import EditRefused, RewriteRefused
from tokenward.operations.agents_protection.protected_agent import ProtectedAgent, protected_agents
from tokenward.operations.agents_protection.record import FileRecord, ProtectionRecord
from tokenward.operations.agents_protection.search_roots import SearchRoots
from tokenward.rewriting.settings_files.formats import FORMATS
from tokenward.rewriting.settings_files.setting_entry import at
from tokenward.sources.editable_file import read_text


@dataclass(frozen=True, slots=True)
class ChangedGuard:
    """A file that no longer guards as it did.

    Attributes:
        agents: the names of those that read it.
        lost: how many of the added entries are gone.
        added: how many there were.
        switch: the setting that switches its hooks off; empty if none does.
    """

    path: Path
    agents: tuple[str, ...]
    lost: int
    added: int
    switch: str = ""


def changed_guards(roots: SearchRoots, record: ProtectionRecord) -> Iterator[ChangedGuard]:
    """Yield the files, of those where agents are looked for, that were changed since they were protected."""
    for path, agents in protected_files(roots, record).items():
        file = record.files[str(path)]
        found = _changed(path, agents, file, record)
        if found.lost or found.switch:
            yield found


def protected_files(roots: SearchRoots, record: ProtectionRecord) -> Mapping[Path, list[ProtectedAgent]]:
    """Return the protected files, of those where agents are looked for, each with the agents that read it."""
    found: dict[Path, list[ProtectedAgent]] = {}
    for agent in protected_agents().values():
        for target in agent.files:
            for path in roots.paths(target):
                try:
                    real = roots.real(path, is_users=target.is_users)
                except RewriteRefused:
                    continue
                if str(real) in record.files and agent not in found.setdefault(real, []):
                    found[real].append(agent)
    return found


def _changed(
    path: Path, agents: list[ProtectedAgent], file: FileRecord, record: ProtectionRecord
) -> ChangedGuard:
    names = tuple(agent.name for agent in agents)
    added = len(file.states[-1].steps)
    try:
        read = read_text(path)
        if read is None:
            return ChangedGuard(path, names, added, added)
        lost = file.lost_from(read.text, record.mark(read.text))
        data = FORMATS[file.format].read(read.text)
    except (EditRefused, RewriteRefused):
        # An agent cannot read it either.
        return ChangedGuard(path, names, added, added)
    switches = [agent.off_switch for agent in agents if agent.off_switch]
    off = next((keys for keys in switches if at(data, keys) is True), ())
    return ChangedGuard(path, names, lost, added, ".".join(off))
