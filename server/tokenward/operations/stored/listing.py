"""The stored tokens of the open folders, without using the vault."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from tokenward.custody.bindings.belonging import FolderSnapshot, binding_state
from tokenward.custody.bindings.bindings import Bindings
from tokenward.custody.bindings.entries import Entries, TokenEntry
from tokenward.custody.bindings.renames import last_use, own_names_of
from tokenward.custody.leases.leases import Leases
from tokenward.custody.leases.sessions import Sessions
from tokenward.custody.ledger.events import Event, text_of
from tokenward.custody.ledger.ledger import Ledger
from tokenward.errors import WorkspaceElsewhere
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Reference
from tokenward.operations.access.lease_terms import Terms, terms_of_entries
from tokenward.places import Places
from tokenward.settings import Settings


@dataclass(frozen=True, slots=True)
class OpenWorkspace:
    """A workspace in an open folder.

    Attributes:
        folder: the folder that its name is bound to.
        opened: the open folder that this is or that contains it.
    """

    folder: Path
    opened: Path


@dataclass(frozen=True, slots=True)
class StoredToken:
    """The recorded details of a stored token.

    Attributes:
        opened: the open folder that it is shown for.
        label: shown instead of the value; empty if unknown.
        used: when it was last resolved.
    """

    entry: TokenEntry
    opened: Path
    label: str
    used: datetime | None
    terms: Terms


def stored_tokens(places: Places, settings: Settings, opened: Sequence[Path]) -> tuple[StoredToken, ...]:
    """Return the tokens whose references resolve in open folders.

    Raises:
        StateDamaged: the records cannot be read.
    """
    found = workspaces_in(Bindings(places.custody), opened)
    known = Entries(places.custody).all()
    entries = [one for one in known if one.reference.workspace in found]
    names = {one.reference for one in known}
    leases, ledger = Leases(places.custody, Sessions(places.sessions)), Ledger(places.ledger)
    terms = terms_of_entries(leases, entries, settings) if entries else {}
    tokens = []
    for entry in entries:
        own_names = own_names_of(ledger, entry.reference, names)
        records = (ledger.last(event, name) for name in own_names for event in (Event.PUT, Event.MOVED))
        label = next((text for one in records if one and (text := text_of(one.detail, "label"))), "")
        opened_as = found[entry.reference.workspace].opened
        used = last_use(ledger, own_names)
        tokens.append(StoredToken(entry, opened_as, label, used, terms[entry.reference]))
    return tuple(tokens)


def workspaces_in(bindings: Bindings, opened: Sequence[Path]) -> dict[str, OpenWorkspace]:
    """Return the workspaces of open folders and of folders in them, by their names.

    A folder that only claims a name, or that has replaced an earlier one, has none.
    """
    known = bindings.all()
    identities: list[tuple[Path, FolderSnapshot]] = []
    # The innermost first, because a text in both belongs to it.
    for folder in sorted(opened, key=lambda one: -len(one.parts)):
        with suppress(OSError, RuntimeError, ValueError):
            identities.append((folder, FolderSnapshot.at(folder.resolve(strict=True))))
    found: dict[str, OpenWorkspace] = {}
    for folder, here in identities:
        for binding in known:
            if binding_state(binding, here).belongs:
                found.setdefault(binding.name, OpenWorkspace(folder, folder))
    for folder, here in identities:
        for binding in known:
            if binding.folder == here.path or not binding.folder.is_relative_to(here.path):
                continue
            state = bindings.state_of(binding)
            if state is not None and state.belongs:
                found.setdefault(binding.name, OpenWorkspace(binding.folder, folder))
    return found


def workspace_for(bindings: Bindings, opened: Sequence[Path], reference: Reference) -> OpenWorkspace:
    """Return the workspace of a reference, in open folders.

    Raises:
        WorkspaceElsewhere: it belongs to no open folder.
    """
    found = workspaces_in(bindings, opened).get(reference.workspace)
    if found is None:
        raise WorkspaceElsewhere(
            "{workspace} belongs to no open folder; open its folder first.", workspace=reference.workspace
        )
    return found
