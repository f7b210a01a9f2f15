"""The transaction that moves tokens of one text into the keyring.

Plan, store and read back each, edit once, read each once more, confirm, or put everything back. A value is in the
keyring, and read back equal, before a character of the file changes; whatever fails, it is in the file, the keyring,
or both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, repeat
from pathlib import Path

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
from tokenward.operations.files.drafts import Drafts
from tokenward.operations.files.editor import Editor, FileEdit
from tokenward.operations.move.file_tokens import FileTokens
from tokenward.operations.move.keep_moved import keep_moved
from tokenward.operations.move.open_move import (
    Stored,
    confirm,
    leave_open,
    mark_undone,
    named,
    put_back,
    store_move,
)
from tokenward.operations.move.plan import Chosen, MovePlan, MoveRequest, plan_chosen, wanted_numbers
from tokenward.operations.origins import preferred_workspace
from tokenward.places import shown
from tokenward.rewriting.draft import Draft
from tokenward.sources.source import Source

_MOST_NAMES_TRIED = 20
_MOST_CHANGES = 5


@dataclass(frozen=True, slots=True)
class Moved:
    """A move that is done.

    Attributes:
        token: what a person calls the token.
        reference: what stands for it now.
        count: how many occurrences were replaced.
        files: the names of the texts that were edited.
    """

    token: str
    reference: Reference
    count: int
    files: tuple[str, ...]


def move(context: Context, request: MoveRequest, editor: Editor) -> Moved:
    """Move a token into the keyring and leave a reference.

    Raises:
        TokenwardError: nothing has changed, except as EditUncertain says.
    """
    tokens = FileTokens.of(context.scanner, request.source)
    numbers = wanted_numbers(tokens, request)
    moves = Moves(context, tokens, request.folder, editor)
    moves.add(request, numbers)
    (outcome,) = moves.carry_out()
    if isinstance(outcome, MoveError):
        raise outcome
    return outcome


class Moves:
    """Moves out of one text by one edit; each value is planned for after those before it, and stored."""

    def __init__(self, context: Context, tokens: FileTokens, folder: Path, editor: Editor) -> None:
        preferred = preferred_workspace(context.settings, folder)
        self._workspace = context.bindings.claim(folder, preferred)
        self._context = context
        self._tokens = tokens
        self._editor = editor
        self._begin()

    def _begin(self) -> None:
        source = self._tokens.source
        self._drafts = Drafts(self._editor, source, Draft(source.text))
        self._added: list[tuple[MoveRequest, Sequence[int]]] = []
        self._stored: list[Stored] = []

    def add(self, request: MoveRequest, numbers: Sequence[int]) -> None:
        """Plan the move of some places of one value, and store it; the text stays as it is.

        Raises:
            TokenwardError: nothing has changed.
        """
        taken: frozenset[str] = frozenset()
        while True:
            plan = self._plan(request, numbers, taken)
            try:
                stored = store_move(self._context, plan)
            except NameTaken:
                # The keyring has an entry that our records do not know.
                if request.name is not None or len(taken) >= _MOST_NAMES_TRIED:
                    raise
                taken |= {plan.reference.name}
                continue
            self._drafts.apply(plan.files, "")
            self._added.append((request, numbers))
            self._stored.append(stored)
            return

    def carry_out(self) -> list[Moved | MoveError]:
        """Edit the text; for each value, say what was moved or why its part of the edit was undone.

        Raises:
            TokenwardError: nothing has changed, except as EditUncertain says.
        """
        changes = 0
        while self._stored:
            try:
                self._edit()
                break
            except FileChanged:
                # Another editor's move may have added its line to the environment file; a new plan comes after it.
                changes += 1
                if changes == _MOST_CHANGES or self._document_changed():
                    raise
                self._add_again()
        plans = [stored.plan for stored in self._stored]
        lost = keep_moved(self._context, plans, self._editor)
        return [_end(self._context, *one) for one in zip(self._stored, lost, strict=True)]

    def _plan(self, request: MoveRequest, numbers: Sequence[int], taken: frozenset[str]) -> MovePlan:
        found, draft = self._tokens.detections, self._drafts.document
        places = [replace(found[number], span=draft.place(found[number].span)) for number in numbers]
        gone = chain(numbers, *(before for _, before in self._added))
        left = self._tokens.others(numbers[0], gone)
        request = replace(request, source=self._drafts.source)
        chosen = Chosen(request, places, self._tokens.findings[numbers[0]], left, found)
        return plan_chosen(self._context, chosen, self._drafts, self._workspace, taken)

    def _document_changed(self) -> bool:
        current = self._editor.reread(self._tokens.source)
        return current is None or current.text != self._tokens.source.text

    def _add_again(self) -> None:
        added = self._added
        self._begin()
        try:
            for request, numbers in added:
                self.add(request, numbers)
        except TokenwardError as error:
            put_back(self._context, self._stored, error)
            raise

    def _edit(self) -> None:
        plans = [stored.plan for stored in self._stored]
        what = plans[0].token if len(plans) == 1 else f"{len(plans)} tokens"
        files = self._drafts.changes()
        try:
            self._editor.apply(files, f"Move {what} to the keyring")
        except EditUncertain:
            raise
        except TokenwardError as error:
            self._require_untouched(files)
            if isinstance(error, EditDeclined):
                leave_open(self._context, self._stored)
            else:
                put_back(self._context, self._stored, error)
            raise

    def _require_untouched(self, files: Sequence[FileEdit]) -> None:
        """Return only while the tokens are seen in the text, and no file has gained a mention of their names."""
        plans = [stored.plan for stored in self._stored]
        names = [plan.reference.name for plan in plans]
        current = [self._editor.reread(file.source) for file in files]
        if any(map(_mentions_more, files, current, repeat(names))) or not self._holds(plans, current[-1]):
            verb = "value is" if len(plans) == 1 else "values are"
            raise EditUncertain(
                f"The edit failed, and the file may have been changed; the {verb} kept as {named(plans)}, so compare "
                "the file with it before you try again."
            )

    def _holds(self, plans: Sequence[MovePlan], source: Source | None) -> bool:
        if source is None:
            return False
        found = {finding.fingerprint for finding in self._context.scanner.scan(source)}
        return all(plan.finding.fingerprint in found for plan in plans)


def _end(context: Context, stored: Stored, lost: MoveError | None) -> Moved | MoveError:
    if lost is None:
        confirm(context, stored)
        plan = stored.plan
        return Moved(plan.token, plan.reference, plan.count, tuple(map(_file_name, plan.files)))
    if isinstance(lost, EditRefused):
        mark_undone(context, stored.id, lost)
    return lost


def _mentions_more(file: FileEdit, current: Source | None, names: Sequence[str]) -> bool:
    """Return whether a file has gained a mention of one of the names, or is gone."""
    if current is None:
        return not file.creates
    return any(current.text.count(name) > file.source.text.count(name) for name in names)


def _file_name(file: FileEdit) -> str:
    origin = file.source.origin
    return shown(origin.path.name if origin.path else origin.uri.rpartition(":")[2])
