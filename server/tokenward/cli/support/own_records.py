"""own_records: what of the records a command may show; an AI agent is shown those of its own workspace alone."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tokenward.custody.bindings.bindings import Bindings, marked_root
from tokenward.custody.bindings.entries import TokenEntry
from tokenward.custody.callers.asker import asking_process
from tokenward.custody.callers.callers import agent_folders
from tokenward.custody.ledger.events import Record, written_origin
from tokenward.operations.use import asking_caller
from tokenward.places import Places


@dataclass(frozen=True, slots=True)
class OwnRecords:
    """The workspaces whose records may be shown.

    Attributes:
        is_all: a person asks, or a program of one.
    """

    is_all: bool = False
    _names: frozenset[str] = frozenset()
    _folders: Mapping[str, bool] = field(default_factory=dict)
    """The folders of all workspaces, each with whether it is their own."""

    def has(self, workspace: str | None, origin: str | None = None) -> bool:
        """Return whether a record may be shown, by its workspace's name, or else by the text that it is about."""
        if self.is_all or workspace is not None:
            return self.is_all or workspace in self._names
        around = filter(f"{origin}{os.sep}".startswith, self._folders)
        return self._folders.get(max(around, key=len, default=""), False)

    def has_record(self, record: Record) -> bool:
        """Return whether a record of the ledger may be shown."""
        return self.has(record.reference.workspace if record.reference else None, record.origin)

    def has_entry(self, entry: TokenEntry) -> bool:
        """Return whether a stored token may be shown."""
        return self.has(entry.reference.workspace)


def own_records(places: Places) -> OwnRecords:
    """Return which records the process that asks may see.

    An agent's workspace is that of the folder in which the agent itself works; it has none if that is not known.
    """
    if not asking_caller().possible_agent:
        return OwnRecords(is_all=True)
    bindings, folders = Bindings(places.custody), agent_folders(asking_process())
    here = next(filter(None, map(bindings.enclosing, folders)), None)
    root = here.folder if here else next(filter(None, map(marked_root, folders)), None)
    bound = {one.name: _beginning(one.folder) for one in bindings.all()}
    # A worktree's binding is bound to the main folder.
    main = bound.get(here.name) if here else None
    names = frozenset(name for name, folder in bound.items() if folder == main)
    own = {one: True for one in (main, root and _beginning(root)) if one}
    return OwnRecords(_names=names, _folders=dict.fromkeys(bound.values(), False) | own)


def _beginning(folder: Path | str) -> str:
    """Return what the origins in a folder begin with, as the ledger writes them."""
    return os.path.join(written_origin(str(folder)), "")  # noqa: PTH118 - pathlib drops the separator
