"""Restores values into a file, when a user asks for exactly that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

from tokenward.custody.bindings.renames import later_names_of
from tokenward.custody.ledger.events import JSON, Event, NewRecord
from tokenward.errors import EntryMissing, RewriteRefused
from tokenward.model import Reference
from tokenward.operations.access.resolve import resolve
from tokenward.operations.context import Context
from tokenward.operations.files.editor import Editor, FileEdit
from tokenward.operations.move.helper_records import login_check, recorded, remove_records
from tokenward.operations.move.history import MoveHistory
from tokenward.operations.origins import language_for, origin_name
from tokenward.operations.recording import note
from tokenward.operations.use import Purpose, Use
from tokenward.places import shown
from tokenward.rewriting.literal import HelperLogin
from tokenward.rewriting.restore import plan_restore
from tokenward.rewriting.undo import UndoStep
from tokenward.sources.source import Source

DIFFERS = (
    "{path} has its tokens back, but is not as it was before they were moved; compare it with your last commit, and "
    "correct it by hand."
)


def restore(
    context: Context, folder: Path, path: Path, editor: Editor, name: str | None
) -> Iterator[Reference]:
    """Undo the moves out of a file, or only those of one name, the latest first; yield each restored reference.

    The keyring keeps the values. The lines that the moves added to `.env` stay, because other code may read them; those
    in compose files go with the last of a token's moves.

    Raises:
        EntryMissing: no move out of this file is recorded.
        TokenwardError: a value cannot be restored, or the file is not as before; the others were restored.
    """
    source = _read(editor, path)
    moves = [
        # A token that was renamed since is restored from its current name.
        (record, later_names_of(context.ledger, record.reference, record.id)[-1])
        for record in context.ledger.last_moved(origin_name(source.origin))
        if record.reference is not None and name in (None, record.reference.name)
    ]
    if not moves:
        raise EntryMissing(
            "No move out of {path} is recorded; `tokenward list` shows the stored tokens.", path=shown(path)
        )
    fingerprint, refusals = context.scanner.fingerprint, list[RewriteRefused]()
    history = MoveHistory(context.ledger, {reference.workspace for _, reference in moves})
    # Lines that moves out of other files added stay.
    is_all = not name and len(history.changing(origin_name(source.origin))) == len(moves)
    before = history.before(source, fingerprint) if is_all else None
    for record, reference in moves:
        try:
            source = _read(editor, path)
            value = resolve(context, folder, reference, Use.own(Purpose.RESTORE, editor=context.editor))
            steps = undo_steps(record.detail, source, reference)
            is_for = login_check(context, record.detail, reference)
            edits = plan_restore(source.text, language_for(source), steps, reference, value, is_for=is_for)
            editor.apply((FileEdit(source, edits),), f"Put {reference} back")
        except RewriteRefused as refusal:
            refusals.append(refusal)
            continue
        if fingerprint(value.reveal()) != record.fingerprint:
            before = None
        remove_records(context, folder, recorded(record.detail, reference))
        restored = NewRecord(Event.RESTORED, reference, None, record.origin, record.move)
        note(context, f"the restoring of {reference}", restored)
        yield reference
    if refusals:
        raise refusals[0]
    if before not in (None, fingerprint(_read(editor, path).text)):
        raise RewriteRefused(DIFFERS, path=shown(path))


def undo_steps(detail: Mapping[str, JSON], source: Source, reference: Reference) -> list[UndoStep]:
    """Return how to undo a move in a text: as recorded, unless a tool has rewritten a text that needs no reference.

    Raises:
        RewriteRefused: the record, or then the text, cannot be read.
    """
    steps = recorded_steps(detail, origin_name(source.origin))
    logins = recorded(detail, reference)
    if not logins or all(step.fits(source.text) for step in steps):
        return steps
    parsed = language_for(source).read(source.text)
    found = chain(*(parsed.changes_again(HelperLogin(str(one.address), one.user)) for one in logins))
    return [UndoStep.of(change, change.span.start) for change in found] or steps


def recorded_steps(detail: Mapping[str, JSON], origin: str) -> list[UndoStep]:
    """Return how to undo a move in a text, as recorded.

    Raises:
        RewriteRefused: the record cannot be read.
    """
    undo = detail.get("undo")
    undo = undo if isinstance(undo, Mapping) else {}
    steps = undo.get(origin)
    return [UndoStep.from_json(step) for step in steps] if isinstance(steps, list) else []


def _read(editor: Editor, path: Path) -> Source:
    source = editor.read(path)
    if source is None:
        raise RewriteRefused("{path} does not exist; check the path.", path=shown(path))
    return source
