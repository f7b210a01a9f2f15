"""Compares what the vault holds with the records, and settles the differences on which a person decided."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tokenward.custody.ledger.events import Event, NewRecord
from tokenward.model import Reference, references_in
from tokenward.operations.access.store_value import delete_token, enter_value, forget_token
from tokenward.operations.context import Context
from tokenward.operations.recording import note
from tokenward.sources.candidate import Candidate
from tokenward.sources.safe_read import Content, read_content
from tokenward.sources.walk.selection import WalkChoice
from tokenward.sources.walk.walk import walk
from tokenward.token_prefixes import is_token_name, is_workspace_name

_SECONDS = 30.0
"""Seconds after which no more files are searched for references."""
_MOST_ASKED = 200
"""The most references of which a vault is asked that cannot list what it holds."""


@dataclass(frozen=True, slots=True)
class Differences:
    """The differences between the vault and the records.

    Attributes:
        unrecorded: what the vault holds and no record knows.
        empty: what is recorded and the vault does not hold.
    """

    unrecorded: tuple[Reference, ...]
    empty: tuple[Reference, ...]


def differences(context: Context) -> Differences | None:
    """Compare the vault with the records; return None if the vault cannot list what it holds.

    Raises:
        VaultError: the vault cannot be asked now.
    """
    # In one turn, so that nothing is being stored.
    with context.turn():
        held = context.vault.references()
        if held is None:
            return None
        known = {entry.reference for entry in context.entries.all()}
        begun = {
            Reference(one.reference.workspace, str(one.detail["aside"]))
            for one in context.ledger.open_replacements()
            if one.reference
        }
    unrecorded = filter(_is_sound, held - known - begun)
    return Differences(tuple(sorted(unrecorded, key=str)), tuple(sorted(known - held, key=str)))


def adopt(context: Context, reference: Reference) -> bool:
    """Make the entry of a value that the vault holds; return False if it holds none or there is an entry."""
    with context.turn():
        value = context.vault.get(reference)
        if value is None or context.entries.get(reference) is not None:
            return False
        enter_value(context, reference, value)
    return True


def delete_unrecorded(context: Context, reference: Reference) -> None:
    """Delete a value that still has no entry."""
    with context.turn():
        if context.entries.get(reference) is None:
            delete_token(context, reference)
    note(context, f"the removal of {reference}", NewRecord(Event.REMOVED, reference))


def drop_empty(context: Context, reference: Reference) -> None:
    """Delete an entry that still has no value."""
    with context.turn():
        if context.vault.get(reference) is None:
            forget_token(context, reference)
    note(context, f"the removal of {reference}", NewRecord(Event.REMOVED, reference))


def proposed(context: Context, folder: Path) -> dict[str, list[Reference]]:
    """Return the tokens that a folder may have had before its records were lost, by the names of workspaces.

    Its files and the ledger only propose them; files may be a stranger's.
    """
    named = set(_named_in_files(folder, context.settings.max_file_bytes))
    rows = context.ledger.records()
    named |= {
        row.reference for row in rows if row.reference and Path(row.origin or "/").is_relative_to(folder)
    }
    names, held = {reference.workspace for reference in named}, context.vault.references()
    if held is None:
        asked = sorted(named, key=str)[:_MOST_ASKED]
        held = frozenset(one for one in asked if context.vault.get(one) is not None)
    known = {entry.reference for entry in context.entries.all()}
    found: dict[str, list[Reference]] = {}
    for one in sorted(held - known, key=str):
        if one.workspace in names and _is_sound(one):
            found.setdefault(one.workspace, []).append(one)
    return found


def _is_sound(reference: Reference) -> bool:
    return is_token_name(reference.name) and is_workspace_name(reference.workspace)


def _named_in_files(folder: Path, most_bytes: int) -> Iterator[Reference]:
    until = time.monotonic() + _SECONDS
    for one in walk([folder], WalkChoice(respects_gitignore=False), lambda: time.monotonic() > until):
        content = read_content(one, most_bytes) if isinstance(one, Candidate) else None
        if isinstance(content, Content):
            yield from (reference for _, reference in references_in(content.text()))
