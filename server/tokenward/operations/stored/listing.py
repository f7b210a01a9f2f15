"""The stored tokens and their recorded details, without using the vault, because a keyring may prompt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from tokenward.custody.bindings.bindings import Bindings, FolderSnapshot, binding_state
from tokenward.custody.bindings.entries import Entries, TokenEntry
from tokenward.custody.bindings.renames import last_use, own_names_of
from tokenward.custody.leases.leases import Leases
from tokenward.custody.leases.sessions import Sessions
from tokenward.custody.ledger.events import Event, text_of
from tokenward.custody.ledger.ledger import Ledger
from tokenward.errors import CustodyError, WorkspaceElsewhere
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Reference
from tokenward.operations.access.lease_terms import NO_LIMIT, Terms, terms_of, terms_of_entries
from tokenward.operations.context import Context
from tokenward.operations.vault_choice import vault_config
from tokenward.places import Places
from tokenward.settings import Settings

NO_FOLDER = "This document belongs to no single workspace, and a reference resolves only in its own."
MOST_CANDIDATES = 500


@dataclass(frozen=True, slots=True)
class StoredDetails:
    """The details of a reference, for the workspace that it is used in.

    Attributes:
        refusal: why it does not resolve, in a sentence; empty if nothing prevents it.
        file: the encrypted file that stores the value, if so.
        by_editor: the editor stores the value, not the keyring.
        since: when the value was stored, or None.
        provider: the token's provider; empty if unknown.
        used: when it was last resolved; None if never.
    """

    refusal: str = ""
    file: str = ""
    by_editor: bool = False
    since: datetime | None = None
    provider: str = ""
    used: datetime | None = None
    lease: Terms = NO_LIMIT


def stored_details(
    context: Context, places: Places, folder: Path | None, reference: Reference
) -> StoredDetails:
    """Return the details of a reference in a workspace; only the refusal if the workspace may not resolve it."""
    if folder is None:
        return StoredDetails(refusal=NO_FOLDER)
    try:
        context.bindings.check(reference, folder)
        entry = context.entries.get(reference)
        if entry is None:
            return StoredDetails()
        others = {one.reference for one in context.entries.in_workspace(reference.workspace)}
        used = last_use(context.ledger, own_names_of(context.ledger, reference, others))
        lease = terms_of(context, [reference])[reference]
    except CustodyError as error:
        return StoredDetails(refusal=str(error))
    config = vault_config(places, context.settings)
    return StoredDetails(
        file=str(config.file) if config.kind == "file" else "",
        by_editor=config.kind == "editor",
        since=entry.created,
        provider=entry.provider,
        used=used,
        lease=lease,
    )


def completion_candidates(context: Context, folder: Path) -> dict[Reference, StoredDetails]:
    """Return the details of the stored tokens that resolve in a folder, by name.

    Raises:
        StateDamaged: the records cannot be read.
    """
    workspaces = context.bindings.names_in(folder)
    entries = [entry for name in workspaces for entry in context.entries.in_workspace(name)]
    names = {entry.reference for entry in entries}
    entries.sort(key=lambda entry: (entry.reference.name, entry.reference.workspace))
    known = {entry.reference: entry for entry in entries[:MOST_CANDIDATES]}
    terms, ledger = terms_of(context, known), context.ledger
    return {
        reference: StoredDetails(
            since=entry.created,
            provider=entry.provider,
            used=last_use(ledger, own_names_of(ledger, reference, names)),
            lease=terms[reference],
        )
        for reference, entry in known.items()
    }


def dangling(context: Context, folder: Path, references: Iterable[Reference]) -> set[Reference]:
    """Return those references that would resolve in a folder if their tokens were stored.

    Raises:
        StateDamaged: the records cannot be read.
    """
    return {
        one for one in set(references) if _belongs(context, folder, one) and context.entries.get(one) is None
    }


def _belongs(context: Context, folder: Path, reference: Reference) -> bool:
    """Return whether the folder has the reference's workspace name, or would get it with its first token."""
    try:
        context.bindings.check(reference, folder)
    except CustodyError:
        name = reference.workspace
        is_free = context.bindings.folder_of(name) is None and not context.entries.in_workspace(name)
        return is_free and name == context.workspace_of(folder)
    return True


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
