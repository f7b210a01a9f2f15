"""After a crash: which moves were cut off in the middle, and where their values stand now."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tokenward.custody.ledger import OpenMove
from tokenward.errors import TokenwardError
from tokenward.model import Fingerprint, references_in
from tokenward.operations.context import Context
from tokenward.operations.editor import Editor
from tokenward.places import shown
from tokenward.sources.source import Source


def recover(context: Context, editor: Editor) -> Iterator[str]:
    """Settle every move whose process died, and say of each where the token stands.

    Nothing is deleted: a value may stand in the keyring and the file both, and never in neither by our doing.
    """
    for move in context.ledger.open_moves():
        yield _settle(context, move, editor)


def _settle(context: Context, move: OpenMove, editor: Editor) -> str:
    source = _source(move, editor)
    in_keyring = _in_keyring(context, move)
    in_file = source is not None and _holds_token(context, source, move)
    if in_keyring:
        context.entries.add(move.reference, move.fingerprint, str(move.detail.get("provider", "")))
    if in_keyring and not in_file and source is not None and _holds_reference(source, move):
        context.ledger.confirm_move(move.id, {**move.detail, "recovered": True})
    else:
        context.ledger.undo_move(move.id, "recovered")
    return _sentence(move, in_keyring=in_keyring, in_file=in_file)


def _source(move: OpenMove, editor: Editor) -> Source | None:
    path = Path(move.origin)
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


def _holds_reference(source: Source, move: OpenMove) -> bool:
    in_data = any(reference == move.reference for _, reference in references_in(source.text))
    return in_data or move.reference.name in source.text


def _sentence(move: OpenMove, *, in_keyring: bool | None, in_file: bool) -> str:
    opening = f"A move of {move.reference} out of {shown(move.origin)} was cut off;"
    if in_keyring is None:
        return f"{opening} the keyring cannot be asked now, so leave the file as it is and run `tokenward doctor`."
    if in_keyring and in_file:
        return f"{opening} the token stands in the keyring and the file both, so move it again."
    if in_keyring:
        return f"{opening} the token stands in the keyring; check that the file holds its reference."
    if in_file:
        return f"{opening} the token stands in the file as before."
    return f"{opening} it is neither in the keyring nor seen in the file; look into the file's history."
