"""Settles moves, renames, stores and replacements that a crash interrupted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tokenward.custody.bindings.renames import end_rename, open_renames, undo_rename
from tokenward.custody.ledger.events import Event, NewRecord, OpenMove, Record
from tokenward.errors import RewriteRefused, TokenwardError, VaultError
from tokenward.findings.scan import CachingScanner
from tokenward.model import Fingerprint, Reference
from tokenward.operations.access.store_value import forget_token, settle
from tokenward.operations.context import Context
from tokenward.operations.files.editor import Editor
from tokenward.operations.files.workplace import remove_leftovers
from tokenward.operations.move.helper_records import recorded, remove_records
from tokenward.operations.move.restore import recorded_steps
from tokenward.operations.origins import language_for
from tokenward.operations.provider.check_and_revoke import recover_revocations
from tokenward.operations.recording import note
from tokenward.operations.stored.rename import take_over
from tokenward.places import shown
from tokenward.rewriting.rewrite import find_references
from tokenward.sources.source import Source

_WHERE = {
    (True, True): "the token is in both the keyring and the file, so move it again.",
    (True, False): "the token is in the keyring; check that the file contains its reference.",
    (True, None): "the token is in the keyring; check that the file, unreadable now, contains its reference.",
    (False, True): "the token is in the file as before.",
    (False, False): "it is neither in the keyring nor found in the file; check the file's history.",
    (False, None): "it is not in the keyring, and the file, which cannot be read now, was not changed.",
}


def recover(context: Context, editor: Editor) -> Iterator[str]:
    """Settle every move, rename, storing, replacement and revocation that was cut off, and yield a sentence about each.

    No value is deleted, so one may be in both the keyring and the file. A move stays open while the keyring is
    unavailable.
    """
    # A move that was declined and tried again is open more than once.
    yield from dict.fromkeys(_recover_moves(context, editor))
    yield from recover_renames(context)
    yield from recover_stores(context)
    yield from recover_revocations(context)


def _recover_moves(context: Context, editor: Editor) -> Iterator[str]:
    moves = context.ledger.open_moves()
    if moves:
        # The moves of a command were out of the same text.
        context = context.scanning_with(CachingScanner.of(context.scanner))
    for move in moves:
        for folder in {Path(name).parent for name in _files(move) if Path(name).is_absolute()}:
            remove_leftovers(folder)
        later = (row for row in context.ledger.last_moved(move.origin) if (row.move or 0) > move.id)
        if any(row.reference == move.reference for row in later):
            # Of two moves of a token out of the same text, the later one can be restored.
            context.ledger.undo_move(move.id, "done again")
        else:
            yield _settle(context, move, _read_source(move, editor))


def _files(move: OpenMove) -> list[str]:
    """Return the texts that the move was to edit; the last one, whose name is exact, has the token."""
    files = move.detail.get("files")
    return [str(name) for name in files] if isinstance(files, list) and files else [move.origin]


def _settle(context: Context, move: OpenMove, source: Source | None) -> str:
    opening = f"A move of {move.reference} out of {shown(move.origin)} was interrupted;"
    try:
        in_keyring = _settle_entry(context, move)
    except VaultError:
        return f"{opening} the keyring is unavailable now, so leave the file as it is and run `tokenward doctor`."
    in_file = None
    if source is not None:
        found_as = Fingerprint(str(move.detail.get("found_as", move.fingerprint)))
        in_file = bool(context.scanner.locate(source, found_as))
    if in_keyring and source is not None and _was_edited(source, move, in_file=bool(in_file)):
        context.ledger.confirm_move(move.id, {**move.detail, "recovered": True})
        return (
            f"{opening} the token is in the keyring and its reference in the file, so nothing is left to do."
        )
    remove_records(context, Path(move.origin).parent, recorded(move.detail, move.reference))
    context.ledger.undo_move(move.id, "recovered")
    return f"{opening} {_WHERE[in_keyring, in_file]}"


def _settle_entry(context: Context, move: OpenMove) -> bool:
    """Return whether the keyring has the value of a move; it has an entry then, and none that this move made if not."""
    with context.turn():
        secret, entry = context.vault.get(move.reference), context.entries.get(move.reference)
        if secret is not None and context.scanner.fingerprint(secret.reveal()) == move.fingerprint:
            context.entries.add(move.reference, move.fingerprint, str(move.detail.get("provider", "")))
            return True
        if move.detail.get("entered") and (entry is None or entry.fingerprint == move.fingerprint):
            forget_token(context, move.reference)
        return False


def _read_source(move: OpenMove, editor: Editor) -> Source | None:
    path = Path(_files(move)[-1])
    if not path.is_absolute():
        return None
    try:
        return editor.read(path)
    except TokenwardError:
        return None


def _was_edited(source: Source, move: OpenMove, *, in_file: bool) -> bool:
    """Return whether the text has the move's insertions in place or, if the token is gone, a reference anywhere."""
    try:
        steps = recorded_steps(move.detail, _files(move)[-1])
        if steps and all(step.fits(source.text) for step in steps):
            return True
        name = move.reference.name
        return not in_file and bool(find_references(source.text, language_for(source), [name]))
    except RewriteRefused:
        return False


