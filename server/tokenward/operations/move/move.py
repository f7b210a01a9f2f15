"""The transaction that moves tokens out of one text into the keyring.

Plan all; store and read back the values, a portion at a time; edit once; read each again; confirm, or undo everything.
A value is in the keyring, and was read back equal, before a character of the file changes. Whatever fails, it is in the
file, the keyring or both.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain, repeat
from pathlib import Path
from typing import Any, NamedTuple

from tokenward.detection.detection import Detection
from tokenward.errors import (
    EditDeclined,
    EditRefused,
    EditUncertain,
    FileChanged,
    MoveError,
    NameTaken,
    RewriteRefused,
    TokenwardError,
    VaultError,
)
from tokenward.model import Fingerprint, Reference
from tokenward.operations.context import Context
from tokenward.operations.files.draft_editor import DraftEditor
from tokenward.operations.files.editor import Editor, FileEdit
from tokenward.operations.move.file_tokens import FileTokens
from tokenward.operations.move.open_move import (
    PORTION,
    StoredMove,
    confirm_moves,
    decline_moves,
    ensure_stored,
    mark_undone,
    named_references,
    store_moves,
    taken_names,
    undo_moves,
    without_texts,
)
from tokenward.operations.move.plan import (
    MOST_NAMES_TRIED,
    MovePlan,
    MoveRequest,
    PlacesToMove,
    check_values,
    matching_numbers,
    plan_places,
)
from tokenward.operations.origins import language_for, origin_name
from tokenward.places import shown
from tokenward.rewriting.draft import Draft
from tokenward.rewriting.follow_up import FollowUp
from tokenward.rewriting.joint import JointEdits
from tokenward.rewriting.parsing_once import parsing_once
from tokenward.rewriting.planner import parsing_for
from tokenward.rewriting.rewrite import check_joint
from tokenward.sources.source import Source

_MOST_CHANGES = 20


@dataclass(frozen=True, slots=True)
class MoveResult:
    """A completed move.

    Attributes:
        token: the description of the token for people.
        files: the texts that were edited, by their paths in the workspace.
        after: the steps left before a program gets the value; empty if `tokenward run` is enough.
        left: the same, if Tokenward can do them.
        started_in: the folder of the environment file that gives a program the value; None if it needs none.
        asks_helper: the program asks a credential helper for the value, also without `tokenward run`.
    """

    token: str
    reference: Reference
    count: int
    files: tuple[str, ...]
    after: str
    left: FollowUp | None = None
    started_in: Path | None = None
    asks_helper: bool = False


def move(context: Context, request: MoveRequest, editor: Editor) -> MoveResult:
    """Move a token into the keyring and leave a reference.

    Raises:
        TokenwardError: nothing has changed, except as EditUncertain says.
    """
    tokens = FileTokens.of(context.scanner, request.source)
    numbers = matching_numbers(tokens, request)
    context.claim_workspace(request.folder)
    batch = MoveBatch(context, tokens, request.folder, editor, [numbers])
    batch.add(request, numbers)
    [*batch.store()]
    ((_, result),) = batch.commit()
    if isinstance(result, TokenwardError):
        raise result
    return result


def ends_batch(error: TokenwardError) -> bool:
    """Return whether the other tokens of a file would fail too."""
    return isinstance(error, (MoveError, VaultError)) and not isinstance(error, NameTaken)


class _Added(NamedTuple):
    """A planned move."""

    request: MoveRequest
    numbers: Sequence[int]
    plan: MovePlan


class _Portion(NamedTuple):
    """Moves that are stored together, and the drafts before them."""

    start: DraftEditor
    moves: Sequence[_Added]


class MoveBatch:
    """Moves out of one text with one edit; all are planned, for one text where possible, then stored in portions."""

    def __init__(
        self,
        context: Context,
        tokens: FileTokens,
        folder: Path,
        editor: Editor,
        values: Sequence[Sequence[int]],
        *,
        names: Mapping[Fingerprint, str] | None = None,
    ) -> None:
        """Take a scanned text, the numbers of the places of each value that may be added, and names given before."""
        self._workspace = context.workspace_of(folder)
        self._context = context
        self._tokens = tokens
        self._folder = folder
        self._values = values
        self._names = names or {}
        self._index = {numbers[0]: at for at, numbers in enumerate(values)}
        self._begin(editor)

    def _begin(self, editor: Editor) -> None:
        source = self._tokens.source
        self.drafts = self._start = DraftEditor(editor, source, Draft(source.text))
        self._added: list[_Added] = []
        self._stored: list[StoredMove] = []
        self.refused: list[tuple[Sequence[int], TokenwardError]] = []
        # The keyring has entries that no record knows.
        self._taken: frozenset[str] = frozenset()
        self._portions: list[_Portion] = []
        self._made: dict[Hashable, Any] = {}
        self._begin_portion()

    def _begin_portion(self) -> None:
        self._pending: list[_Added] = []
        self._tried = 0
        self._unchecked: list[JointEdits] = []

    @property
    def left(self) -> list[_Added]:
        """Return the moves that are planned and not stored yet."""
        return [*chain.from_iterable(one.moves for one in self._portions), *self._pending]

    def add(self, request: MoveRequest, numbers: Sequence[int]) -> None:
        """Plan the move of some places of one value.

        Raises:
            TokenwardError: it cannot be moved; nothing has changed.
        """
        with parsing_once(self._made), parsing_for(self._folder):
            if not self._tried:
                self._start = self.drafts.copy()
                self._base, self._joint = self._start, JointEdits(self.drafts.document.text)
                self._check_ahead(numbers)
            self._tried += 1
            plan = self._plan(request, numbers)
        self.drafts.apply(plan.files, "")
        self._pending.append(_Added(request, numbers, without_texts(self._context, plan)))
        if self._tried >= PORTION:
            self._end_portion()

    def end(self) -> None:
        """Check the moves added last too, and forget what was made of texts."""
        self._end_portion()
        self._made = {}

    def resume(self, context: Context, source: Source, editor: Editor) -> bool:
        """Go on in another context with an editor; return False if a text that was read, or a name, differs there."""
        plans = [one.plan for one in self.left]
        entries = context.entries.in_workspace(self._workspace)
        names = {entry.reference.name.upper(): entry.fingerprint for entry in entries}
        is_current = (
            source.text == self._tokens.source.text
            and context.workspace_of(self._folder) == self._workspace
            and all(
                names.get(one.reference.name.upper(), one.fingerprint) == one.fingerprint for one in plans
            )
            # Another file may have got a record for the same address.
            and not any(one.credentials for one in plans)
            and all(
                drafts.renew(editor, source)
                for drafts in [*(one.start for one in self._portions), self.drafts]
            )
        )
        self._context, self._names, self._tokens = context, {}, replace(self._tokens, source=source)
        return is_current

    def store(self) -> Iterator[int]:
        """Store the values in order, and yield how many are stored; a name that the keyring has taken is another then.

        Raises:
            TokenwardError: the others would fail too; of those added, only what was stored before is moved.
        """
        self.end()
        while self._portions:
            moves = self._portions[0].moves
            stored, failure = store_moves(self._context, [one.plan for one in moves])
            self._stored += stored
            self._added += moves[: len(stored)]
            if failure is None:
                del self._portions[0]
            else:
                left = self._drop(moves[: len(stored)])
                self._add_again(left if self._is_other_name(left, failure) else left[1:])
                self.end()
            yield len(stored)

    def commit(self) -> list[tuple[Sequence[int], MoveResult | TokenwardError]]:
        """Edit the text; for the places of each value, return the result, or why they stay or were put back.

        Raises:
            TokenwardError: nothing has changed, except as EditUncertain says.
        """
        changes = 0
        self._drop([])
        while self._stored:
            files = self.drafts.changes()
            try:
                self._edit(files)
                break
            except FileChanged:
                # Another move may have added its line to the environment file; plan again after it. A file that is as
                # it was is open in another program, which may keep it open.
                changes += 1 if any(map(self._has_changed, files)) else _MOST_CHANGES // 2
                current = self.drafts.editor.reread(self._tokens.source)
                is_other = current is None or current.text != self._tokens.source.text
                if is_other or changes >= _MOST_CHANGES:
                    raise
                self._plan_again()
        plans = [stored.plan for stored in self._stored]
        failures = ensure_stored(self._context, plans, self.drafts.editor)
        outcomes = [*zip(self._stored, failures, strict=True)]
        confirm_moves(self._context, [stored for stored, failure in outcomes if failure is None])
        results = [self._result(*pair) for pair in outcomes]
        moved = [(one.numbers, result) for one, result in zip(self._added, results, strict=True)]
        return [*self.refused, *moved]

    def _end_portion(self) -> None:
        """Take the pending moves as a portion if they change no more than their tokens; or else plan each by itself."""
        pending = self._pending
        fit_together = not pending or self._fit_together()
        self._begin_portion()
        if not fit_together:
            self.drafts = self._start
            for one in pending:
                self._add_again([one])
                self._end_portion()
        elif pending:
            self._portions.append(_Portion(self._start, pending))

    def _drop(self, stored: Sequence[_Added]) -> list[_Added]:
        """Take back and return the plans that are not stored; of the first portion left, some moves are."""
        left = self.left[len(stored) :]
        if left:
            self.drafts, self._portions = self._portions[0].start, []
            for one in stored:
                self.drafts.apply(one.plan.files, "")
        return left

    def _check_ahead(self, numbers: Sequence[int]) -> None:
        """Check a value and the next ones with one parse."""
        at, found = self._index.get(numbers[0]), self._tokens.detections
        if at is not None:
            with suppress(RewriteRefused):
                values = self._values[at : at + PORTION - self._tried]
                spans = [[self._placed_token(found[one]).span for one in numbers] for numbers in values]
                check_values(self._base.source, spans, self._workspace)

    def _placed_token(self, token: Detection) -> Detection:
        """Return a token at its place in the text that moves are planned for."""
        return replace(token, span=self._base.document.place(token.span))

    def _plan(self, request: MoveRequest, numbers: Sequence[int]) -> MovePlan:
        placed = self._placed(self._plan_for_base(request, numbers))
        if placed is None:
            # Another move changes the same line, so this one is planned after it.
            self._unchecked.append(self._joint)
            self._base, self._joint = self.drafts.copy(), JointEdits(self.drafts.document.text)
            # Mostly that is the line of an import; where many tokens share lines, each is checked by itself.
            if len(self._unchecked) == 1:
                self._check_ahead(numbers)
            placed = self._placed(self._plan_for_base(request, numbers))
        assert placed is not None  # noqa: S101 - it is the first
        return placed

    def _plan_for_base(self, request: MoveRequest, numbers: Sequence[int]) -> MovePlan:
        chosen = PlacesToMove.of(self._tokens, replace(request, source=self._base.source), numbers)
        before = [*self._added, *self.left]
        moved = chain(numbers, *(one.numbers for one in before))
        chosen = replace(
            chosen,
            places=[self._placed_token(one) for one in chosen.places],
            remaining=self._tokens.count_others(numbers[0], moved),
            planned={**self._names, **{one.plan.fingerprint: one.plan.reference.name for one in before}},
        )
        return plan_places(self._context, chosen, self.drafts, self._workspace, self._taken)

    def _placed(self, plan: MovePlan) -> MovePlan | None:
        """Return a plan with its edits in the draft; None if it has to be made for the draft."""
        *environment, document = plan.files
        name = origin_name(document.source.origin)
        placed = self._joint.place(plan.zones, document.edits, dict(plan.undo).get(name, ()))
        if placed is None:
            return None
        file = replace(document, source=self.drafts.source, edits=placed.edits)
        undo = tuple((one, placed.undo if one == name else steps) for one, steps in plan.undo)
        return replace(plan, files=(*environment, file), undo=undo)

    def _fit_together(self) -> bool:
        """Return whether the moves of the portion change no more than their tokens."""
        try:
            with parsing_once(self._made), parsing_for(self._folder):
                for joint in (*self._unchecked, self._joint):
                    # A single one was checked when it was planned.
                    if joint.count > 1:
                        check_joint(language_for(replace(self.drafts.source, text=joint.text)), joint)
        except RewriteRefused:
            return False
        return True

    def _is_other_name(self, left: Sequence[_Added], failure: TokenwardError) -> bool:
        """Return whether the first move left can be planned with another name; otherwise, it stays.

        Raises:
            TokenwardError: the others would fail too.
        """
        if ends_batch(failure):
            raise failure
        first = left[0]
        is_other = isinstance(failure, NameTaken) and first.request.name is None
        if is_other and len(self._taken) < MOST_NAMES_TRIED * len(self._values):
            self._taken |= {
                first.plan.reference.name,
                *taken_names(self._context, [one.plan for one in left]),
            }
            return True
        self.refused.append((first.numbers, failure))
        return False

    def _add_again(self, moves: Sequence[_Added]) -> None:
        for one in moves:
            try:
                self.add(one.request, one.numbers)
            except TokenwardError as error:
                if ends_batch(error):
                    raise
                self.refused.append((one.numbers, error))

    def _plan_again(self) -> None:
        added, refused = self._added, self.refused
        self._begin(self.drafts.editor)
        try:
            self._add_again(added)
            [*self.store()]
            if self.refused:
                raise self.refused[0][1]
        except TokenwardError as error:
            undo_moves(self._context, self._stored, error)
            raise
        self.refused = refused

    def _edit(self, files: Sequence[FileEdit]) -> None:
        tokens = f"{len(self._stored)} tokens" if len(self._stored) > 1 else self._stored[0].plan.token
        try:
            self.drafts.editor.apply(files, f"Move {tokens} to the keyring")
        except EditUncertain:
            raise
        except TokenwardError as error:
            self._require_untouched(files)
            if isinstance(error, EditDeclined):
                decline_moves(self._context, self._stored)
            else:
                undo_moves(self._context, self._stored, error)
            raise

    def _has_changed(self, file: FileEdit) -> bool:
        current = self.drafts.editor.reread(file.source)
        return (None if file.creates else file.source.text) != (current and current.text)

    def _require_untouched(self, files: Sequence[FileEdit]) -> None:
        """Raise unless the tokens are still in the text and no file has gained a mention of their names."""
        plans = [stored.plan for stored in self._stored]
        names = [plan.reference.name for plan in plans]
        current = [self.drafts.editor.reread(file.source) for file in files]
        is_changed = any(map(_mentions_more, files, current, repeat(names)))
        source = None if is_changed else current[-1]
        left = {one.fingerprint for one in self._context.scanner.scan(source)} if source else set()
        if any(plan.finding.fingerprint not in left for plan in plans):
            raise EditUncertain(
                "The edit failed, and the file may have been changed; the keyring keeps {references}, so compare "
                "the file with it before you try again.",
                references=named_references(plans),
            )

    def _result(self, stored: StoredMove, failure: MoveError | None) -> MoveResult | MoveError:
        if failure is None:
            plan = stored.plan
            files = tuple(_file_name(file, plan.folder) for file in plan.files)
            return MoveResult(
                plan.token, plan.reference, plan.count, files, plan.after, plan.left, plan.started_in, plan.asks_helper,
            )  # fmt: skip
        if isinstance(failure, EditRefused):
            mark_undone(self._context, stored.id, failure)
        return failure


def _mentions_more(file: FileEdit, current: Source | None, names: Sequence[str]) -> bool:
    """Return whether a file has gained a mention of one of the names, or is gone."""
    if current is None:
        return not file.creates
    mentions = [re.compile(rf"\b{re.escape(name)}\b").findall for name in names]
    return any(len(found(current.text)) > len(found(file.source.text)) for found in mentions)


def _file_name(file: FileEdit, folder: Path) -> str:
    path, uri = file.source.origin.path, file.source.origin.uri
    if path is None:
        return shown(uri.rpartition(":")[2])
    return shown(path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name)
