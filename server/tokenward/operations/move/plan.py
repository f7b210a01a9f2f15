"""What a move would do: the reference, the value to store, and the edits. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tokenward.detection.detection import Detection
from tokenward.errors import RewriteRefused, TokenGone
from tokenward.model import Finding, Fingerprint, Point, Reference, Secret, Span
from tokenward.names import REFERENCE_SCHEME
from tokenward.operations.context import Context
from tokenward.operations.files.editor import Editor, FileEdit
from tokenward.operations.move.file_tokens import FileTokens
from tokenward.operations.origins import language_for, origin_name
from tokenward.operations.token_names import require_name
from tokenward.rewriting.env_file import add_assignment, parse_env
from tokenward.rewriting.languages import Language
from tokenward.rewriting.naming import assigned_name, environment_name
from tokenward.rewriting.rewrite import plan_rewrite
from tokenward.rewriting.start_files import require_no_start_file
from tokenward.rewriting.undo import UndoStep
from tokenward.sources.source import Origin, Source
from tokenward.token_prefixes import is_token_name

# Of a name and a value, when they agree in as many characters from the start it is no chance.
_TELLING = 12


@dataclass(frozen=True, slots=True)
class MoveRequest:
    """Which token to move.

    Attributes:
        source: the text and the version that it was found in.
        folder: the workspace.
        fingerprint: of the token as it stands in the text.
        at: where it begins; None for every occurrence in the text.
        within: the parts of the text that count; None for all of it.
        name: what to call it, and nothing else; None to have a name chosen.
        suggested: what to call it if that is free; None for what its place suggests.
    """

    source: Source
    folder: Path
    fingerprint: Fingerprint
    at: Point | None = None
    name: str | None = None
    suggested: str | None = None
    within: tuple[Span, ...] | None = None


@dataclass(frozen=True, slots=True)
class MovePlan:
    """A move that was thought through.

    Attributes:
        token: what a person calls the token, such as `GitHub token`.
        reference: what will stand for it.
        value: what is stored; a literal's escapes are decoded in it.
        fingerprint: of that value.
        finding: the first occurrence, as it was found.
        files: the edits, the file with the token last.
        undo: for each file, how its text is put back; holds no value.
        count: how many occurrences are replaced.
        left: how many others stay in the text.
    """

    token: str
    reference: Reference
    value: Secret
    fingerprint: Fingerprint
    finding: Finding
    files: tuple[FileEdit, ...]
    undo: tuple[tuple[str, tuple[UndoStep, ...]], ...]
    count: int
    left: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """The places of one value that are moved together.

    Attributes:
        request: for the text as it is now.
        places: where they are in the text now.
        finding: the first of them, as it was found.
        left: how many others of the value stay in the text.
        told: every token that was found in the text.
    """

    request: MoveRequest
    places: Sequence[Detection]
    finding: Finding
    left: int
    told: Sequence[Detection] = field(repr=False)


def plan_move(
    context: Context,
    request: MoveRequest,
    editor: Editor,
    workspace: str,
    taken: frozenset[str] = frozenset(),
) -> MovePlan:
    """Find the token again and plan its move into a workspace's keyring entries.

    Raises:
        CustodyError: the name that is asked for is none, or is a token.
        TokenGone: the token is not where the request says.
        RewriteRefused: the text cannot be rewritten without changing its meaning.
    """
    tokens = FileTokens.of(context.scanner, request.source)
    numbers = wanted_numbers(tokens, request)
    places = [tokens.detections[number] for number in numbers]
    left = tokens.others(numbers[0], numbers)
    chosen = Chosen(request, places, tokens.findings[numbers[0]], left, tokens.detections)
    return plan_chosen(context, chosen, editor, workspace, taken)


def wanted_numbers(tokens: FileTokens, request: MoveRequest) -> list[int]:
    """Return the numbers of the places that a request for a scanned text is about.

    Raises:
        TokenGone: the token is not where the request says.
    """
    numbers = [
        number
        for number, (finding, one) in enumerate(zip(tokens.findings, tokens.detections, strict=True))
        if finding.fingerprint == request.fingerprint
        and request.at in (None, finding.start)
        and (request.within is None or any(part.contains(one.span) for part in request.within))
    ]
    if not numbers:
        raise TokenGone("The token is no longer where it was found; check the file again.")
    return numbers


def plan_chosen(
    context: Context, chosen: Chosen, editor: Editor, workspace: str, taken: frozenset[str]
) -> MovePlan:
    """Plan the move of a token whose places are known, as `plan_move` does."""
    request = chosen.request
    if request.name:
        require_name(context, request.name)
    language = language_for(request.source.origin)
    require_whole(chosen.places)
    spans = [detection.span for detection in chosen.places]
    provider = chosen.places[0].provider
    wanted = request.name or (request.suggested if is_token_name(request.suggested or "") else None)
    wanted = wanted or _assigned_name(language, chosen)
    wanted = wanted or provider.variable
    trial = plan_rewrite(request.source.text, language, spans, Reference(workspace, wanted))
    fingerprint = context.scanner.fingerprint(trial.value.reveal())
    if trial.needs_environment:
        require_no_start_file(request.source.origin.path)
    environment = _environment(context, request, editor) if trial.needs_environment else None
    unfit = _unfit_names(environment, workspace, trial.value)
    name = request.name or context.entries.free_name(workspace, wanted, fingerprint, taken | unfit)
    reference = Reference(workspace, name)
    rewrite = trial if name == wanted else plan_rewrite(request.source.text, language, spans, reference)
    changes = [
        *_environment_change(environment, reference, rewrite.value),
        _Change(FileEdit(request.source, rewrite.edits), rewrite.undo),
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
        chosen.left,
    )


def require_whole(places: Iterable[Detection | Finding]) -> None:
    """Refuse where what would be stored might be a part of a token."""
    if not all(place.whole for place in places):
        raise RewriteRefused(
            "Where the token begins or ends is not certain; store it by `tokenward put NAME` and replace it by hand."
        )


def _assigned_name(language: Language, chosen: Chosen) -> str | None:
    """What the token's place suggests, unless that is a token itself: a name is stored and shown in the open."""
    first = chosen.places[0]
    name = assigned_name(chosen.request.source.text, language, first.span)
    name = name or environment_name(first.name)
    if name is not None and not is_token_name(name):
        return None
    plain = _letters(name or "")
    if len(plain) < _TELLING:
        return name
    told = (_letters(detection.secret.reveal()) for detection in chosen.told)
    return None if any(value[:_TELLING] in plain or plain[:_TELLING] in value for value in told) else name


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).lower()


