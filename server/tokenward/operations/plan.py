"""What a move would do: the reference, the value to store, and the edits. Changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenward.custody.bindings import slug
from tokenward.detection.engine import Detection
from tokenward.errors import RewriteRefused, TokenGone
from tokenward.model import Fingerprint, Point, Reference, Secret, Span
from tokenward.operations.context import Context
from tokenward.operations.editor import Editor, FileEdit
from tokenward.rewriting.env_file import add_assignment, parse_env
from tokenward.rewriting.languages import Language, language_of
from tokenward.rewriting.naming import assigned_name
from tokenward.rewriting.rewrite import Rewrite, plan_rewrite
from tokenward.rewriting.undo import UndoStep
from tokenward.settings import Settings
from tokenward.sources.source import Origin, Source
from tokenward.text import LineTable


@dataclass(frozen=True, slots=True)
class MoveRequest:
    """Which token to move.

    Attributes:
        source: the text and the version that it was found in.
        folder: the workspace.
        fingerprint: of the token as it stands in the text.
        at: where it begins; None for every occurrence in the text.
        name: what to call it; None to have a name chosen.
    """

    source: Source
    folder: Path
    fingerprint: Fingerprint
    at: Point | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class MovePlan:
    """A move that was thought through.

    Attributes:
        token: what a person calls the token, such as `GitHub token`.
        reference: what will stand for it.
        value: what is stored; a literal's escapes are decoded in it.
        fingerprint: of that value.
        provider: whose token it is.
        files: the edits, the file with the token last.
        undo: for each file, how its text is put back; holds no value.
        count: how many occurrences are replaced.
    """

    token: str
    reference: Reference
    value: Secret
    fingerprint: Fingerprint
    provider: str
    files: tuple[FileEdit, ...]
    undo: tuple[tuple[str, tuple[UndoStep, ...]], ...]
    count: int


def plan_move(
    context: Context,
    request: MoveRequest,
    editor: Editor,
    workspace: str,
    taken: frozenset[str] = frozenset(),
) -> MovePlan:
    """Find the token again and plan its move into a workspace's keyring entries.

    Raises:
        TokenGone: the token is not where the request says.
        RewriteRefused: the text cannot be rewritten without changing its meaning.
    """
    language = language_for(request.source.origin)
    detections = _detections(context, request)
    spans = [detection.span for detection in detections]
    provider = detections[0].provider
    wanted = request.name or assigned_name(request.source.text, language, spans[0]) or provider.variable
    trial = _rewrite(request.source, language, spans, Reference(workspace, wanted))
    fingerprint = context.scanner.fingerprint(trial.value.reveal())
    environment = _environment(context, request, editor) if trial.needs_environment else None
    name = request.name or context.entries.free_name(
        workspace, wanted, fingerprint, {*taken, *_conflicting(environment, trial.value)}
    )
    reference = Reference(workspace, name)
    rewrite = trial if name == wanted else _rewrite(request.source, language, spans, reference)
    before = () if environment is None else _environment_edit(environment, reference, rewrite.value)
    files = (*before, FileEdit(request.source, rewrite.edits))
    undo = ((origin_name(request.source.origin), rewrite.undo),)
    return MovePlan(
        provider.token, reference, rewrite.value, fingerprint, provider.name, files, undo, len(spans)
    )


def language_for(origin: Origin) -> Language:
    """The language of a text, as a row of the table.

    Raises:
        RewriteRefused: Tokenward cannot rewrite this kind of file yet.
    """
    path = None if origin.path is None else str(origin.path)
    language = language_of(path, origin.language_id)
    if language is None:
        raise RewriteRefused(
            "Tokenward cannot rewrite this kind of file yet; store the token by `tokenward put NAME` and "
            "replace it by hand."
        )
    return language


def preferred_workspace(settings: Settings, folder: Path) -> str:
    """What a workspace without a binding would like to be called."""
    return settings.workspace_name or slug(folder.name)


def origin_name(origin: Origin) -> str:
    """What the ledger calls a text: its path, or its uri when it is no file of its own."""
    is_file = origin.path is not None and origin.uri.startswith("file:")
    return str(origin.path) if is_file else origin.uri


def _detections(context: Context, request: MoveRequest) -> Sequence[Detection]:
    detections = context.scanner.locate(request.source, request.fingerprint)
    if request.at is not None:
        offset = LineTable(request.source.text).offset(request.at)
        detections = [detection for detection in detections if detection.span.start == offset]
    if not detections:
        raise TokenGone("The token is no longer where it was found; look at the file again.")
    if not all(detection.whole for detection in detections):
        raise RewriteRefused(
            "Where the token begins or ends is not certain; store it by `tokenward put NAME` and replace it by hand."
        )
    return detections


def _rewrite(source: Source, language: Language, spans: Sequence[Span], reference: Reference) -> Rewrite:
    return plan_rewrite(source.text, language, spans, reference)


def _environment(context: Context, request: MoveRequest, editor: Editor) -> FileEdit:
    """The workspace's environment file as it is, without edits yet."""
    path = context.settings.env_path(request.folder)
    source = editor.read(path)
    if source is not None:
        return FileEdit(source, ())
    origin = Origin(path.as_uri(), request.source.origin.surface, path, None)
    return FileEdit(Source("", origin), (), creates=True)


def _conflicting(environment: FileEdit | None, value: Secret) -> set[str]:
    """The names that the environment file gives another meaning."""
    if environment is None:
        return set()
    plain = value.reveal()
    return {a.key for a in parse_env(environment.source.text) if a.value not in (plain, None)}


def _environment_edit(environment: FileEdit, reference: Reference, value: Secret) -> tuple[FileEdit, ...]:
    """The line that names the reference; a line that holds the same value itself is moved along."""
    text = environment.source.text
    plain = value.reveal()
    same = [a for a in parse_env(text) if a.key == reference.name and a.value == plain]
    if same:
        language = language_for(environment.source.origin)
        edits = _rewrite(environment.source, language, [a.value_span for a in same], reference).edits
        return (FileEdit(environment.source, edits),)
    edit = add_assignment(text, reference.name, str(reference))
    return () if edit is None else (FileEdit(environment.source, (edit,), environment.creates),)