def recover_renames(context: Context) -> Iterator[str]:
    """Settle every rename whose process died, and yield a sentence about each.

    Nothing is deleted from the vault. A rename stays open while the keyring is unavailable.
    """
    for record, reference, to in open_renames(context.ledger):
        opening = f"A rename of {reference} to {to.name} was interrupted;"
        try:
            yield f"{opening} {_settle_rename(context, record, reference, to)}"
        except VaultError:
            yield f"{opening} the keyring is unavailable now, so run `tokenward doctor` when it works again."


def _settle_rename(context: Context, record: Record, reference: Reference, to: Reference) -> str:
    with context.turn():
        entry, other = context.entries.get(reference), context.entries.get(to)
        if entry is None and other is not None:
            end_rename(context.ledger, record.id, to.name)
            return f"the token is called {to.name} now, so nothing is left to do."
        if other is None:
            undo_rename(context.ledger, record.id, "recovered")
            return f"the token is still called {reference.name}." if entry else "neither is stored now."
        return _settle_two_names(context, record, reference, to)


def _settle_two_names(context: Context, record: Record, reference: Reference, to: Reference) -> str:
    """Settle a rename with both names on record; the values in the vault decide."""
    value, new = context.vault.get(reference), context.vault.get(to)
    if new is not None and value is None:
        take_over(context, reference, to)
        end_rename(context.ledger, record.id, to.name)
        return f"the token is called {to.name} now, so nothing is left to do."
    undo_rename(context.ledger, record.id, "recovered")
    if new is not None and new == value:
        command = f"tokenward rename {reference.name} {to.name}"
        return f"it has both names, so complete it with `{command}` in its workspace."
    if record.detail.get("again") is not True:
        # The vault may have another, unrecorded value there.
        forget_token(context, to)
        note(context, f"the removal of {to}", NewRecord(Event.REMOVED, to))
    return f"the token is still called {reference.name}."


def recover_stores(context: Context) -> Iterator[str]:
    """Complete or take back every `put` and replacement that was cut off, and yield a sentence about each."""
    for seen in context.ledger.open_stores():
        reference = seen.reference
        if reference is None:
            continue
        try:
            with context.turn():
                # Another process may have completed it while this one waited for its turn.
                begun = [one for one in context.ledger.open_stores(reference) if one.id == seen.id]
                outcomes = [settle(context, reference, one) for one in begun]
        except VaultError:
            what = "replacement of the value" if seen.event is Event.REPLACE_STARTED else "storing"
            yield (
                f"The {what} of {reference} was interrupted; the keyring cannot be asked now, so run `tokenward "
                "doctor` when it can."
            )
        else:
            yield from outcomes
