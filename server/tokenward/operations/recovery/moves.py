"""Settles moves that a crash interrupted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tokenward.custody.ledger.events import OpenMove
from tokenward.errors import RewriteRefused, TokenwardError
from tokenward.findings.scan import CachingScanner
from tokenward.model import Fingerprint
from tokenward.operations.context import Context
from tokenward.operations.files.editor import Editor
from tokenward.operations.files.workplace import remove_leftovers
from tokenward.operations.move.helper_records import recorded, remove_records
from tokenward.operations.move.restore import undo_steps
from tokenward.operations.origins import language_for
from tokenward.operations.provider.check_and_revoke import recover_revocations
from tokenward.operations.recovery.renames import recover_renames
from tokenward.operations.recovery.replacements import recover_replacements
from tokenward.places import shown
from tokenward.rewriting.rewrite import find_references
from tokenward.sources.source import Source


def recover(context: Context, editor: Editor) -> Iterator[str]:
    """Settle every move, rename, replacement and revocation that was cut off, and yield a sentence about each.

    No value is deleted, so one may be in both the keyring and the file. A move stays open while the keyring is
    unavailable.
    """
    # A move that was declined and tried again is open more than once.
    yield from dict.fromkeys(_recover_moves(context, editor))
    yield from recover_renames(context)
    yield from recover_replacements(context)
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
        secret = context.vault.get(move.reference)
    except TokenwardError:
        return f"{opening} the keyring is unavailable now, so leave the file as it is and run `tokenward doctor`."
    in_keyring = secret is not None and context.scanner.fingerprint(secret.reveal()) == move.fingerprint
    if in_keyring:
        context.entries.add(move.reference, move.fingerprint, str(move.detail.get("provider", "")))
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


_WHERE = {
    (True, True): "the token is in both the keyring and the file, so move it again.",
    (True, False): "the token is in the keyring; check that the file contains its reference.",
    (True, None): "the token is in the keyring; check that the file, unreadable now, contains its reference.",
    (False, True): "the token is in the file as before.",
    (False, False): "it is neither in the keyring nor found in the file; check the file's history.",
    (False, None): "it is not in the keyring, and the file, which cannot be read now, was not changed.",
}


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
        steps = undo_steps(move.detail, _files(move)[-1])
        if steps and all(step.fits(source.text) for step in steps):
            return True
        name = move.reference.name
        return not in_file and bool(find_references(source.text, language_for(source), [name]))
    except RewriteRefused:
        return False
