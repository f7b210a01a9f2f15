"""The transaction that gives a stored token another name.

Record the new name, store the value under it, read it back, edit the references, and only then delete the old name.
Whatever fails in between, at least one name leads to the token; `recover` says which one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenward.custody.bindings.entries import TokenEntry
from tokenward.custody.bindings.renames import begin_rename, end_rename, undo_rename
from tokenward.custody.leases.sessions import SessionKind
from tokenward.custody.ledger.events import JSON, Event, NewRecord
from tokenward.errors import (
    CustodyError,
    EditDeclined,
    EditRefused,
    EditUncertain,
    EntryMissing,
    NameTaken,
    StateDamaged,
    TokenwardError,
    VaultError,
    VaultForgetful,
    VaultTimeout,
)
from tokenward.language import said
from tokenward.model import Reference, Secret
from tokenward.operations.access.grant_lease import set_lease_persistence
from tokenward.operations.access.put import forget_token
from tokenward.operations.access.settle_replacement import settle_replacements
from tokenward.operations.context import Context
from tokenward.operations.files.editor import Editor, FileEdit
from tokenward.operations.recording import may_stay_unrecorded, note, refusals
from tokenward.operations.stored.remove import not_complete
from tokenward.operations.token_names import require_name
from tokenward.operations.use import Purpose, Use
from tokenward.rewriting.rewrite import rename_references
from tokenward.sources.source import Source

_FACTS = ("rule", "provider", "label", "issued", "expires", "traces")
"""The details of a token in the ledger that move to its new name."""


@dataclass(frozen=True, slots=True)
class RenameRequest:
    """A token of a workspace and its new name.

    Attributes:
        sources: the current texts that refer to it.
    """

    folder: Path
    reference: Reference
    name: str
    sources: Sequence[Source]


@dataclass(frozen=True, slots=True)
class _Renaming:
    """An announced rename.

    Attributes:
        number: its id in the ledger.
        is_again: the token already has the new name too.
    """

    context: Context
    entry: TokenEntry
    to: Reference
    number: int
    is_again: bool

    @property
    def reference(self) -> Reference:
        """Return the token's old reference."""
        return self.entry.reference


def rename(context: Context, request: RenameRequest, editor: Editor) -> Reference:
    """Rename a token, with the same lease, wherever texts refer to it; nobody gets its value.

    Raises:
        NameTaken: another token has that name, or one that differs only in case.
        TokenwardError: it keeps its name, or has both, as the message says.
    """
    folder, reference = request.folder, request.reference
    with refusals(context, folder, [reference], Use.own(Purpose.RENAME, editor=context.editor)):
        context.bindings.check(reference, folder)
    require_name(context, request.name)
    settle_replacements(context, [reference])
    entry = context.entries.get(reference)
    if entry is None:
        raise EntryMissing("There is no {reference}; see `tokenward list`.", reference=reference)
    to = Reference(reference.workspace, request.name)
    is_again = _goes_by(context, entry, to)
    number = begin_rename(context.ledger, entry, str(folder), to.name, is_again=is_again)
    renaming = _Renaming(context, entry, to, number, is_again)
    value, made = _store(renaming, str(folder))
    _edit(renaming, editor, request.sources, made=made)
    _delete_old(renaming, value)
    return to


def take_over(context: Context, reference: Reference, to: Reference) -> None:
    """Leave a token only its new name, with its lease."""
    leased = context.ledger.last(Event.LEASED, reference)
    context.entries.rename(reference, to.name)
    if leased is None:
        return
    lease = context.leases.get(to)
    # Only a lease that a person chose decides where the keyring stores its token.
    if leased.origin is not None and lease is not None and lease.session is SessionKind.LOGIN:
        set_lease_persistence(context, to, lease)
    note(context, f"the lease of {to}", NewRecord(Event.LEASED, to, None, leased.origin, None, leased.detail))


def _goes_by(context: Context, entry: TokenEntry, to: Reference) -> bool:
    """Return whether the token already has the new name as well; False if that name is free."""
    if to == entry.reference:
        raise NameTaken("{to} already has that name; choose another name.", to=to)
    for other in context.entries.in_workspace(to.workspace):
        if other.reference.name.upper() != to.name.upper():
            continue
        if other.reference != to or other.fingerprint != entry.fingerprint:
            # On Windows they would be the same entry, and deleting the old name would delete the token.
            raise NameTaken(
                "{reference} is stored already, and names that differ in case only count as one; choose "
                "another name.",
                reference=other.reference,
            )
        return True
    return False


def _store(renaming: _Renaming, folder: str) -> tuple[Secret, bool]:
    """Record the new name and store the value under it; return the value, and whether this created the entry."""
    context, made = renaming.context, False
    with context.turn():
        value = _begun(renaming)
        try:
            if not renaming.is_again:
                # Before the value, so that no value is stored where no list shows it.
                context.entries.share(renaming.reference, renaming.to.name)
            made = context.vault.put(renaming.to, value)
            _record_put(renaming, folder)
        except VaultTimeout:
            # It may have been stored nevertheless; the next start checks.
            raise
        except TokenwardError as error:
            _put_back(renaming, error, made=made or isinstance(error, VaultForgetful))
            raise
    return value, made


