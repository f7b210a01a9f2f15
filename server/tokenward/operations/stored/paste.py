"""Pastes references instead of tokens: moves them out of the text after the paste, before it is pasted."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tokenward.errors import NameTaken, RewriteRefused, TokenGone
from tokenward.model import Secret, Span, Surface
from tokenward.operations.access.put import put
from tokenward.operations.context import Context
from tokenward.operations.files.draft_editor import DraftEditor
from tokenward.operations.files.editor import Editor, FileEdit
from tokenward.operations.move.file_tokens import FileTokens
from tokenward.operations.move.plan import MOST_NAMES_TRIED, MovePlan, MoveRequest, plan_move
from tokenward.rewriting.draft import Draft
from tokenward.sources.source import Source

MOST_TOKENS = 50
"""The most tokens in a paste, because each is planned by itself."""
MAX_PLANNING_SECONDS = 5.0
"""Seconds after which no further token is planned: each takes as long as a move, a second in long code."""
_LINE_BREAK = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class PasteRequest:
    """A text that is about to be pasted.

    Attributes:
        source: the document before the paste.
        places: the spans that the text replaces, ordered and disjoint.
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
        text: the text to insert at each place, without values.
        files: all other changes, as edits of the texts before the paste.
    """

    moves: tuple[MovePlan, ...]
    text: str
    files: tuple[FileEdit, ...]


def plan_paste(context: Context, request: PasteRequest, editor: Editor) -> PastePlan:
    """Plan a paste; store and record nothing.

    Raises:
        TokenGone: there is no token in the text.
        RewriteRefused: one of its tokens cannot be moved from its place after the paste.
    """
    return _plan(context, request, editor, context.workspace_of(request.folder), frozenset())


def store_paste(context: Context, request: PasteRequest, editor: Editor) -> PastePlan:
    """Store the tokens of a text that is about to be pasted, and read each back; return the plan of the paste.

    Raises:
        TokenwardError: as for `plan_paste`, or the keyring did not store a token; those before it stay stored.
    """
    workspace = context.claim_workspace(request.folder)
    taken: frozenset[str] = frozenset()
    while True:
        plan = _plan(context, request, editor, workspace, taken)
        for move in plan.moves:
            try:
                put(context, request.folder, move.reference.name, move.value, move.finding)
            except NameTaken:
                # The keyring has an unrecorded entry.
                if len(taken) >= MOST_NAMES_TRIED:
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
    taken: frozenset[str],
) -> PastePlan:
    document = request.source.text
    # An editor pastes a text with the line breaks of the document.
    line_break = _LINE_BREAK.search(document)
    pasted = request.text if line_break is None else _LINE_BREAK.sub(line_break[0], request.text)
    drafts = DraftEditor(editor, request.source, Draft(document, request.places, pasted))
    origin = replace(request.source.origin, surface=Surface.PASTE)
    until = time.monotonic() + MAX_PLANNING_SECONDS
    moves: list[MovePlan] = []
    values: list[Secret] = []
    while True:
        tokens = FileTokens.of(context.scanner, replace(drafts.source, origin=origin))
        places = tuple(drafts.document.inserted_spans())
        number = _first_token(tokens, places)
        if number is None:
            break
        if len(moves) == MOST_TOKENS:
            raise RewriteRefused(
                "More than {most_tokens} tokens are pasted at once; move them afterwards.",
                most_tokens=MOST_TOKENS,
            )
        if moves and time.monotonic() > until:
            raise RewriteRefused(
                "Pasting so many tokens into this text takes too long; move them afterwards."
            )
        fingerprint = tokens.findings[number].fingerprint
        everywhere = MoveRequest(tokens.source, request.folder, fingerprint, within=places)
        names = taken | {move.reference.name for move in moves}
        move = plan_move(context, tokens, everywhere, drafts, workspace, taken=names)
        drafts.apply(move.files, "")
        moves.append(move)
        values += [tokens.detections[number].secret, move.value]
    if not moves:
        raise TokenGone("There is no token in the pasted text.")
    return PastePlan(tuple(moves), _text_without(values, drafts.document), drafts.changes())


def _first_token(tokens: FileTokens, places: Sequence[Span]) -> int | None:
    """Return the number of the first token in the pasted text.

    Raises:
        RewriteRefused: only a part of it is in there.
    """
    for number, token in enumerate(tokens.detections):
        if any(place.overlaps(token.span) for place in places):
            if not any(place.contains(token.span) for place in places):
                raise RewriteRefused("A token starts or ends outside the pasted text; move it afterwards.")
            return number
    return None


def _text_without(values: list[Secret], draft: Draft) -> str:
    """Return the text to insert at each place, if it is the same everywhere and contains no undetected value."""
    text, *others = draft.inserted_texts()
    if any(other != text for other in others):
        raise RewriteRefused("The places need different texts; move the tokens after pasting.")
    if any(value.reveal() in text for value in values):
        raise RewriteRefused("A token in the pasted text cannot be moved while pasting; move it afterwards.")
    return text
