"""The transaction that moves tokens out of one text into the keyring.

Plan, store and read back each value; edit once; read each again; confirm, or undo everything. A value is in the
keyring, and was read back equal, before a character of the file changes. Whatever fails, it is in the file, the
keyring or both.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, repeat
from pathlib import Path
from typing import Any

from tokenward.errors import (
    EditDeclined,
    EditRefused,
    EditUncertain,
    FileChanged,
    MoveError,
    NameTaken,
    TokenwardError,
)
from tokenward.model import Reference
from tokenward.operations.context import Context
from tokenward.operations.files.draft_editor import DraftEditor
from tokenward.operations.files.editor import Editor, FileEdit
from tokenward.operations.move.file_tokens import FileTokens
from tokenward.operations.move.open_move import (
    StoredMove,
    confirm_moves,
    decline_moves,
    ensure_stored,
    mark_undone,
    named_references,
    store_move,
    undo_moves,
)
from tokenward.operations.move.plan import (
    MOST_NAMES_TRIED,
    MovePlan,
    MoveRequest,
    PlacesToMove,
    matching_numbers,
    plan_places,
)
from tokenward.places import shown
from tokenward.rewriting.draft import Draft
from tokenward.rewriting.follow_up import FollowUp
from tokenward.rewriting.parsing_once import parsing_once
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
    batch = MoveBatch(context, tokens, request.folder, editor)
    batch.add(request, numbers)
    (result,) = batch.commit()
    if isinstance(result, MoveError):
        raise result
    return result


class MoveBatch:
    """Moves out of one text with one edit; each value is planned after those before it, and stored at once."""

    def __init__(self, context: Context, tokens: FileTokens, folder: Path, editor: Editor) -> None:
        self._workspace = context.claim_workspace(folder)
        self._context = context
        self._tokens = tokens
        self._editor = editor
        self._begin()

    def _begin(self) -> None:
        source = self._tokens.source
        self._drafts = DraftEditor(self._editor, source, Draft(source.text))
        self._added: list[tuple[MoveRequest, Sequence[int]]] = []
        self._stored: list[StoredMove] = []
        self._made: dict[Hashable, Any] = {}

    def add(self, request: MoveRequest, numbers: Sequence[int]) -> None:
        """Plan the move of some places of one value, and store the value; do not edit the text yet.

        Raises:
            TokenwardError: nothing has changed.
        """
        taken: frozenset[str] = frozenset()
        while True:
            plan = self._plan(request, numbers, taken)
            try:
                stored = store_move(self._context, plan)
            except NameTaken:
                # The keyring has an entry that no record knows.
                if request.name is not None or len(taken) >= MOST_NAMES_TRIED:
                    raise
                taken |= {plan.reference.name}
                continue
            self._drafts.apply(plan.files, "")
            self._added.append((request, numbers))
            self._stored.append(stored)
            return

    def commit(self) -> list[MoveResult | MoveError]:
        """Edit the text; for each value, return the result, or why its part of the edit was undone.

        Raises:
            TokenwardError: nothing has changed, except as EditUncertain says.
        """
        changes = 0
        while self._stored:
            files = self._drafts.changes()
            try:
                self._edit(files)
                break
            except FileChanged:
                # Another move may have added its line to the environment file; plan again after it. A file that is as
                # it was is open in another program, which may keep it open.
                changes += 1 if any(map(self._has_changed, files)) else _MOST_CHANGES // 2
                current = self._editor.reread(self._tokens.source)
                is_other = current is None or current.text != self._tokens.source.text
                if is_other or changes >= _MOST_CHANGES:
                    raise
                self._add_again()
        plans = [stored.plan for stored in self._stored]
        failures = ensure_stored(self._context, plans, self._editor)
        outcomes = [*zip(self._stored, failures, strict=True)]
        confirm_moves(self._context, [stored for stored, failure in outcomes if failure is None])
        return [self._result(*pair) for pair in outcomes]

    def _plan(self, request: MoveRequest, numbers: Sequence[int], taken: frozenset[str]) -> MovePlan:
        request = replace(request, source=self._drafts.source)
        chosen = PlacesToMove.of(self._tokens, request, numbers)
        moved = chain(numbers, *(before for _, before in self._added))
        chosen = replace(
            chosen,
            places=[replace(one, span=self._drafts.document.place(one.span)) for one in chosen.places],
            remaining=self._tokens.count_others(numbers[0], moved),
        )
        with parsing_once(self._made):
            return plan_places(self._context, chosen, self._drafts, self._workspace, taken)

    def _add_again(self) -> None:
        added = self._added
        self._begin()
        try:
            for request, numbers in added:
                self.add(request, numbers)
        except TokenwardError as error:
            undo_moves(self._context, self._stored, error)
            raise

    def _edit(self, files: Sequence[FileEdit]) -> None:
        tokens = f"{len(self._stored)} tokens" if len(self._stored) > 1 else self._stored[0].plan.token
        try:
            self._editor.apply(files, f"Move {tokens} to the keyring")
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
        current = self._editor.reread(file.source)
        return (None if file.creates else file.source.text) != (current and current.text)

    def _require_untouched(self, files: Sequence[FileEdit]) -> None:
        """Raise unless the tokens are still in the text and no file has gained a mention of their names."""
        plans = [stored.plan for stored in self._stored]
        names = [plan.reference.name for plan in plans]
        current = [self._editor.reread(file.source) for file in files]
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
