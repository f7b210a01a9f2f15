"""Putting values back into a file, when a user asks for exactly that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenward.custody.ledger import Event, Record
from tokenward.errors import EntryMissing, RewriteRefused
from tokenward.model import Reference
from tokenward.operations.context import Context
from tokenward.operations.editor import Editor, FileEdit
from tokenward.operations.plan import language_for, origin_name
from tokenward.operations.resolve import resolve
from tokenward.places import shown
from tokenward.rewriting.restore import plan_restore
from tokenward.rewriting.undo import UndoStep
from tokenward.sources.source import Source


@dataclass(frozen=True, slots=True)
class Restored:
    """One reference whose value stands in the file again; the keyring keeps it too."""

    reference: Reference


def restore(
    context: Context, folder: Path, path: Path, editor: Editor, name: str | None
) -> Sequence[Restored]:
    """Undo the moves out of a file, the latest first, or only those of one name.

    Raises:
        EntryMissing: no move out of this file is on record.
        TokenwardError: a value may not be had, or cannot be put back; what was restored before stays so.
    """
    source = _read(editor, path)
    moves = [
        record for record in context.ledger.last_moved(origin_name(source.origin)) if _is_of(record, name)
    ]
    if not moves:
        raise EntryMissing(
            f"No move out of {shown(path)} is on record; see `tokenward list` for what is stored."
        )
    return [_restore(context, folder, path, editor, record) for record in moves]


def _restore(context: Context, folder: Path, path: Path, editor: Editor, record: Record) -> Restored:
    source = _read(editor, path)
    reference = record.reference
    if reference is None:
        raise EntryMissing(f"A record of {shown(path)} names no reference; run `tokenward doctor`.")
    value = resolve(context, folder, reference)
    steps = _steps(record, origin_name(source.origin))
    edits = plan_restore(source.text, language_for(source.origin), steps, reference, value)
    editor.apply((FileEdit(source, tuple(edits)),), f"Put {reference} back")
    context.ledger.record(Event.RESTORED, reference=reference, origin=record.origin, move=record.move)
    return Restored(reference)


def _read(editor: Editor, path: Path) -> Source:
    source = editor.read(path)
    if source is None:
        raise RewriteRefused(f"{shown(path)} is not there; name a file that is.")
    return source


def _is_of(record: Record, name: str | None) -> bool:
    return name is None or (record.reference is not None and record.reference.name == name)


def _steps(record: Record, origin: str) -> list[UndoStep]:
    """How the text was changed."""
    undo = record.detail.get("undo")
    steps = undo.get(origin) if isinstance(undo, Mapping) else None
    return [UndoStep.from_json(step) for step in steps] if isinstance(steps, list) else []
