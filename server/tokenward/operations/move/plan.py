"""Plans a move: the reference, the value to store, and the edits. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tokenward.custody.credentials import CredentialRecord
from tokenward.detection.detection import Detection
from tokenward.errors import NameClash, NoReader, RewriteRefused, TokenGone, TokenwardError
from tokenward.language import phrase, said
from tokenward.model import Finding, Fingerprint, Point, Reference, Secret, Span
from tokenward.operations.context import Context
from tokenward.operations.files.editor import Editor, FileEdit
from tokenward.operations.move.compose_file import compose_step
from tokenward.operations.move.environment_line import (
    NearestEnvironment,
    PlannedEdit,
    conflicting_names,
    environment_edit,
    names_of_value,
    read_environment,
)
from tokenward.operations.move.file_tokens import FileTokens
from tokenward.operations.move.follow_up_note import follow_up_note, read_on_request
from tokenward.operations.move.helper_records import missing_records
from tokenward.operations.move.name_choices import NameChoices
from tokenward.operations.move.name_collisions import colliding_names
from tokenward.operations.move.read_by_code import line_that_reads
from tokenward.operations.origins import language_for, language_if_known, origin_name
from tokenward.operations.token_names import require_name
from tokenward.rewriting.follow_up import FollowUp
from tokenward.rewriting.languages import ENVIRONMENT_PASSED_ON, Language, LanguageKind
from tokenward.rewriting.readers.environment import ENV_FILE, PASSED_ON
from tokenward.rewriting.rewrite import Rewrite, check_together, plan_rewrite
from tokenward.rewriting.undo import UndoStep
from tokenward.sources.source import Source

MOST_NAMES_TRIED = 20
"""The most names to try if the keyring has unrecorded entries."""
_IMAGES = "Docker"
_FILL = phrase("Fill it in with `tokenward inject`, which writes a copy for the program.")


@dataclass(frozen=True, slots=True)
class MoveRequest:
    """The token to move.

    Attributes:
        fingerprint: of the token, as written in the text.
        at: its start; None for every occurrence in the text.
        name: its only possible name; None to let Tokenward choose.
        suggested: its preferred name, if free; None for the one that its place suggests.
        within: the only parts of the text to change; None for all of it.
        template: leave a reference even in a file that only `tokenward inject` fills.
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
        value: the value to store, with a literal's escapes decoded.
        fingerprint: of that value.
        finding: the first occurrence, as it was found.
        undo: for each file, how to restore its text; contains no value.
        zones: the parts of the token's text that may change.
        count: the number of occurrences to replace.
        remaining: the number of other occurrences, which stay.
        look_up: the text that takes the token's place; empty if that reads no variable.
        after: the steps left before a program gets the value; empty if `tokenward run` is enough.
        left: the same, if Tokenward can do them.
        folder: the workspace.
        credentials: the records from which a credential helper will answer.
        started_in: the folder of the environment file that gives a program the value; None if it needs none.
        asks_helper: the program asks a credential helper for the value, also without `tokenward run`.
        digests: of each text before and after the move, keyed as a value's fingerprint is, because a value is in the
            first; empty until the move is one of a batch.
    """

    token: str
    reference: Reference
    value: Secret
    fingerprint: Fingerprint
    finding: Finding
    files: tuple[FileEdit, ...]
    undo: tuple[tuple[str, tuple[UndoStep, ...]], ...]
    zones: tuple[Span, ...]
    count: int
    remaining: int
    look_up: str
    after: str
    left: FollowUp | None
    folder: Path
    credentials: tuple[CredentialRecord, ...] = ()
    started_in: Path | None = None
    asks_helper: bool = False
    digests: Mapping[str, tuple[Fingerprint, Fingerprint]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlacesToMove:
    """The places of one value that are moved together.

    Attributes:
        request: for the current text.
        places: their current places in the text.
        finding: the first place, as it was found.
        remaining: the number of other places of the value, which stay in the text.
        letters: of every token that was found in the text.
        planned: the names of values that are about to be stored.
    """

    request: MoveRequest
    places: Sequence[Detection]
    finding: Finding
    remaining: int
    letters: Sequence[str] = field(repr=False)
    planned: Mapping[Fingerprint, str] = field(default_factory=dict)

    @classmethod
    def of(cls, tokens: FileTokens, request: MoveRequest, numbers: Sequence[int]) -> PlacesToMove:
        """Choose places of a scanned text by their numbers; the first is one that says what the value is."""
        numbers = sorted(numbers, key=lambda number: tokens.detections[number].is_copy)
        places = [tokens.detections[number] for number in numbers]
        remaining = tokens.count_others(numbers[0], numbers)
        return cls(request, places, tokens.findings[numbers[0]], remaining, tokens.letters)


def plan_move(
    context: Context,
    tokens: FileTokens,
    request: MoveRequest,
    editor: Editor,
    workspace: str,
    *,
    taken: frozenset[str] = frozenset(),
) -> MovePlan:
    """Plan the move of one of the tokens of a scanned text into a workspace's keyring entries.

    Raises:
        CustodyError: the requested name is not valid, or is a token.
        TokenGone: the token is not where the request says.
        RewriteRefused: the text cannot be rewritten without changing its meaning.
    """
    chosen = PlacesToMove.of(tokens, request, matching_numbers(tokens, request))
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
        raise TokenGone("The token is no longer where it was found; scan the file again.")
    return numbers


def check_values(source: Source, values: Iterable[Sequence[Span]], workspace: str) -> None:
    """Check the moves of some values with one parse; where that fails, each is checked when it is planned."""
    language = language_if_known(source)
    # The last first, because on the first line an import may be added that is that of all.
    with suppress(TokenwardError):
        if language is not None:
            check_together(source.text, language, [*values][::-1], Reference(workspace, "TOKEN"))


def plan_places(
    context: Context, chosen: PlacesToMove, editor: Editor, workspace: str, taken: frozenset[str]
) -> MovePlan:
    """Plan the move of a token whose places are known, as `plan_move` does."""
    request = chosen.request
    if request.name:
        require_name(context, request.name)
    language = _language(request.source, chosen.places[0].span, request.folder, editor)
    is_template = language.kind is LanguageKind.DATA and language.reader is None
    _check_movable(chosen, is_template=is_template)
    named = _named(context, chosen, language, editor, workspace, taken=taken)
    reference, rewrite, environment = named.reference, named.rewrite, named.environment
    left = _left(context, chosen, language, named, editor)
    changes = [
        *(environment_edit(environment, reference, rewrite.value) if environment else ()),
        PlannedEdit(FileEdit(request.source, rewrite.edits), rewrite.undo),
    ]
    return MovePlan(
        token=chosen.places[0].provider.token,
        reference=reference,
        value=rewrite.value,
        fingerprint=named.fingerprint,
        finding=chosen.finding,
        files=tuple(change.file for change in changes),
        undo=tuple((origin_name(one.file.source.origin), one.undo) for one in changes if one.undo),
        zones=rewrite.zones,
        count=len(chosen.places),
        remaining=chosen.remaining,
        look_up=rewrite.look_up,
        after=said(_FILL) if is_template else left.note,
        left=rewrite.left,
        folder=request.folder,
        credentials=missing_records(context, rewrite.logins, reference, request.source.origin.path, editor),
        started_in=left.env_file.parent if left.env_file else None,
        asks_helper=rewrite.asks_helper,
    )


class _Named(NamedTuple):
    """The name that was chosen, with the rewrite for it and the environment files that it needs."""

    reference: Reference
    rewrite: Rewrite
    fingerprint: Fingerprint
    environment: NearestEnvironment | None


def _named(
    context: Context,
    chosen: PlacesToMove,
    language: Language,
    editor: Editor,
    workspace: str,
    *,
    taken: frozenset[str],
) -> _Named:
    """Choose the name of a token, and plan the rewrite of its text."""
    request, spans = chosen.request, [detection.span for detection in chosen.places]
    text = request.source.text
    names = NameChoices.of(language, request.source, chosen.places, request.suggested, chosen.letters)
    wanted = [request.name] if request.name else [*names.preferred, *names.choices]
    trial = _rewrite(text, language, spans, [Reference(workspace, name) for name in wanted])
    value = trial[1].value
    fingerprint = context.scanner.fingerprint(value.reveal())
    environment = None
    if trial[1].needs_environment:
        environment = read_environment(context, request.source, request.folder, editor)
    reference, rewrite = trial
    if request.name is None:
        if environment:
            own = [*names.preferred, *filter(None, [names.fixed])]
            taken |= conflicting_names(environment, workspace, value)
            taken |= colliding_names(
                context, request.source, request.folder, environment, value, names=names.choices, own=own
            )
            names = names._replace(preferred=[*names.preferred, *names_of_value(environment, value)])
        free = _free_references(context, workspace, names, fingerprint, taken, planned=chosen.planned)
        reference, rewrite = _rewrite(text, language, spans, free, trial)
    _require_fixed_name(names, reference, language)
    return _Named(reference, rewrite, fingerprint, environment)


class _Left(NamedTuple):
    """What is left before a program gets the value.

    Attributes:
        env_file: gives a program the value, if it needs one.
        note: the steps for a person; empty for none.
    """

    env_file: Path | None
    note: str


def _left(context: Context, chosen: PlacesToMove, language: Language, named: _Named, editor: Editor) -> _Left:
    request, source = chosen.request, chosen.request.source
    path, reader = source.origin.path, language.reader
    is_in_env_file = reader is ENV_FILE
    filled = named.environment.file.source if named.environment else source if is_in_env_file else None
    env_file = filled.origin.path if filled else None
    keys = language.read(source.text).keys(chosen.places[0].span) if is_in_env_file else ()
    # The variable of a file of data is for its own program, which need not run in a container.
    is_image = reader is not None and reader.name == _IMAGES
    is_code = reader is None and language.kind is LanguageKind.CODE
    step = None
    if path and env_file and (is_in_env_file or is_image or is_code):
        step = compose_step(editor, path, env_file, request.folder, keys[0] if keys else named.reference.name)
    notes = [" ".join(filter(None, (step.words if step else "", named.rewrite.after)))]
    if env_file and (not notes[0] or request.folder == Path.home()):
        notes.append(follow_up_note(context, request.folder, env_file, is_in_env_file=is_in_env_file))
    if env_file and step and step.file.parent != env_file.parent:
        notes.append(read_on_request(context, request.folder, env_file, step.file.parent))
    return _Left(env_file, " ".join(dict.fromkeys(filter(None, notes))))


def _language(source: Source, span: Span, root: Path, editor: Editor) -> Language:
    """Return the language of a text, for docker compose if that passes on the file."""
    language, path = language_for(source), source.origin.path
    if language.reader is not ENV_FILE or path is None or not PASSED_ON.files.fullmatch(path.name):
        return language
    keys = language.read(source.text).keys(span)
    is_passed_on = bool(keys) and compose_step(editor, path, path, root, keys[0]) is not None
    return ENVIRONMENT_PASSED_ON if is_passed_on else language


def _require_fixed_name(names: NameChoices, reference: Reference, language: Language) -> None:
    if names.fixed and reference.name != names.fixed:
        raise RewriteRefused(
            "{program} reads this value only from {fixed}, which has another value; remove that one, or "
            "change the file by hand.",
            program=language.reader.name if language.reader else "The program",
            fixed=names.fixed,
        )


def _check_movable(chosen: PlacesToMove, *, is_template: bool) -> None:
    if not all(place.whole for place in chosen.places):
        raise RewriteRefused(
            "It is not certain where the token begins or ends; store it with `tokenward put NAME`, then edit the file."
        )
    if is_template and not chosen.request.template:
        path = chosen.request.source.origin.path
        if path and (line := line_that_reads(path)):
            raise NoReader(
                "Line {number} of {file} reads this file as it is; store the token with `tokenward put NAME`, write "
                "{look_up} where the code uses it, and delete it here, or leave a reference for `tokenward inject`.",
                number=line.number,
                file=line.file,
                look_up=f"`{line.look_up}`",
            )
        raise NoReader(
            "No known program reads this file and looks up variables in it; store the token and change the file by "
            "hand, or leave a reference for `tokenward inject`."
        )


def _free_references(
    context: Context,
    workspace: str,
    names: NameChoices,
    fingerprint: Fingerprint,
    unfit: frozenset[str],
    *,
    planned: Mapping[Fingerprint, str],
) -> Iterator[Reference]:
    """Yield references whose names are free for a value, best first."""
    tried = set(unfit)
    for _ in range(MOST_NAMES_TRIED):
        name = context.entries.free_name(
            workspace, names.choices, fingerprint, tried, preferred=names.preferred, planned=planned
        )
        yield Reference(workspace, name)
        tried.add(name)


def _rewrite(
    text: str,
    language: Language,
    spans: Sequence[Span],
    references: Iterable[Reference],
    known: tuple[Reference, Rewrite] | None = None,
) -> tuple[Reference, Rewrite]:
    """Plan a rewrite with the first reference whose name the text does not use otherwise."""
    clash: NameClash | None = None
    for reference in references:
        if known and reference == known[0]:
            return known
        try:
            return reference, plan_rewrite(text, language, spans, reference)
        except NameClash as error:
            clash = clash or error
    assert clash is not None  # noqa: S101 - there is a reference
    raise clash
