"""The transaction that gives a stored token another name.

Record the new name, store the value under it, read it back, edit the references, and only then delete the old name.
Whatever fails in between, at least one name leads to the token; `recover` says which one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tokenward.custody.bindings.entries import TokenEntry
from tokenward.custody.bindings.renames import announced_rename, end_rename, undo_rename
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
)
from tokenward.language import said
from tokenward.model import Reference, Secret
from tokenward.operations.access.store_value import Storing, forget_token, settle_in_turn, store
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
        is_again: the token already had the new name too.
        is_new: this stored the value under the new name.
    """

    context: Context
    entry: TokenEntry
    to: Reference
    number: int
    is_again: bool
    is_new: bool

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
    renaming, value = _store(context, request)
    _edit(renaming, editor, request.sources)
    _delete_old(renaming, value)
    return renaming.to


def take_over(context: Context, reference: Reference, to: Reference) -> None:
    """Leave a token only its new name, with its lease."""
    leased = context.ledger.last(Event.LEASED, reference)
    context.entries.rename(reference, to.name)
    if leased is None:
        return
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


def _store(context: Context, request: RenameRequest) -> tuple[_Renaming, Secret]:
    """Record the new name and store the value under it."""
    reference, to = request.reference, Reference(request.reference.workspace, request.name)
    with context.turn():
        settle_in_turn(context, reference)
        entry = context.entries.get(reference)
        if entry is None:
            raise EntryMissing("There is no {reference}; see `tokenward list`.", reference=reference)
        is_again = _goes_by(context, entry, to)
        if context.ledger.is_being_moved(reference):
            raise not_complete(reference)
        value = _value(context, reference, to, is_again=is_again)
        announcement = announced_rename(entry, str(request.folder), to.name, is_again=is_again)
        put = _put_record(context, entry, to, str(request.folder))

        def enter() -> None:
            if not is_again:
                context.entries.share(reference, to.name)

        def confirm(number: int) -> None:
            context.ledger.record_all([replace(put, move=number)])

        stored = store(context, Storing(announcement, to, value, enter, confirm))
    return _Renaming(context, entry, to, stored.number, is_again, stored.is_new), value


def _value(context: Context, reference: Reference, to: Reference, *, is_again: bool) -> Secret:
    value = context.vault.get(reference)
    if value is None and is_again:
        # The earlier rename did everything except the records.
        value = context.vault.get(to)
    if value is None:
        raise EntryMissing(
            "The keyring has nothing under {reference}; run `tokenward doctor`.", reference=reference
        )
    return value


def _require_settled(renaming: _Renaming) -> None:
    """Refuse while a move may be about to write the old name into a file."""
    if renaming.context.ledger.is_relied_on(renaming.reference, renaming.number):
        raise not_complete(renaming.reference)


def _put_record(context: Context, entry: TokenEntry, to: Reference, folder: str) -> NewRecord:
    ledger, reference = context.ledger, entry.reference
    stored = [one for one in (ledger.last(event, reference) for event in (Event.PUT, Event.MOVED)) if one]
    known = max(stored, key=lambda record: record.id).detail if stored else {}
    detail: dict[str, JSON] = {name: known[name] for name in _FACTS if name in known}
    return NewRecord(Event.PUT, to, entry.fingerprint, folder, None, {**detail, "from": reference.name})


def _edit(renaming: _Renaming, editor: Editor, sources: Sequence[Source]) -> None:
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
            _put_back(renaming, error)
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


def _put_back(renaming: _Renaming, why: TokenwardError) -> None:
    """Leave the token only its old name."""
    context, to = renaming.context, renaming.to
    # Another process may have stored the same value under that name in the meantime, and relies on it.
    if not renaming.is_again and not context.ledger.is_relied_on(to, renaming.number):
        with contextlib.suppress(VaultError):
            if renaming.is_new:
                context.vault.delete(to)
            forget_token(context, to)
            note(context, f"the removal of {to}", NewRecord(Event.REMOVED, to))
    _undone(renaming, why)


def _undone(renaming: _Renaming, why: TokenwardError) -> None:
    with may_stay_unrecorded(renaming.context, "a renaming that was not completed until the next start"):
        undo_rename(renaming.context.ledger, renaming.number, type(why).__name__)