def _begun(renaming: _Renaming) -> Secret:
    """Return the value if nothing prevents the rename; nothing needs to be undone yet."""
    try:
        _require_settled(renaming)
        context, entry, to = renaming.context, renaming.entry, renaming.to
        # Another process may have stored under either name, and its record must not be lost.
        if context.entries.get(entry.reference) != entry or _goes_by(context, entry, to) != renaming.is_again:
            raise NameTaken(
                "{to} or {name} has changed; check with `tokenward list`.", to=to, name=entry.reference.name
            )
        value = context.vault.get(entry.reference)
        if value is None and renaming.is_again:
            # The earlier rename did everything except the records.
            value = context.vault.get(to)
        if value is None:
            raise EntryMissing(
                "The keyring has nothing under {reference}; run `tokenward doctor`.",
                reference=entry.reference,
            )
    except TokenwardError as error:
        _undone(renaming, error)
        raise
    return value


def _require_settled(renaming: _Renaming) -> None:
    """Refuse while a move may be about to write the old name into a file."""
    if renaming.context.ledger.is_relied_on(renaming.reference, renaming.number):
        raise not_complete(renaming.reference)


def _record_put(renaming: _Renaming, folder: str) -> None:
    ledger, reference = renaming.context.ledger, renaming.reference
    stored = [one for one in (ledger.last(event, reference) for event in (Event.PUT, Event.MOVED)) if one]
    known = max(stored, key=lambda record: record.id).detail if stored else {}
    detail: dict[str, JSON] = {name: known[name] for name in _FACTS if name in known}
    ledger.record(
        Event.PUT,
        reference=renaming.to,
        fingerprint=renaming.entry.fingerprint,
        origin=folder,
        move=renaming.number,
        detail={**detail, "from": reference.name},
    )


def _edit(renaming: _Renaming, editor: Editor, sources: Sequence[Source], *, made: bool) -> None:
    old, new = renaming.reference, renaming.to
    edits = [FileEdit(source, rename_references(source.text, old, new)) for source in sources]
    files = [file for file in edits if file.edits]
    if not files:
        return
    try:
        editor.apply(files, f"Rename {old.name} to {new.name}")
    except TokenwardError as error:
        may_be_edited = isinstance(error, EditDeclined | EditUncertain)
        if not may_be_edited:
            now = [(file.source.text, editor.reread(file.source)) for file in files]
            may_be_edited = any(one and one.text.count(str(new)) > text.count(str(new)) for text, one in now)
        if may_be_edited:
            _undone(renaming, error)
            raise EditUncertain("{error} {both}", error=error, both=_both(renaming)) from None
        with renaming.context.turn():
            _put_back(renaming, error, made=made)
        raise EditRefused(
            "{reference} keeps its name: {error}", reference=renaming.reference, error=error
        ) from None


def _delete_old(renaming: _Renaming, value: Secret) -> None:
    """Delete the token under its old name, once it is read back under the new one."""
    context, reference, to = renaming.context, renaming.reference, renaming.to
    try:
        with context.turn():
            _require_settled(renaming)
            _require_stored(context, to, value)
            context.vault.delete(reference)
            take_over(context, reference, to)
    except StateDamaged:
        # It stays open, and the next start completes it.
        raise
    except (VaultError, CustodyError) as error:
        _undone(renaming, error)
        raise EditUncertain(
            "The files name {to}, but {reference} was not deleted: {error} {both}",
            to=to,
            reference=reference,
            error=error,
            both=_both(renaming),
        ) from None
    with may_stay_unrecorded(context, f"the renaming of {reference} until the next start"):
        end_rename(context.ledger, renaming.number, to.name)


def _require_stored(context: Context, to: Reference, value: Secret) -> None:
    """Raise if another process removed the new name while the files were edited."""
    if context.entries.get(to) is None or context.vault.get(to) != value:
        raise CustodyError("{to} has changed; check with `tokenward list`.", to=to)


def _both(renaming: _Renaming) -> str:
    old, new = renaming.reference.name, renaming.to.name
    return said(
        "The token has both names; complete the rename with `tokenward rename {old} {new}`.", old=old, new=new
    )


def _put_back(renaming: _Renaming, why: TokenwardError, *, made: bool) -> None:
    """Leave the token only its old name."""
    context, to = renaming.context, renaming.to
    # Another process may have stored the same value under that name in the meantime, and relies on it.
    if not renaming.is_again and not context.ledger.is_relied_on(to, renaming.number):
        with contextlib.suppress(VaultError):
            if made:
                context.vault.delete(to)
            forget_token(context, to)
            note(context, f"the removal of {to}", NewRecord(Event.REMOVED, to))
    _undone(renaming, why)


def _undone(renaming: _Renaming, why: TokenwardError) -> None:
    with may_stay_unrecorded(renaming.context, "a renaming that was not completed until the next start"):
        undo_rename(renaming.context.ledger, renaming.number, type(why).__name__)
