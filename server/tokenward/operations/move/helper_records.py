"""The credential records that a move needs where nothing takes the token's place: a helper answers from them."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from tokenward.custody.credentials import CredentialRecord, parse_url
from tokenward.custody.ledger.events import JSON
from tokenward.errors import CustodyError, RewriteRefused
from tokenward.model import Reference
from tokenward.operations.context import Context
from tokenward.operations.credentials.git_helper import unregister
from tokenward.operations.credentials.records import add_record, remove_record, require_plain
from tokenward.operations.files.editor import Editor
from tokenward.rewriting.literal import HelperLogin


def missing_records(
    context: Context, logins: Iterable[HelperLogin], reference: Reference, path: Path | None, editor: Editor
) -> tuple[CredentialRecord, ...]:
    """Return the records that the workspace lacks for some logins of a file.

    Raises:
        RewriteRefused: another token answers for one of them, or none can be recorded for it.
    """
    wanted = [_record(_with_url(login, path, editor), reference) for login in logins]
    known = {(one.address, one.user): one for one in context.credentials.in_workspace(reference.workspace)}
    for record in wanted:
        other = known.get((record.address, record.user), record)
        if other != record:
            raise RewriteRefused(
                "Tools that ask for {address} get {reference} here; remove that record by `tokenward "
                "credential remove {address}`, then move the token.",
                address=record.address,
                reference=other.reference,
            )
        try:
            require_plain(context, record.address, record.user)
        except CustodyError as error:
            raise RewriteRefused(str(error)) from None
    return tuple(record for record in wanted if (record.address, record.user) not in known)


def add_records(context: Context, folder: Path, records: Iterable[CredentialRecord]) -> None:
    """Add the records of a move whose value is stored.

    Raises:
        TokenwardError: one of them could not be added; `remove_records` removes the others.
    """
    for record in records:
        add_record(context, folder, record.address, record.user, record.reference)


def remove_records(context: Context, folder: Path, records: Iterable[CredentialRecord]) -> None:
    """Remove the records of a move that is undone; git asks as before for a URL that has none."""
    for record in records:
        remove_record(context, folder, record)
        if not context.credentials.matching(record.address):
            unregister(str(record.address))


def records_detail(records: Iterable[CredentialRecord]) -> JSON:
    """Return the records of a move as the ledger keeps them."""
    return [{"url": str(record.address), "user": record.user} for record in records]


def recorded(detail: Mapping[str, JSON], reference: Reference) -> list[CredentialRecord]:
    """Return the records that the ledger keeps of a move."""
    rows = detail.get("credentials")
    found = []
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, Mapping):
            # An address that cannot be read has no record either.
            with suppress(RewriteRefused):
                found.append(_record(HelperLogin(str(row.get("url")), str(row.get("user"))), reference))
    return found


def login_check(
    context: Context, detail: Mapping[str, JSON], reference: Reference
) -> Callable[[HelperLogin], bool]:
    """Return whether a login in a restored file is one of the move, as a function; any is if the move had none."""
    known = recorded(detail, reference)
    # The move did not add a record that was there before.
    known += context.credentials.in_workspace(reference.workspace) if known else ()
    return lambda login: not known or bool(login.elsewhere) or _record(login, reference) in known


def _with_url(login: HelperLogin, path: Path | None, editor: Editor) -> HelperLogin:
    """Return a login with the URL that the tool's configuration beside a file has for it.

    A project's own files are not read: they could name any URL, which then got the token.

    Raises:
        RewriteRefused: it has none.
    """
    place = login.elsewhere
    if place is None:
        return login
    for beside in [path.with_name(name) for name in place.files] if path else ():
        source = editor.read(beside)
        with suppress(ValueError, KeyError, TypeError):
            url = tomllib.loads(source.text if source else "")
            for key in place.keys:
                url = url[key]
            before = place.before if "+" not in str(url).partition("://")[0] else ""
            return HelperLogin(f"{before}{url}", login.user)
    raise RewriteRefused(place.refusal)


def _record(login: HelperLogin, reference: Reference) -> CredentialRecord:
    try:
        address, _ = parse_url(login.url)
    except ValueError:
        raise RewriteRefused(
            "The host of this password cannot be recorded; move the token by hand."
        ) from None
    return CredentialRecord(address, login.user, reference)
