"""plan_protection: what protecting would change in each file of the agents in use. Changes nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from tokenward.errors import EditRefused, RewriteRefused
from tokenward.operations.agents_protection.hook_command import HookCommand
from tokenward.operations.agents_protection.protected_agent import ProtectedAgent, SettingsTarget
from tokenward.operations.agents_protection.record import FileRecord, FileState, ProtectionRecord
from tokenward.operations.agents_protection.search_roots import SearchRoots, is_older
from tokenward.operations.agents_protection.special_settings import FIRST_KNOWN, trusted_hashes
from tokenward.rewriting.edits import apply_edits
from tokenward.rewriting.settings_files.formats import FORMATS
from tokenward.rewriting.settings_files.json_settings import last_parse_kept
from tokenward.rewriting.settings_files.setting_entry import Insertion, SettingEntry, same
from tokenward.sources.editable_file import read_text


@dataclass(frozen=True, slots=True)
class FoundAgent:
    """An agent in use, and its version; an empty one is unknown."""

    agent: ProtectedAgent
    version: str

    @property
    def knows_flag(self) -> bool:
        """Return whether it is new enough to let failures of hooks block."""
        return not is_older(self.version, self.agent.blocks_since)

    def entries(self, target: SettingsTarget, program: str) -> tuple[SettingEntry, ...]:
        """Return what a file of its is to hold."""
        if is_older(self.version, target.since):
            return ()
        points = [point for point in self.agent.points if not is_older(self.version, point.since)]
        return target.entries(HookCommand(program, self.agent.dialect), points)


@dataclass(frozen=True, slots=True)
class FilePlan:
    """The change of one file.

    Attributes:
        path: the file, or the link to it.
        real: the file.
        names: the agents that read it.
        before: its text; None if it does not exist.
        after: its text to be.
        record: what it holds of ours after the change.
        added: what is new in it.
        replaced: what it held of ours, in an older form.
        is_executable: it is to be a program, and is not yet.
        problems: why some entries are not added, in sentences.
        refusal: why the file is not changed at all; empty if it can be.
    """

    path: Path
    real: Path
    names: tuple[str, ...]
    before: str | None = field(default=None, repr=False)
    after: str = field(default="", repr=False)
    record: FileRecord | None = field(default=None, repr=False)
    added: tuple[Insertion, ...] = field(default=(), repr=False)
    replaced: tuple[Insertion, ...] = field(default=(), repr=False)
    is_executable: bool = False
    problems: tuple[str, ...] = ()
    refusal: str = ""

    @property
    def changes(self) -> bool:
        """Return whether there is anything to do."""
        return not self.refusal and (self.after != (self.before or "") or self.is_executable)


def plan_protection(
    roots: SearchRoots, found: Iterable[FoundAgent], program: str, record: ProtectionRecord
) -> Iterator[FilePlan]:
    """Yield the change of each file of some agents, in their order."""
    found, planned = [*found], list[FilePlan]()
    trusting = {
        roots.path(one.agent.trusted_in[0]): one.agent
        for one in found
        if one.agent.trusted_in and not is_older(one.version, FIRST_KNOWN)
    }
    for path, wanted in _by_file(roots, found, program).items():
        if path in trusting:
            wanted.entries += _trusted(roots, trusting[path], planned, program)
        planned.append(_plan(roots, path, wanted, record))
        yield planned[-1]


def _trusted(
    roots: SearchRoots, agent: ProtectedAgent, planned: Iterable[FilePlan], program: str
) -> Iterator[SettingEntry]:
    """Yield the entries by which an agent trusts our hooks in its files, as these are planned to be."""
    keys = agent.trusted_in[1] if agent.trusted_in else ()
    for plan in planned:
        if agent.name in plan.names and not plan.refusal:
            hooks = FORMATS["json"].read(plan.after)
            for key, digest in trusted_hashes(roots.variables, plan.path, hooks, program):
                yield SettingEntry((*keys, key, "trusted_hash"), digest, in_list=False)


@dataclass(slots=True)
class _Wanted:
    """What a file is to hold, for which agents."""

    target: SettingsTarget
    names: dict[str, None] = field(default_factory=dict)
    entries: list[SettingEntry] = field(default_factory=list)


def _by_file(roots: SearchRoots, found: Iterable[FoundAgent], program: str) -> dict[Path, _Wanted]:
    files: dict[Path, _Wanted] = {}
    for one in found:
        for target in one.agent.files:
            if target.is_executable and os.name == "nt":
                continue
            for path in roots.paths(target):
                wanted = files.setdefault(path, _Wanted(target))
                wanted.names[one.agent.name] = None
                for entry in one.entries(target, program):
                    if not any(same_entry(entry, other) for other in wanted.entries):
                        wanted.entries.append(entry)
    return files


def _plan(roots: SearchRoots, path: Path, wanted: _Wanted, record: ProtectionRecord) -> FilePlan:
    target, names = wanted.target, tuple(wanted.names)
    try:
        real = roots.real(path, is_users=target.is_users)
        file = read_text(real)
    except (RewriteRefused, EditRefused) as error:
        return FilePlan(path, path, names, refusal=str(error))
    before = None if file is None else file.text
    known = record.files.get(str(real))
    try:
        return _planned(FilePlan(path, real, names, before), wanted, known, record)
    except RewriteRefused as error:
        return FilePlan(path, real, names, before, refusal=str(error))


@last_parse_kept()
def _planned(plan: FilePlan, wanted: _Wanted, known: FileRecord | None, record: ProtectionRecord) -> FilePlan:
    target, text = wanted.target, plan.before or ""
    form = FORMATS[target.format]
    # Of a file that is gone, only the folders that we made count.
    old = known.steps_in(text, record.mark(text)) if known and plan.before is not None else ()
    is_stale = any(not any(same_entry(step.entry, entry) for entry in wanted.entries) for step in old)
    after = known.without_ours(text, record.mark(text)) if known and is_stale else text
    steps, problems = [], []
    for entry in wanted.entries:
        if form.holds(after, entry):
            continue
        try:
            step = form.insert(after, entry)
        except RewriteRefused as error:
            problems.append(str(error))
            continue
        after = apply_edits(after, step.edits)
        steps.append(step)
    state = FileState((*(() if is_stale else old), *steps), record.mark(after))
    return replace(
        plan,
        after=after,
        record=FileRecord(
            target.format,
            created=plan.before is None or bool(known and known.created),
            folders=tuple(sorted({*(known.folders if known else ()), *_missing(plan.real.parent)}, key=len)),
            states=(*(known.states if known else ()), state),
        ),
        added=tuple(steps),
        replaced=old if is_stale else (),
        is_executable=target.is_executable and not os.access(plan.real, os.X_OK),
        problems=tuple(dict.fromkeys(problems)),
    )


def same_entry(one: SettingEntry, other: SettingEntry) -> bool:
    """Return whether two entries are equal."""
    return one.path == other.path and one.in_list == other.in_list and same(one.value, other.value)


def _missing(folder: Path) -> list[str]:
    """Return the folders that do not exist, outermost first."""
    missing = []
    while not os.path.lexists(folder):
        missing.append(str(folder))
        folder = folder.parent
    return missing[::-1]
