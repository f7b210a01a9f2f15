"""Pasting references in place of tokens: the moves that would follow a paste are made before it."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tokenward.detection.detection import Detection
from tokenward.errors import NameTaken, RewriteRefused, TokenGone
from tokenward.model import Secret, Span, Surface
from tokenward.operations.context import Context
from tokenward.operations.files.editor import Editor, FileEdit
from tokenward.operations.move.plan import MovePlan, MoveRequest, plan_move
from tokenward.operations.origins import preferred_workspace
from tokenward.operations.stored.store import put
from tokenward.rewriting.draft import Draft
from tokenward.sources.source import Source

MOST_TOKENS = 50
"""Of one paste; each is planned by itself."""
SECONDS = 5.0
"""After which no further token is planned: each costs as much as the move of one, which is a second in long code."""
_MOST_NAMES_TRIED = 20
_LINE_BREAK = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class PasteRequest:
    """A text that is about to be pasted.

    Attributes:
        source: the document before the paste.
        folder: its workspace.
        places: the spans that the text replaces, in order and apart.
        text: the text to paste.
    """

    source: Source
    folder: Path
    places: tuple[Span, ...]
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PastePlan:
    """A planned paste.

    Attributes:
        moves: one for each token, planned for the text before that move.
        text: the text to put in at each place; holds no value.
        files: the other changes, as edits of the present texts.
    """

    moves: tuple[MovePlan, ...]
    text: str
    files: tuple[FileEdit, ...]


def plan_paste(context: Context, request: PasteRequest, editor: Editor) -> PastePlan:
    """Plan a paste; store and record nothing.

    Raises:
        TokenGone: there is no token in the text.
        RewriteRefused: one of its tokens cannot be moved from where it would be.
    """
    workspace = context.bindings.name_of(request.folder)
    return _plan(context, request, editor, workspace or preferred_workspace(context.settings, request.folder))


def store_paste(context: Context, request: PasteRequest, editor: Editor) -> PastePlan:
    """Store the tokens of a text that is about to be pasted, each read back; return what to paste in its place.

    Raises:
        TokenwardError: as `plan_paste` says, or the keyring did not store one; those before it stay stored.
    """
    workspace = context.bindings.claim(request.folder, preferred_workspace(context.settings, request.folder))
    taken: frozenset[str] = frozenset()
    while True:
        plan = _plan(context, request, editor, workspace, taken)
        for move in plan.moves:
            try:
                put(context, request.folder, move.reference.name, move.value, move.finding)
            except NameTaken:
                # The keyring has an entry that our records do not know.
                if len(taken) >= _MOST_NAMES_TRIED:
                    raise
                taken |= {move.reference.name}
                break
        else:
            return plan


def _plan(
    context: Context,
    request: PasteRequest,
    editor: Editor,
    workspace: str,
    taken: frozenset[str] = frozenset(),
) -> PastePlan:
    drafts, until = _Drafts(editor, request), time.monotonic() + SECONDS
    moves: list[MovePlan] = []
    values: list[Secret] = []
    while pasted := _pasted(context, drafts):
        if len(moves) == MOST_TOKENS:
            raise RewriteRefused(f"More than {MOST_TOKENS} tokens are pasted at once; move them afterwards.")
        if moves and time.monotonic() > until:
            raise RewriteRefused(
                "So many tokens take too long to paste into such a text; move them afterwards."
            )
        names = taken | {move.reference.name for move in moves}
        places = tuple(drafts.document.put_in())
        if not any(place.contains(pasted[0].span) for place in places):
            raise RewriteRefused("A token begins or ends outside the pasted text; move it afterwards.")
        fingerprint = context.scanner.fingerprint(pasted[0].secret.reveal())
        move_request = MoveRequest(drafts.source, drafts.folder, fingerprint, within=places)
        move = plan_move(context, move_request, drafts, workspace, names)
        drafts.apply(move.files, "")
        moves.append(move)
        values += [pasted[0].secret, move.value]
    if not moves:
        raise TokenGone("There is no token in the pasted text.")
    texts = drafts.document.inserted()
    if any(text != texts[0] for text in texts):
        raise RewriteRefused("The same text cannot go into each place; move the tokens afterwards.")
    if any(value.reveal() in texts[0] for value in values):
        raise RewriteRefused(
            "The pasted text holds a token in a way that cannot be moved; move it afterwards."
        )
    return PastePlan(tuple(moves), texts[0], drafts.changes())


def _pasted(context: Context, drafts: _Drafts) -> list[Detection]:
    """Return the tokens that would overlap the pasted text."""
    places = drafts.document.put_in()
    found = context.scanner.detections(drafts.source)
    return [one for one in found if any(place.overlaps(one.span) for place in places)]


class _Drafts:
    """An Editor in which the text is pasted and moves follow each other, without changes to the real one."""

    def __init__(self, editor: Editor, request: PasteRequest) -> None:
        origin = replace(request.source.origin, surface=Surface.PASTE)
        self.folder = request.folder
        text = request.text
        if own := _LINE_BREAK.search(request.source.text):
            # As an editor pastes it.
            text = _LINE_BREAK.sub(own[0], text)
        self.document = Draft(request.source.text, request.places, text)
        self._editor = editor
        self._before = {origin.uri: FileEdit(request.source, ())}
        self._drafts = {origin.uri: self.document}
        self._pasted = replace(request.source, origin=origin)

    @property
    def source(self) -> Source:
        """Return the document as it would be."""
        return replace(self._pasted, text=self.document.text)

    def read(self, path: Path) -> Source | None:
        made = (one.source for one in self._before.values() if one.creates and one.source.origin.path == path)
        source = self._editor.read(path) or next(made, None)
        return None if source is None else self.reread(source)

    def reread(self, source: Source) -> Source | None:
        draft = self._drafts.get(source.origin.uri)
        return source if draft is None else replace(source, text=draft.text)

    def apply(self, files: Sequence[FileEdit], label: str) -> None:  # noqa: ARG002 - no undo list to name it in
        for file in files:
            uri = file.source.origin.uri
            self._before.setdefault(uri, file)
            self._drafts.setdefault(uri, Draft(file.source.text)).edit(file.edits)

    def changes(self) -> tuple[FileEdit, ...]:
        """Return the changes besides the pasted text."""
        edited = [replace(self._before[uri], edits=draft.edits()) for uri, draft in self._drafts.items()]
        # The document is edited last, as by a move.
        return tuple(file for file in [*edited[1:], edited[0]] if file.edits)
