"""The transaction that gives a stored token another name.

Record the new name, store the value under it, read it back, edit what refers to it, and only then delete it under the
old name. Whatever fails or dies in between, at least the old name leads to the token; `recover` says which does.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenward.custody.bindings.entries import Entry
from tokenward.custody.bindings.renames import begin_rename, end_rename, last, undo_rename
from tokenward.custody.leases.sessions import Session
from tokenward.custody.ledger.events import JSON, Event, Happening
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
from tokenward.model import Reference, Secret
from tokenward.operations.access.grant_lease import keep_as_leased
from tokenward.operations.context import Context
from tokenward.operations.files.editor import Editor, FileEdit
from tokenward.operations.recording import note, refusals, unrecorded
from tokenward.operations.settled import not_complete
from tokenward.operations.token_names import require_name
from tokenward.operations.use import Purpose, Use
from tokenward.rewriting.references import rename_references
from tokenward.sources.source import Source

_FACTS = ("rule", "provider", "label", "issued", "expires", "traces")
"""What the ledger keeps of a token itself, which goes with it to its new name."""


@dataclass(frozen=True, slots=True)
class RenameRequest:
    """Which token is to go by another name.

    Attributes:
        folder: its workspace.
        reference: under which it is stored.
        name: a name that a token can have.
        sources: the texts that refer to it, as they are now.
    """

    folder: Path
    reference: Reference
    name: str
    sources: Sequence[Source]


@dataclass(frozen=True, slots=True)
class _Renaming:
    """One renaming that was announced.

    Attributes:
        number: its id in the ledger.
        is_again: the token goes by the new name too already.
    """

    context: Context
    entry: Entry
    to: Reference
    number: int
    is_again: bool

    @property
    def reference(self) -> Reference:
        return self.entry.reference


def rename(context: Context, request: RenameRequest, editor: Editor) -> Reference:
    """Let a token go by another name, under the same lease, wherever texts refer to it; nobody gets its value.

    Raises:
        NameTaken: another token goes by that name, or by one that differs in case only.
        TokenwardError: it keeps its name, or both names work, as the sentence says.
    """
    folder, reference = request.folder, request.reference
    with refusals(context, folder, [reference], Use.own(Purpose.RENAME)):
        context.bindings.check(reference, folder)
    require_name(context, request.name)
    entry = context.entries.get(reference)
    if entry is None:
        raise EntryMissing(f"There is no {reference}; see `tokenward list`.")
    to = Reference(reference.workspace, request.name)
    is_again = _goes_by(context, entry, to)
    number = begin_rename(context.ledger, entry, str(folder), to.name, is_again=is_again)
    renaming = _Renaming(context, entry, to, number, is_again)
    value, made = _store(renaming, str(folder))
    _edit(renaming, editor, request.sources, made=made)
    _give_up(renaming, value)
    return to


def take_over(context: Context, reference: Reference, to: Reference) -> None:
    """Let a token that is stored under a new name go by that alone, its lease as it was."""
    leased = last(context.ledger, Event.LEASED, reference)
    context.entries.rename(reference, to.name)
    if leased is None:
        return
    lease = context.leases.get(to)
    # Only a lease that somebody chose says where the keyring keeps its token.
    if leased.origin is not None and lease is not None and lease.session is Session.LOGIN:
        keep_as_leased(context, to, lease)
    note(context, f"the lease of {to}", Happening(Event.LEASED, to, None, leased.origin, None, leased.detail))


def _goes_by(context: Context, entry: Entry, to: Reference) -> bool:
    """Return whether the token goes by the new name too already; of a name that is free it does not."""
    if to == entry.reference:
        raise NameTaken(f"{to} is called that already; choose another name.")
    same = (one for one in context.entries.in_workspace(to.workspace) if _is_one(one.reference, to))
    for other in same:
        if other.reference != to or other.fingerprint != entry.fingerprint:
            # On Windows they would be one entry, and deleting the old name would delete the token.
            raise NameTaken(
                f"{other.reference} is stored already, and names that differ in case only count as one; choose "
                "another name."
            )
        return True
    return False


def _is_one(one: Reference, other: Reference) -> bool:
    return one.name.upper() == other.name.upper()


def _store(renaming: _Renaming, folder: str) -> tuple[Secret, bool]:
    """Record the new name and store the value under it; the value, and whether this made the vault's entry."""
    context, made = renaming.context, False
    with context.turn():
        value = _begun(renaming)
        try:
            if not renaming.is_again:
                # Before the value, so that no value lies where no list shows it.
                context.entries.share(renaming.reference, renaming.to.name)
            made = context.vault.put(renaming.to, value)
            _record_put(renaming, folder)
        except VaultTimeout:
            # It may have been stored all the same; the next start looks.
            raise
        except TokenwardError as error:
            _put_back(renaming, error, made=made or isinstance(error, VaultForgetful))
            raise
    return value, made


