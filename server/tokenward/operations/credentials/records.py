"""Adds and removes the credential records of a workspace."""

from __future__ import annotations

from pathlib import Path

from tokenward.custody.callers.asker import asking_process
from tokenward.custody.callers.callers import caller
from tokenward.custody.credentials import Address, CredentialRecord
from tokenward.custody.ledger.events import Event, NewRecord
from tokenward.errors import CustodyError, EntryMissing
from tokenward.model import Reference
from tokenward.operations.context import Context
from tokenward.operations.recording import note
from tokenward.operations.token_names import require_known
from tokenward.token_prefixes import looks_like_token


def add_record(context: Context, folder: Path, address: Address, user: str, reference: Reference) -> None:
    """Have credential helpers answer with a stored token for an address, in the token's workspace alone.

    Without a user name, it is for any.

    Raises:
        CustodyError: the address or the user contains a token, which must not be recorded.
        WorkspaceUnbound, WorkspaceElsewhere: the folder may not use the token.
        EntryMissing: nothing is stored under the reference.
    """
    require_known(context.entries, [reference])
    context.bindings.check(reference, folder)
    if context.entries.get(reference) is None:
        raise EntryMissing(
            f"Nothing is stored under {reference}; store it with `tokenward put {reference.name}`."
        )
    require_plain(context, address, user)
    record = CredentialRecord(address, user, reference)
    context.credentials.add(record)
    _note(context, folder, Event.CREDENTIAL_ADDED, record)


def remove_record(context: Context, folder: Path, record: CredentialRecord) -> bool:
    """Remove a record and nothing else; return False if it was already gone."""
    if not context.credentials.remove(record):
        return False
    _note(context, folder, Event.CREDENTIAL_REMOVED, record)
    return True


def require_plain(context: Context, address: Address, user: str) -> None:
    """Raise if a record would contain a token, because records are listed and the ledger keeps them.

    Raises:
        CustodyError: the address or the user seems to be or to contain one, or is not printable.
    """
    try:
        has_token = looks_like_token(user) or bool(context.scanner.scan_text(f"{address}\n{user}\n", "url"))
    except TimeoutError:
        has_token = True
    if has_token or not user.isprintable():
        raise CustodyError(
            "The URL or the user name seems to contain a token, and both are recorded and shown; use a URL and a user "
            "name without it, and `tokenward put` for the token."
        )


def _note(context: Context, folder: Path, event: Event, record: CredentialRecord) -> None:
    detail = {"url": str(record.address), "user": record.user, **caller(asking_process()).to_json()}
    note(
        context,
        f"the record for {record.address}",
        NewRecord(event, record.reference, None, str(folder), None, detail),
    )
