"""The record of what was added to agents' files, with which it is taken back. It holds only our own text.

It is written before a file is changed and corrected after, so that it names all that may be in a file. A file's content
decides what was done: a process that is killed leaves nothing that the record does not name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tokenward.custody.store.fingerprints import Fingerprinter, load_key
from tokenward.errors import EditRefused, RewriteRefused, StateDamaged
from tokenward.model import Span
from tokenward.operations.agents_protection.protected_agent import ProtectedAgent, protected_agents
from tokenward.operations.agents_protection.search_roots import SearchRoots
from tokenward.places import Places, shown
from tokenward.rewriting.edits import Edit, apply_edits
from tokenward.rewriting.settings_files.formats import FORMATS
from tokenward.rewriting.settings_files.json_settings import last_parse_kept
from tokenward.rewriting.settings_files.setting_entry import Insertion, SettingEntry, at, same
from tokenward.safe_files import read_own, remove_leftovers, replace_private
from tokenward.sources.editable_file import read_text
from tokenward.vault.file_lock import hold_file_lock

_LARGEST = 20_000_000
_PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class FileState:
    """What a file holds of ours, and the keyed fingerprint of its whole text."""

    steps: tuple[Insertion, ...]
    mark: str


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One file.

    Attributes:
        format: a key of FORMATS.
        created: the file did not exist.
        folders: the folders that did not exist, outermost first.
        states: how the file may be now; the last is the one that was meant.
    """

    format: str
    created: bool
    folders: tuple[str, ...]
    states: tuple[FileState, ...]

    @last_parse_kept()
    def steps_in(self, text: str, mark: str) -> tuple[Insertion, ...]:
        """Return what a text holds of ours, in the order in which it was added."""
        for state in self.states:
            if state.mark == mark:
                return state.steps
        form = FORMATS[self.format]
        return tuple(step for step in self._steps() if form.holds(text, step.entry))

    @last_parse_kept()
    def lost_from(self, text: str, mark: str) -> int:
        """Return how many entries are gone from a text that somebody has changed since."""
        if any(state.mark == mark for state in self.states):
            return 0
        form = FORMATS[self.format]
        return sum(not form.holds(text, step.entry) for step in self.states[-1].steps)

    @last_parse_kept()
    def without_ours(self, text: str, mark: str) -> str:
        """Return a text as it was before, byte for byte if nobody has changed it since.

        Raises:
            RewriteRefused: our entries cannot be removed without changing others.
        """
        for state in self.states:
            if state.mark == mark and (before := _reversed(text, state.steps)) is not None:
                return before
        form, left = FORMATS[self.format], text
        for step in reversed(self._steps()):
            if form.holds(left, step.entry):
                left = form.remove(left, step.entry, step.made)
        for state in self.states:
            before = _reversed(text, state.steps)
            # The user has changed other parts only, whose layout then stays too.
            with suppress(RewriteRefused):
                if before is not None and same(form.read(before), form.read(left)):
                    return before
        return left

    def _steps(self) -> list[Insertion]:
        return list({repr(step.entry): step for state in self.states for step in state.steps}.values())


@dataclass
class ProtectionRecord:
    """The record of all files, by their paths."""

    path: Path
    fingerprint: Fingerprinter
    files: dict[str, FileRecord] = field(default_factory=dict)

    @classmethod
    @contextmanager
    def locked(cls, places: Places) -> Iterator[ProtectionRecord]:
        """Give the record while no other process of this user uses it.

        Raises:
            StateDamaged: it cannot be read.
        """
        with hold_file_lock(places.agents_lock, _PATIENCE):
            yield cls.read(places)

    @classmethod
    def read(cls, places: Places) -> ProtectionRecord:
        """Return the record as it is.

        Raises:
            StateDamaged: it cannot be read.
        """
        record = cls(places.agents, Fingerprinter(load_key(places.fingerprint_key)))
        try:
            content = json.loads(read_own(places.agents, _LARGEST))
            record.files = {path: _file_of(fields) for path, fields in content["files"].items()}
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise StateDamaged(
                "{path} cannot be read; move it away, and remove Tokenward's entries from the files of "
                "your agents by hand",
                path=shown(places.agents),
            ) from None
        return record

    def note(self, path: Path, file: FileRecord | None) -> None:
        """Write the record with a file, or without it.

        Raises:
            StateDamaged: it cannot be written.
        """
        if file is None:
            self.files.pop(str(path), None)
        else:
            self.files[str(path)] = file
        content = {"version": 1, "files": {name: _fields_of(one) for name, one in self.files.items()}}
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            remove_leftovers(self.path)
            replace_private(self.path, json.dumps(content).encode())
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise StateDamaged("{path} cannot be written ({why})", path=shown(self.path), why=why) from None

    def mark(self, text: str) -> str:
        """Return the keyed fingerprint of a text."""
        return str(self.fingerprint(text))


def _reversed(text: str, steps: Sequence[Insertion]) -> str | None:
    """Return a text without insertions; None if they are not in it where they were made."""
    for step in reversed(steps):
        cuts, shift = [], 0
        for edit in step.edits:
            start = edit.span.start + shift
            if text[start : start + len(edit.text)] != edit.text:
                return None
            cuts.append(Edit(Span(start, start + len(edit.text)), ""))
            shift += len(edit.text)
        text = apply_edits(text, cuts)
    return text


def _fields_of(file: FileRecord) -> Mapping[str, Any]:
    return {
        "format": file.format,
        "created": file.created,
        "folders": file.folders,
        "states": [
            {
                "mark": state.mark,
                "steps": [
                    {
                        "path": step.entry.path,
                        "value": step.entry.value,
                        "list": step.entry.in_list,
                        "made": step.made,
                        "edits": [[edit.span.start, edit.text] for edit in step.edits],
                    }
                    for step in state.steps
                ],
            }
            for state in file.states
        ],
    }


def _file_of(fields: Any) -> FileRecord:
    states = tuple(
        FileState(tuple(map(_step_of, one["steps"])), str(one["mark"])) for one in fields["states"]
    )
    if fields["format"] not in FORMATS:
        raise ValueError
    folders = tuple(map(str, fields["folders"]))
    return FileRecord(fields["format"], bool(fields["created"]), folders, states)


def _step_of(fields: Any) -> Insertion:
    entry = SettingEntry(tuple(fields["path"]), fields["value"], bool(fields["list"]))
    edits = tuple(Edit(Span(int(start), int(start)), str(text)) for start, text in fields["edits"])
    return Insertion(entry, int(fields["made"]), edits)


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