@dataclass(frozen=True, slots=True)
class _Change:
    """The edit of one file, and how it is taken back; an added line is not, since other code may read it."""

    file: FileEdit
    undo: tuple[UndoStep, ...] = ()


def _environment(context: Context, request: MoveRequest, editor: Editor) -> FileEdit:
    """The workspace's environment file as it is, without edits yet."""
    path = context.settings.env_path(request.folder)
    source = editor.read(path)
    if source is not None:
        return FileEdit(source, ())
    origin = Origin(path.as_uri(), request.source.origin.surface, path, None)
    return FileEdit(Source("", origin), (), creates=True)


def _unfit_names(environment: FileEdit | None, workspace: str, value: Secret) -> set[str]:
    """The names that the environment file gives another meaning."""
    if environment is None:
        return set()
    plain, prefix = value.reveal(), f"{REFERENCE_SCHEME}://{workspace}/"
    return {
        assignment.key
        for assignment in parse_env(environment.source.text)
        if assignment.value not in (plain, prefix + assignment.key)
    }


def _environment_change(
    environment: FileEdit | None, reference: Reference, value: Secret
) -> tuple[_Change, ...]:
    """The line that names the reference; a line that holds the same value itself is moved along."""
    if environment is None:
        return ()
    source, plain = environment.source, value.reveal()
    named = [a for a in parse_env(source.text) if a.key == reference.name]
    same = [a.value_span for a in named if a.value == plain]
    if same and all(a.value in (plain, str(reference)) for a in named):
        rewrite = plan_rewrite(source.text, language_for(source.origin), same, reference)
        return (_Change(FileEdit(source, rewrite.edits), rewrite.undo),)
    edit = add_assignment(source.text, reference.name, str(reference))
    return () if edit is None else (_Change(FileEdit(source, (edit,), environment.creates)),)
