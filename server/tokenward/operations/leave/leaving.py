"""Leaving: puts every token of a workspace back into its files, so that they no longer need us.

Restore each reference, read the file back, and only then delete the token. A kill at any step loses nothing: a value
is in the keyring until it was read in a file, and a repetition completes the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tokenward.custody.ledger.events import Event, NewRecord, RecordQuery
from tokenward.errors import CustodyError, RewriteRefused, TokenwardError, VaultError
from tokenward.model import Reference, Secret, references_in
from tokenward.operations.access.resolve import resolve
from tokenward.operations.access.store_value import delete_token
from tokenward.operations.context import Context
from tokenward.operations.files.disk_editor import DiskEditor
from tokenward.operations.files.editor import FileEdit
from tokenward.operations.leave.survey import LeavingWorkspace, refers, survey
from tokenward.operations.move.helper_records import login_check
from tokenward.operations.move.history import AddedLine, MoveHistory, PastMove
from tokenward.operations.move.restore import DIFFERS, undo_steps
from tokenward.operations.origins import language_for
from tokenward.operations.recording import note
from tokenward.operations.stored.remove import not_complete
from tokenward.operations.use import Purpose, Use
from tokenward.places import canonical, shown
from tokenward.rewriting.edits import Edit, apply_edits
from tokenward.rewriting.env_file import is_environment_file, parse_env, take_out
from tokenward.rewriting.restore import plan_restore
from tokenward.sources.source import Source

_CERTAIN = 12
"""Characters of a value that is recognised in any text; a shorter one could be there for another reason."""


_NO_FILE = (
    "No file that it was moved out of has it back, so its line in {path} stays; write the value, which `tokenward get "
    "{name}` prints, where you need it, delete the line, and repeat."
)


class Leaving:
    """One workspace that its user leaves.

    Attributes:
        survey: what referred to its tokens at first.
        kept: for each token that has to stay in the keyring, why, in sentences.
        unused: the tokens that no file refers to or holds, so that they have no other copy.
        erased: those of them that a person agreed to lose.
        empty: the tokens on record without a value in the vault, so that only their records can be removed.
    """

    def __init__(self, context: Context, workspace: LeavingWorkspace, editor: DiskEditor) -> None:
        """Find what there is to do; change nothing.

        Raises:
            TokenwardError: the keyring or the records cannot be read.
        """
        self.context = context
        self.workspace = workspace
        self.editor = editor
        self.kept: dict[Reference, list[str]] = {}
        self.erased: frozenset[Reference] = frozenset()
        self._history = MoveHistory(context.ledger, workspace.names)
        self.survey = survey(context, workspace, self._history, editor)
        self._values: dict[Reference, Secret] = {}
        self._compared: dict[Reference, Secret | None] = {}
        self._written: dict[Path, str] = {}
        self._restored: dict[Reference, set[Path]] = {}
        for reference, why in self.survey.refusals:
            self.keep(reference, why)
        planned = {reference for references in self.survey.files.values() for reference in references}
        lines = {line.reference for line in self.survey.lines}
        stored = self.stored()
        for reference in {*planned, *lines} - stored:
            self.keep(
                reference, f"Nothing is stored under {reference}, but files refer to it; change them by hand."
            )
        self.empty: list[Reference] = []
        self._copies = self._find_copies(stored - planned - self.kept.keys())
        for line in self.survey.lines:
            if line.reference in stored - planned - self._copies.keys():
                self.keep(line.reference, _NO_FILE.format(path=shown(line.path), name=line.reference.name))
        self.unused = sorted(stored - planned - lines - self.kept.keys() - self._copies.keys(), key=str)

    def stored(self) -> set[Reference]:
        """Return the tokens of the workspace that are on record."""
        entries = self.context.entries
        return {entry.reference for name in self.workspace.names for entry in entries.in_workspace(name)}

    def removable(self) -> list[Reference]:
        """Return the stored tokens whose values are in a file, or soon will be, or may be lost."""
        staying = {*self.kept, *self.unused} - self.erased
        return sorted(self.stored() - staying, key=str)

    def held(self) -> dict[Reference, Path]:
        """Return a file that holds the value already, for each token that no file refers to, or only an added line."""
        return {reference: path for reference, path in self._copies.items() if reference not in self.empty}

    def readers(self) -> Iterator[tuple[Path, AddedLine]]:
        """Yield the files that look up the variable of a line that goes, except those that moves had look it up."""
        for line in self.survey.lines:
            moved = {line.path, *(Path(move.origin) for move in self._history.of(line.reference))}
            found = () if line.reference in self.kept else self.survey.readers.get(line.variable, ())
            yield from ((path, line) for path in sorted({*found} - moved))

    def restore(self) -> Iterator[Path]:
        """Put the values back into each file; yield each that was changed.

        A failure is a reason to keep its token, and the others are restored.

        Raises:
            VaultError: the keyring cannot be used.
        """
        stored = self.stored()
        for path, named in self.survey.files.items():
            references = [reference for reference in named if reference in stored]
            moves = [move for move in self._history.pending(path) if move.reference in references]
            tasks = [*((move.reference, move) for move in moves), *((one, None) for one in references)]
            if sum(self._restore_in(path, reference, move) for reference, move in tasks):
                yield path
        for line in self.survey.lines:
            if line.reference not in self.kept and self._settle(line):
                yield line.path
        self._compare()

    def remove_token(self, reference: Reference) -> None:
        """Delete a token whose value is in a file now, or that a person agreed to lose.

        Raises:
            TokenwardError: it stays, for this reason.
        """
        with self.context.turn():
            if self.context.ledger.is_unfinished(reference):
                raise not_complete(reference)
            self._require_left(reference)
            delete_token(self.context, reference)
        removed = NewRecord(Event.REMOVED, reference, origin=str(self.workspace.was_at or ""))
        note(self.context, f"the removal of {reference}", removed)

    def keep(self, reference: Reference, why: str) -> None:
        """Note why a token has to stay."""
        reasons = self.kept.setdefault(reference, [])
        if why not in reasons:
            reasons.append(why)

    def _restore_in(self, path: Path, reference: Reference, move: PastMove | None) -> bool:
        """Put a value back into a file, by the record of a move if there is one; return whether it was changed."""
        try:
            source = self.editor.read(path)
            if source is None:
                return False
            steps = undo_steps(move.record.detail, source, reference) if move else []
            fits = bool(steps) and all(step.fits(source.text) for step in steps)
            # Every lookup may fall back to the value, as before its move; the record of that may fit too.
            falls_back = refers(source, reference) and not refers(
                source, reference, self._stored_value(reference)
            )
            if falls_back or not (fits or self._needs(source, reference)):
                # It was changed by hand, or a kill came between the writing of the file and its record.
                if move is not None and self._is_held(source, reference):
                    self._note_restored(reference, path, move)
                return False
            value = self._value(reference)
            is_for = login_check(self.context, move.record.detail if move else {}, reference)
            edits = plan_restore(source.text, language_for(source), steps, reference, value, is_for=is_for)
            self._apply(source, edits, reference)
        except VaultError:
            raise
        except RewriteRefused as error:
            self.keep(reference, f"{shown(path)}: {error}")
            return False
        except TokenwardError as error:
            self.keep(reference, str(error))
            return False
        self._note_restored(reference, path, move)
        return True

    def _compare(self) -> None:
        """Keep the tokens of each file that is not as before, unless one of them is the reason."""
        for path, before in self.survey.before.items():
            moves, source = self._history.changing(canonical(str(path))), self._read(path)
            is_before = self.context.scanner.fingerprint(source.text if source else "") == before
            if not is_before and not any(
                one.reference in self.kept or self._is_replaced(one) for one in moves
            ):
                for move in moves:
                    self.keep(move.reference, DIFFERS.format(path=shown(path)))

    def _is_replaced(self, move: PastMove) -> bool:
        value = self._stored_value(move.reference)
        return (
            value is not None and self.context.scanner.fingerprint(value.reveal()) != move.record.fingerprint
        )

    def _note_restored(self, reference: Reference, path: Path, move: PastMove | None) -> None:
        self._restored.setdefault(reference, set()).add(path)
        if move is not None:
            restored = NewRecord(Event.RESTORED, reference, None, move.origin, move.record.move)
            note(self.context, f"the putting back of {reference}", restored)

    def _value(self, reference: Reference) -> Secret:
        """Return a value that goes into a file, by the rules of its lease; use it only once."""
        if reference not in self._values:
            folder = self.workspace.folder
            if folder is None:
                raise CustodyError(f"{reference.workspace} belongs to no folder that can be reached.")
            self._values[reference] = resolve(self.context, folder, reference, Use.own(Purpose.RESTORE))
        return self._values[reference]

    def _settle(self, line: AddedLine) -> bool:
        """Remove a line that a move added, once a file has the value; return whether the file was changed."""
        if not self._holding(line.reference):
            self.keep(line.reference, _NO_FILE.format(path=shown(line.path), name=line.reference.name))
            return False
        try:
            source = self.editor.read(line.path)
            edit = None if source is None else take_out(source.text, line.text)
            if source is None or edit is None:
                return False
            if len(edit.span) == len(source.text) and line.path in self._history.created:
                self.editor.remove(source)
            else:
                self._apply(source, (edit,), line.reference)
        except TokenwardError as error:
            self.keep(line.reference, str(error))
            return False
        return True

    def _apply(self, source: Source, edits: tuple[Edit, ...], reference: Reference) -> None:
        self.editor.apply((FileEdit(source, edits),), f"Put {reference} back")
        if source.origin.path is not None:
            self._written[source.origin.path] = apply_edits(source.text, edits)

    def _needs(self, source: Source, reference: Reference) -> bool:
        """Return whether a text still refers to a token, except where it did before the move."""
        value = self._stored_value(reference)
        return refers(source, reference, value) and not self._is_written(source, reference)

    def _is_held(self, source: Source, reference: Reference) -> bool:
        value = self._stored_value(reference)
        return value is not None and self._holds(source, reference, value)

    def _is_written(self, source: Source, reference: Reference) -> bool:
        """Return whether a text is as this restored a token in it, so that the rest of it was there before the move."""
        path = source.origin.path
        return (
            path is not None
            and path in self._restored.get(reference, ())
            and self._written.get(path) == source.text
            and all(found != reference for _, found in references_in(source.text))
        )

    def _require_left(self, reference: Reference) -> None:
        """Raise unless no file refers to a token, and one holds it or a person agreed to lose it."""
        known = {move.record.id for move in self._history.moves}
        query = RecordQuery(Event.MOVED.value, reference.workspace, reference.name)
        if any(row.id not in known for row in self.context.ledger.matching(query)):
            raise CustodyError(f"{reference} was moved again in the meantime; run `tokenward leave` again.")
        value = self._stored_value(reference)
        if self._read_value(reference) != self._values.get(reference, value):
            raise CustodyError(f"{reference} has another value now; run `tokenward leave` again.")
        paths = [path for path, found in self.survey.files.items() if reference in found]
        paths += [line.path for line in self.survey.lines if line.reference == reference]
        for path in dict.fromkeys(paths):
            source = self.editor.read(path)
            if source and self._needs(source, reference):
                raise CustodyError(f"{shown(path)} still refers to {reference}; change it by hand.")
        if value is not None and reference not in self.erased and not self._holding(reference):
            raise CustodyError(f"No file holds the value of {reference}; put it where you need it by hand.")

    def _holding(self, reference: Reference) -> set[Path]:
        """Return the files in which a value was read just now."""
        paths = set(self._restored.get(reference, ()))
        if reference in self._copies:
            paths.add(self._copies[reference])
        read = [self._read(path) for path in paths]
        return {
            source.origin.path
            for source in read
            if source and source.origin.path and self._is_held(source, reference)
        }

    def _find_copies(self, references: set[Reference]) -> dict[Reference, Path]:
        """Return a file that holds the value of each token; nothing for a token that is in none."""
        values = {one: value for one in references if (value := self._stored_value(one)) is not None}
        # A token without a value is only a record.
        self.empty = sorted(references - values.keys(), key=str)
        found = dict.fromkeys(self.empty, Path())
        origins = {Path(move.origin) for one in values for move in self._history.of(one)}
        # Most are in the file out of which they were moved.
        for path in dict.fromkeys((*filter(Path.is_absolute, origins), *self.survey.searched)):
            left = values.keys() - found.keys()
            source = self._read(path) if left else None
            if source is not None:
                found |= {one: path for one in left if self._holds(source, one, values[one])}
        return found

    def _stored_value(self, reference: Reference) -> Secret | None:
        """Return a value only to compare it with files, whatever its lease says."""
        if reference not in self._compared:
            self._compared[reference] = self._read_value(reference)
        return self._compared[reference]

    def _read_value(self, reference: Reference) -> Secret | None:
        # An editor gives values only by the rules of their leases.
        by_lease = self.context.value_source is not None
        return self._value(reference) if by_lease else self.context.vault.get(reference)

    def _read(self, path: Path) -> Source | None:
        try:
            return self.editor.read(path)
        except TokenwardError:
            return None

    def _holds(self, source: Source, reference: Reference, value: Secret) -> bool:
        """Return whether a text holds a value."""
        if self._is_written(source, reference):
            return True
        plain, path = value.reveal(), source.origin.path
        if len(plain) >= _CERTAIN and re.search(rf"(?<!\w){re.escape(plain)}(?!\w)", source.text):
            return True
        if (
            path
            and is_environment_file(path.name)
            and any(one.value == plain for one in parse_env(source.text))
        ):
            return True
        moves = [move for move in self._history.of(reference) if Path(move.origin) == path]
        return any(self.context.scanner.locate(source, move.fingerprint) for move in moves)