def _begun(renaming: _Renaming) -> Secret:
    """Return the value, as long as nothing is against the renaming; nothing was done yet that could be put back."""
    try:
        _require_settled(renaming)
        _require_unchanged(renaming)
        return _value(renaming)
    except TokenwardError as error:
        _undone(renaming, error)
        raise


def _require_unchanged(renaming: _Renaming) -> None:
    """Refuse where somebody has stored under either name since it was looked at: their record would be lost."""
    context, entry, to = renaming.context, renaming.entry, renaming.to
    if context.entries.get(entry.reference) != entry or _goes_by(context, entry, to) != renaming.is_again:
        raise NameTaken(f"{to} or {entry.reference.name} was changed meanwhile; look at `tokenward list`.")


def _value(renaming: _Renaming) -> Secret:
    vault = renaming.context.vault
    value = vault.get(renaming.reference)
    if value is None and renaming.is_again:
        # All but the records was done when the earlier renaming ended.
        value = vault.get(renaming.to)
    if value is None:
        raise EntryMissing(f"The keyring holds nothing under {renaming.reference}; run `tokenward doctor`.")
    return value


def _require_settled(renaming: _Renaming) -> None:
    """Refuse while a move may be about to write the old name into a file."""
    if renaming.context.ledger.relied_on(renaming.reference, renaming.number):
        raise not_complete(renaming.reference)


def _record_put(renaming: _Renaming, folder: str) -> None:
    ledger, reference = renaming.context.ledger, renaming.reference
    stored = [one for one in (last(ledger, event, reference) for event in (Event.PUT, Event.MOVED)) if one]
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
        if isinstance(error, EditDeclined | EditUncertain) or not _are_untouched(renaming, editor, files):
            _undone(renaming, error)
            raise EditUncertain(f"{error} {_both(renaming)}") from None
        with renaming.context.turn():
            _put_back(renaming, error, made=made)
        raise EditRefused(f"{renaming.reference} keeps its name: {error}") from None


def _are_untouched(renaming: _Renaming, editor: Editor, files: Sequence[FileEdit]) -> bool:
    """Return whether no text has gained a mention of the new name."""
    new = str(renaming.to)
    now = [(file.source, editor.reread(file.source)) for file in files]
    return all(one is None or one.text.count(new) <= before.text.count(new) for before, one in now)


def _give_up(renaming: _Renaming, value: Secret) -> None:
    """Delete the token under its old name, once it is seen under the new one."""
    context, reference, to = renaming.context, renaming.reference, renaming.to
    try:
        with context.turn():
            _require_settled(renaming)
            _require_stored(renaming, value)
            context.vault.delete(reference)
            take_over(context, reference, to)
    except StateDamaged:
        # It stays open, and the next start completes it.
        raise
    except (VaultError, CustodyError) as error:
        _undone(renaming, error)
        raise EditUncertain(
            f"The files name {to}, but {reference} was not given up: {error} {_both(renaming)}"
        ) from None
    try:
        end_rename(context.ledger, renaming.number, to.name)
    except StateDamaged as error:
        unrecorded(context, f"the renaming of {reference} until the next start", error)


def _require_stored(renaming: _Renaming, value: Secret) -> None:
    """Refuse where somebody has removed the new name while the files were edited."""
    to = renaming.to
    if renaming.context.entries.get(to) is None or renaming.context.vault.get(to) != value:
        raise CustodyError(f"{to} was changed meanwhile; look at `tokenward list`.")


def _both(renaming: _Renaming) -> str:
    old, new = renaming.reference.name, renaming.to.name
    return f"The token goes by both names; complete it by `tokenward rename {old} {new}`."


def _put_back(renaming: _Renaming, why: TokenwardError, *, made: bool) -> None:
    """Let the token go by its old name alone again, as it did before."""
    context, to = renaming.context, renaming.to
    # Somebody may have stored the same value under that name meanwhile, and counts on it.
    if not renaming.is_again and not context.ledger.relied_on(to, renaming.number):
        with contextlib.suppress(VaultError):
            if made:
                context.vault.delete(to)
            context.entries.remove(to)
            context.leases.forget(to)
            note(context, f"the removal of {to}", Happening(Event.REMOVED, to))
    _undone(renaming, why)


def _undone(renaming: _Renaming, why: TokenwardError) -> None:
    try:
        undo_rename(renaming.context.ledger, renaming.number, type(why).__name__)
    except StateDamaged as error:
        unrecorded(renaming.context, "a renaming that was not completed until the next start", error)
