"""After a crash: which moves were cut off in the middle, and where their values stand now."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from tokenward.custody.ledger import OpenMove
from tokenward.custody.unfinished import is_left_over
from tokenward.errors import RewriteRefused, TokenwardError, VaultError
from tokenward.model import Fingerprint, Reference
from tokenward.operations.context import Context
from tokenward.operations.disk import DiskEditor
from tokenward.operations.editor import Editor
from tokenward.operations.plan import language_for
from tokenward.operations.recover_renames import recover_renames
from tokenward.operations.referring import referring_files
from tokenward.operations.restore import undo_steps
from tokenward.operations.revoke import recover_revocations
from tokenward.operations.workplace import remove_leftovers
from tokenward.places import shown
from tokenward.rewriting.rewrite import find_references
from tokenward.sources.source import Source


def recover(context: Context, editor: Editor, *, sees_buffers: bool = False) -> Iterator[str]:
    """Settle every move, renaming and revocation whose process died, and say of each where the token stands.

    Nothing is deleted: a value may be in the keyring and the file both, and never in neither by our doing. Only
    an editor, which sees its buffers, lets go of what it declined before. A move stays open as long as the keyring
    cannot be asked.
    """
    for move in context.ledger.open_moves():
        _clear_away(move)
        if _was_done_again(context, move):
            context.ledger.undo_move(move.id, "done again")
        elif (
            sees_buffers and is_left_over(context.ledger, move.reference) and _is_idle(context, move, editor)
        ):
            yield from _let_go(context, move)
        else:
            yield _settle(context, move, _source(_files(move)[-1], editor))
    yield from recover_renames(context)
    yield from recover_revocations(context)


def _clear_away(move: OpenMove) -> None:
    for folder in {Path(name).parent for name in _files(move) if Path(name).is_absolute()}:
        remove_leftovers(folder)


def _files(move: OpenMove) -> list[str]:
    """The texts that the move was to edit; the last is the one with the token, named exactly."""
    files = move.detail.get("files")
    return [str(name) for name in files] if isinstance(files, list) and files else [move.origin]


def _was_done_again(context: Context, move: OpenMove) -> bool:
    """Whether somebody has moved the token out of the same text since; that move is the one to restore."""
    return any(
        record.reference == move.reference and (record.move or 0) > move.id
        for record in context.ledger.last_moved(move.origin)
    )


def _is_idle(context: Context, move: OpenMove, editor: Editor) -> bool:
    """Whether its text holds the token, on the disk too, and no text its reference, so that nobody needs it."""
    editors = (editor, DiskEditor())
    texts = [_source(name, one) for name in _files(move) for one in editors]
    unread = [name for name in _files(move) if os.path.lexists(name) and _source(name, editors[1]) is None]
    return (
        not unread
        and all(
            source is not None and _is_as_before(context, source, move) for source in texts[-len(editors) :]
        )
        and not any(source is not None and str(move.reference) in source.text for source in texts)
        and not _is_referred_to(context, move.reference)
        and bool(_in_keyring(context, move))
    )


def _is_as_before(context: Context, source: Source, move: OpenMove) -> bool:
    return _holds_token(context, source, move) and not _was_edited(source, move, in_file=True)


def _is_referred_to(context: Context, reference: Reference) -> bool:
    folder = context.bindings.folder_of(reference.workspace)
    if folder is None:
        return True
    found = referring_files(folder, reference, context.settings, context.bindings)
    return bool(found.files) or not found.is_whole


def _let_go(context: Context, move: OpenMove) -> Iterator[str]:
    """Delete what a declined move stored, unless somebody counts on it by now."""
    reference = move.reference
    try:
        with context.turn():
            if not context.ledger.relied_on(reference, move.id):
                context.vault.delete(reference)
                context.entries.remove(reference)
                context.leases.forget(reference)
            context.ledger.undo_move(move.id, "declined")
    except VaultError as error:
        yield f"{reference}, which no file refers to, could not be deleted from the keyring: {error}"


def _settle(context: Context, move: OpenMove, source: Source | None) -> str:
    opening = f"A move of {move.reference} out of {shown(move.origin)} was cut off;"
    in_keyring = _in_keyring(context, move)
    if in_keyring is None:
        return f"{opening} the keyring cannot be asked now, so leave the file as it is and run `tokenward doctor`."
    if in_keyring:
        context.entries.add(move.reference, move.fingerprint, str(move.detail.get("provider", "")))
    in_file = None if source is None else _holds_token(context, source, move)
    if in_keyring and source is not None and _was_edited(source, move, in_file=bool(in_file)):
        context.ledger.confirm_move(move.id, {**move.detail, "recovered": True})
        return f"{opening} the token stands in the keyring and its reference in the file, so nothing is left to do."
    context.ledger.undo_move(move.id, "recovered")
    return f"{opening} {_WHERE[in_keyring, in_file]}"


_WHERE = {
    (True, True): "the token stands in the keyring and the file both, so move it again.",
    (True, False): "the token stands in the keyring; check that the file holds its reference.",
    (True, None): "the token stands in the keyring; see that the file, unreadable now, holds its reference.",
    (False, True): "the token stands in the file as before.",
    (False, False): "it is neither in the keyring nor seen in the file; look into the file's history.",
    (False, None): "it is not in the keyring, and the file, which cannot be read now, was not changed.",
}


def _source(name: str, editor: Editor) -> Source | None:
    path = Path(name)
    if not path.is_absolute():
        return None
    try:
        return editor.read(path)
    except TokenwardError:
        return None


def _in_keyring(context: Context, move: OpenMove) -> bool | None:
    """Whether the keyring has the value; None when it cannot be asked."""
    try:
        secret = context.vault.get(move.reference)
    except TokenwardError:
        return None
    return secret is not None and context.scanner.fingerprint(secret.reveal()) == move.fingerprint


def _holds_token(context: Context, source: Source, move: OpenMove) -> bool:
    found_as = Fingerprint(str(move.detail.get("found_as", move.fingerprint)))
    return bool(context.scanner.locate(source, found_as))


def _was_edited(source: Source, move: OpenMove, *, in_file: bool) -> bool:
    """Whether what the move was to write stands in the text, there or, without the token, anywhere."""
    try:
        steps = undo_steps(move.detail, _files(move)[-1])
        if steps and all(step.stands_in(source.text) for step in steps):
            return True
        name = move.reference.name
        return not in_file and bool(find_references(source.text, language_for(source.origin), [name]))
    except RewriteRefused:
        return False
