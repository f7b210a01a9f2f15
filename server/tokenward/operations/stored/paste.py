"""Pasting references in place of tokens: what a move would make of the text if it were pasted, before it is."""

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
    """What is about to be pasted.

    Attributes:
        source: the document as it is, not pasted into yet.
        folder: its workspace.
        places: what the text is to take the place of, in order and apart.
        text: what is to be pasted.
    """

    source: Source
    folder: Path
    places: tuple[Span, ...]
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PastePlan:
    """A paste that was thought through.

    Attributes:
        moves: one for each token; the text is what it was before that move.
        text: what is to be put in at each place; holds no value.
        files: what else changes, as edits of the texts as they are.
    """

    moves: tuple[MovePlan, ...]
    text: str
    files: tuple[FileEdit, ...]


def plan_paste(context: Context, request: PasteRequest, editor: Editor) -> PastePlan:
    """What the paste would be; stores and records nothing.

    Raises:
        TokenGone: there is no token in the text.
        RewriteRefused: one of its tokens cannot be moved from where it would stand.
    """
    workspace = context.bindings.name_of(request.folder)
    return _plan(context, request, editor, workspace or preferred_workspace(context.settings, request.folder))


def store_paste(context: Context, request: PasteRequest, editor: Editor) -> PastePlan:
    """Store the tokens of a text that is about to be pasted, each read back; then what to paste in its place.

    Raises:
        TokenwardError: as `plan_paste` says, or the keyring did not take one; those before it stay stored.
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
        move = _planned(context, drafts, pasted[0], workspace, names)
        drafts.apply(move.files, "")
        moves.append(move)
        values += [pasted[0].secret, move.value]
    if not moves:
        raise TokenGone("There is no token in what is pasted.")
    text = _one(drafts.document.inserted())
    _require_none_of(values, text)
    return PastePlan(tuple(moves), text, drafts.changes())


def _pasted(context: Context, drafts: _Drafts) -> list[Detection]:
    """Return the tokens that would stand in what is pasted, or in a part of it."""
    places = drafts.document.put_in()
    found = context.scanner.detections(drafts.source)
    return [one for one in found if any(place.overlaps(one.span) for place in places)]


def _planned(
    context: Context, drafts: _Drafts, token: Detection, workspace: str, names: frozenset[str]
) -> MovePlan:
    """Return the move of a token out of all places that are pasted into."""
    places = tuple(drafts.document.put_in())
    if not any(place.contains(token.span) for place in places):
        raise RewriteRefused("A token begins or ends outside of what is pasted; move it afterwards.")
    fingerprint = context.scanner.fingerprint(token.secret.reveal())
    request = MoveRequest(drafts.source, drafts.folder, fingerprint, within=places)
    return plan_move(context, request, drafts, workspace, names)


class _Drafts:
    """An Editor in which the text is pasted and one move follows another, while in the one below nothing changes."""

    def __init__(self, editor: Editor, request: PasteRequest) -> None:
        origin = replace(request.source.origin, surface=Surface.PASTE)
        self.folder = request.folder
        self.document = Draft(request.source.text, request.places, _as_in(request.source.text, request.text))
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
        """What changes beside what is put in."""
        edited = [replace(self._before[uri], edits=draft.edits()) for uri, draft in self._drafts.items()]
        # The document is edited last, as by a move.
        return tuple(file for file in [*edited[1:], edited[0]] if file.edits)


def _as_in(document: str, text: str) -> str:
    """Return a text with the line breaks of a document, as an editor pastes it."""
    own = _LINE_BREAK.search(document)
    return text if own is None else _LINE_BREAK.sub(own[0], text)


def _one(texts: Sequence[str]) -> str:
    if any(text != texts[0] for text in texts):
        raise RewriteRefused("Not the same text can stand at each place; move the tokens afterwards.")
    return texts[0]


def _require_none_of(values: Sequence[Secret], text: str) -> None:
    """Return only if none of the values stands in the text, in a way that was not found."""
    if any(value.reveal() in text for value in values):
        raise RewriteRefused(
            "A token stands in what is pasted in a way that cannot be moved; move it afterwards."
        )
