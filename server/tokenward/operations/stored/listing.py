"""The stored tokens of the folders that somebody has open; no vault is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tokenward.custody.bindings.belonging import Binding, Folder, standing
from tokenward.custody.bindings.bindings import Bindings
from tokenward.custody.bindings.entries import Entries, Entry
from tokenward.custody.bindings.renames import last, last_use, own_names_of
from tokenward.custody.leases.leases import Leases
from tokenward.custody.leases.sessions import Sessions
from tokenward.custody.ledger.details import text_of
from tokenward.custody.ledger.events import Event
from tokenward.custody.ledger.ledger import Ledger
from tokenward.errors import WorkspaceElsewhere
from tokenward.model import Reference
from tokenward.operations.access.lease_terms import Terms, listed
from tokenward.places import Places
from tokenward.settings import Settings


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace whose tokens somebody works with.

    Attributes:
        folder: that its name is bound to.
        opened: the open folder that this is, or that it lies in.
    """

    folder: Path
    opened: Path


@dataclass(frozen=True, slots=True)
class StoredToken:
    """What the records say of one stored token.

    Attributes:
        entry: its name, provider and time.
        opened: the open folder that it is shown for.
        label: what is shown in place of the value; empty when unknown.
        used: when something last got it.
        terms: its lease.
    """

    entry: Entry
    opened: Path
    label: str
    used: datetime | None
    terms: Terms


def stored_tokens(places: Places, settings: Settings, opened: Sequence[Path]) -> tuple[StoredToken, ...]:
    """Return the tokens whose references resolve in some open folders.

    Raises:
        StateDamaged: the records cannot be read.
    """
    found = workspaces_in(Bindings(places.custody), opened)
    known = Entries(places.custody).all()
    entries = [one for one in known if one.reference.workspace in found]
    names = {one.reference for one in known}
    leases, ledger = Leases(places.custody, Sessions(places.sessions)), Ledger(places.ledger)
    terms = listed(leases, entries, settings) if entries else {}
    return tuple(
        StoredToken(
            entry,
            found[entry.reference.workspace].opened,
            *_history(ledger, own_names_of(ledger, entry.reference, names)),
            terms[entry.reference],
        )
        for entry in entries
    )


def workspaces_in(bindings: Bindings, opened: Sequence[Path]) -> dict[str, Workspace]:
    """Return the names that belong to open folders or to folders in them, so that references resolve there.

    A folder that merely claims a name, or that lies where another one was, has none.
    """
    known = bindings.all()
    # The innermost first, since it is the one that a text in both belongs to.
    seen = [(folder, seen) for folder in sorted(opened, key=_depth) if (seen := _seen(folder))]
    found: dict[str, Workspace] = {}
    for folder, here in seen:
        for binding in known:
            if standing(binding, here).belongs:
                found.setdefault(binding.name, Workspace(folder, folder))
    for folder, here in seen:
        for binding in _inside(bindings, known, here):
            found.setdefault(binding.name, Workspace(binding.folder, folder))
    return found


def workspace_for(bindings: Bindings, opened: Sequence[Path], reference: Reference) -> Workspace:
    """Return the workspace in open folders that a reference belongs to.

    Raises:
        WorkspaceElsewhere: there is none.
    """
    found = workspaces_in(bindings, opened).get(reference.workspace)
    if found is None:
        raise WorkspaceElsewhere(
            f"{reference.workspace} belongs to no folder that is open; open its folder first."
        )
    return found


def _depth(folder: Path) -> int:
    return -len(folder.parts)


def _seen(folder: Path) -> Folder | None:
    try:
        return Folder.at(folder.resolve(strict=True))
    except (OSError, RuntimeError, ValueError):
        return None


def _inside(bindings: Bindings, known: Sequence[Binding], here: Folder) -> Iterator[Binding]:
    for binding in known:
        if binding.folder != here.path and binding.folder.is_relative_to(here.path):
            state = bindings.state_of(binding)
            if state is not None and state.belongs:
                yield binding


def _history(ledger: Ledger, names: Sequence[Reference]) -> tuple[str, datetime | None]:
    """What the ledger calls a token of these names, and when it was last used."""
    records = (last(ledger, event, name) for name in names for event in (Event.PUT, Event.MOVED))
    label = next((text for one in records if one and (text := text_of(one.detail, "label"))), "")
    return label, last_use(ledger, names)
