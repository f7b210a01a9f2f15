"""Planning a move: the reference, the value to store, and the edits. Changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tokenward.detection.detection import Detection
from tokenward.errors import NoReader, RewriteRefused, TokenGone
from tokenward.model import Finding, Fingerprint, Point, Reference, Secret, Span
from tokenward.operations.context import Context
from tokenward.operations.files.editor import Editor, FileEdit
from tokenward.operations.move.environment_line import (
    PlannedEdit,
    conflicting_names,
    environment_edit,
    read_environment,
)
from tokenward.operations.move.file_tokens import FileTokens
from tokenward.operations.origins import language_for, origin_name
from tokenward.operations.token_names import require_name
from tokenward.rewriting.languages import Language, LanguageKind
from tokenward.rewriting.naming import assigned_name, environment_name
from tokenward.rewriting.rewrite import plan_rewrite
from tokenward.rewriting.start_files import require_no_start_file
from tokenward.rewriting.undo import UndoStep
from tokenward.sources.source import Source
from tokenward.token_prefixes import is_token_name

MOST_NAMES_TRIED = 20
"""Names to try while the keyring has entries that no record knows."""
_SHARED_CHARACTERS = 12
"""If a name and a value have so many characters in common, this is no coincidence."""

_FILL = "Let `tokenward inject FILE -o COPY` fill in the value before a program reads the file."
_FILL_SHORTLY = "fill it in by `tokenward inject`"


@dataclass(frozen=True, slots=True)
class MoveRequest:
    """Which token to move.

    Attributes:
        source: the text and the version that it was found in.
        folder: the workspace.
        fingerprint: of the token as written in the text.
        at: where it begins; None for every occurrence in the text.
        name: its name, without alternative; None to have one chosen.
        suggested: its name if that is free; None for the one that its place suggests.
        within: the parts of the text that count; None for all of it.
        template: leave a reference also in a file that only `tokenward inject` fills.
    """

    source: Source
    folder: Path
    fingerprint: Fingerprint
    at: Point | None = None
    name: str | None = None
    suggested: str | None = None
    within: tuple[Span, ...] | None = None
    template: bool = False


@dataclass(frozen=True, slots=True)
class MovePlan:
    """A planned move.

    Attributes:
        token: the description of the token for people, such as `GitHub token`.
        reference: replaces it.
        value: is stored; a literal's escapes are decoded in it.
        fingerprint: of that value.
        finding: the first occurrence, as it was found.
        files: the edits, the file with the token last.
        undo: for each file, how to restore its text; holds no value.
        count: the number of occurrences to replace.
        remaining: the number of other occurrences, which stay in the text.
        look_up: takes the token's place.
        after: what is left to do before a program gets the value; empty if `tokenward run` is enough.
        left: the same in a few words; may be empty although something is left.
    """

    token: str
    reference: Reference
    value: Secret
    fingerprint: Fingerprint
    finding: Finding
    files: tuple[FileEdit, ...]
    undo: tuple[tuple[str, tuple[UndoStep, ...]], ...]
    count: int
    remaining: int
    look_up: str
    after: str
    left: str


@dataclass(frozen=True, slots=True)
class PlacesToMove:
    """The places of one value that are moved together.

    Attributes:
        request: for the text as it is now.
        places: their present places in the text.
        finding: the first of them, as it was found.
        remaining: the number of other places of the value, which stay in the text.
        detections: every token that was found in the text.
    """

    request: MoveRequest
    places: Sequence[Detection]
    finding: Finding
    remaining: int
    detections: Sequence[Detection] = field(repr=False)


def plan_move(
    context: Context,
    request: MoveRequest,
    editor: Editor,
    workspace: str,
    taken: frozenset[str] = frozenset(),
) -> MovePlan:
    """Find the token again and plan its move into a workspace's keyring entries.

    Raises:
        CustodyError: the requested name is not valid, or is a token.
        TokenGone: the token is not where the request says.
        RewriteRefused: the text cannot be rewritten without changing its meaning.
    """
    tokens = FileTokens.of(context.scanner, request.source)
    numbers = matching_numbers(tokens, request)
    places = [tokens.detections[number] for number in numbers]
    remaining = tokens.count_others(numbers[0], numbers)
    chosen = PlacesToMove(request, places, tokens.findings[numbers[0]], remaining, tokens.detections)
    return plan_places(context, chosen, editor, workspace, taken)


def matching_numbers(tokens: FileTokens, request: MoveRequest) -> list[int]:
    """Return the numbers of the places in a scanned text that a request names.

    Raises:
        TokenGone: the token is not where the request says.
    """
    numbers = [
        number
        for number, (finding, detection) in enumerate(zip(tokens.findings, tokens.detections, strict=True))
        if finding.fingerprint == request.fingerprint
        and request.at in (None, finding.start)
        and (request.within is None or any(part.contains(detection.span) for part in request.within))
    ]
    if not numbers:
        raise TokenGone("The token is no longer where it was found; check the file again.")
    return numbers


def plan_places(
    context: Context, chosen: PlacesToMove, editor: Editor, workspace: str, taken: frozenset[str]
) -> MovePlan:
    """Plan the move of a token whose places are known, as `plan_move` does."""
    request = chosen.request
    if request.name:
        require_name(context, request.name)
    language = language_for(request.source)
    if not all(place.whole for place in chosen.places):
        raise RewriteRefused(
            "Where the token begins or ends is not certain; store it by `tokenward put NAME` and replace it by hand."
        )
    is_template = language.kind is LanguageKind.DATA and language.reader is None
    if is_template and not request.template:
        raise NoReader(
            "No program is known that reads this file and looks up variables in it; store the token and change the "
            "file by hand, or leave a reference for `tokenward inject`."
        )
    spans = [detection.span for detection in chosen.places]
    provider = chosen.places[0].provider
    suggested = request.suggested if is_token_name(request.suggested or "") else None
    fixed = language.read(request.source.text).variable(spans[0])
    wanted = fixed or request.name or suggested or suggested_name(language, chosen) or provider.variable
    trial = plan_rewrite(request.source.text, language, spans, Reference(workspace, wanted))
    fingerprint = context.scanner.fingerprint(trial.value.reveal())
    if trial.needs_environment:
        require_no_start_file(request.source.origin.path)
    environment = (
        read_environment(context, request.source, request.folder, editor) if trial.needs_environment else None
    )
    conflicting = conflicting_names(environment, workspace, trial.value)
    name = request.name or context.entries.free_name(workspace, wanted, fingerprint, taken | conflicting)
    if fixed and name != fixed:
        raise RewriteRefused(
            f"{language.reader.name if language.reader else 'The program'} reads this value from {fixed} only, and "
            f"{fixed} has another value; remove that one, or change the file by hand."
        )
    reference = Reference(workspace, name)
    rewrite = trial if name == wanted else plan_rewrite(request.source.text, language, spans, reference)
    changes = [
        *environment_edit(environment, reference, rewrite.value),
        PlannedEdit(FileEdit(request.source, rewrite.edits), rewrite.undo),
    ]
    files = tuple(change.file for change in changes)
    undo = tuple((origin_name(change.file.source.origin), change.undo) for change in changes if change.undo)
    return MovePlan(
        provider.token,
        reference,
        rewrite.value,
        fingerprint,
        chosen.finding,
        files,
        undo,
        len(spans),
        chosen.remaining,
        rewrite.look_up,
        _FILL if is_template else rewrite.after,
        _FILL_SHORTLY if is_template else rewrite.left,
    )


def suggested_name(language: Language | None, chosen: PlacesToMove) -> str | None:
    """Return the name that the token's place suggests, unless it holds a token: names are no secrets."""
    first = chosen.places[0]
    name = assigned_name(chosen.request.source.text, language, first.span) if language else None
    name = name or environment_name(first.name)
    if name is not None and not is_token_name(name):
        return None
    plain = _letters(name or "")
    if len(plain) < _SHARED_CHARACTERS:
        return name
    start = plain[:_SHARED_CHARACTERS]
    values = (_letters(detection.secret.reveal()) for detection in chosen.detections)
    return None if any(value[:_SHARED_CHARACTERS] in plain or start in value for value in values) else name


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).lower()
