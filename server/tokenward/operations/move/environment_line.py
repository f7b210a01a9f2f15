"""The line with which an environment file assigns a reference to a variable."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from tokenward.custody.ledger.events import JSON
from tokenward.errors import RewriteRefused
from tokenward.model import Reference, Secret, Surface
from tokenward.names import REFERENCE_SCHEME
from tokenward.operations.context import Context
from tokenward.operations.environment_files.find_files import find_files
from tokenward.operations.files.editor import Editor, FileEdit
from tokenward.operations.origins import language_for, origin_name
from tokenward.operations.token_names import is_fit, letters
from tokenward.rewriting.env_file import add_assignment, parse_env
from tokenward.rewriting.rewrite import plan_rewrite
from tokenward.rewriting.undo import UndoStep
from tokenward.rewriting.variables import is_dangerous
from tokenward.sources.source import Origin, Source


@dataclass(frozen=True, slots=True)
class PlannedEdit:
    """The edit of one file, and how to undo it; an added line stays, because other code may read it."""

    file: FileEdit
    undo: tuple[UndoStep, ...] = ()


@dataclass(frozen=True, slots=True)
class NearestEnvironment:
    """The environment files that code in a file reads.

    Attributes:
        file: the one that will gain lines.
        others: the texts of others that its framework reads, which may assign the same variables.
    """

    file: FileEdit
    others: tuple[str, ...] = ()


def read_environment(context: Context, source: Source, folder: Path, editor: Editor) -> NearestEnvironment:
    """Return the environment files nearest to a text's file, in their current state."""
    start = source.origin.path.parent if source.origin.path else folder
    if start.is_relative_to(folder):
        # Programs that read such a folder are started beside it.
        parts = takewhile(lambda part: not is_started_above(part), start.relative_to(folder).parts)
        start = folder.joinpath(*parts)
    return environment_at(context, folder, start, editor, source.origin.surface)


def is_started_above(folder: str) -> bool:
    """Return whether the programs that read a folder of this name are started in the one above."""
    return folder.startswith(".") or folder == "fastlane"


def environment_at(
    context: Context, folder: Path, start: Path, editor: Editor, surface: Surface = Surface.FILE
) -> NearestEnvironment:
    """Return the environment files nearest to a folder of a workspace, in their current state.

    Lines are added where every mode reads them: to `.env`, or to `.env.local` if only that exists.

    Raises:
        RewriteRefused: another program than `tokenward run` reads that file.
    """
    found = find_files(context.settings, folder, start)
    in_every_mode = found.framework.file_names("")
    fit = [path for path in found.family if path.name in in_every_mode]
    path = fit[0] if fit else found.main
    known = editor.read(path)
    reader = language_for(Source("", Origin(path.as_uri(), surface, path, None))).reader
    if reader is not None and reader.refusal:
        raise RewriteRefused(reader.refusal)
    others = [text for other in found.family if other != path and (text := editor.read(other))]
    if known is None:
        origin = Origin(path.as_uri(), surface, path, None)
        file = FileEdit(Source("", origin), (), creates=True)
    else:
        file = FileEdit(known, ())
    return NearestEnvironment(file, tuple(other.text for other in others))


def conflicting_names(environment: NearestEnvironment, workspace: str, value: Secret | None) -> set[str]:
    """Return the names to which an environment file assigns something else than the value, if it is known."""
    plain, prefix = _revealed(value), f"{REFERENCE_SCHEME}://{workspace}/"
    return {
        assignment.key
        for text in (environment.file.source.text, *environment.others)
        for assignment in parse_env(text)
        if assignment.value not in (plain, prefix + assignment.key)
    }


def names_of_value(environment: NearestEnvironment, value: Secret) -> list[str]:
    """Return the valid token names to which the environment file assigns the value itself."""
    plain = value.reveal()
    assigned = (one.key for one in parse_env(environment.file.source.text) if one.value == plain)
    return [key for key in assigned if is_fit(key, [letters(plain)])]


def environment_edit(
    environment: NearestEnvironment, reference: Reference, value: Secret | None
) -> tuple[PlannedEdit, ...]:
    """Add the line that assigns the reference; a line that assigns the value itself is rewritten instead."""
    source, plain = environment.file.source, _revealed(value)
    named = [a for a in parse_env(source.text) if a.key == reference.name]
    same = [a.value_span for a in named if a.value == plain]
    if same and all(a.value in (plain, str(reference)) for a in named):
        rewrite = plan_rewrite(source.text, language_for(source), same, reference)
        return (PlannedEdit(FileEdit(source, rewrite.edits), rewrite.undo),)
    edit = add_assignment(source.text, reference.name, str(reference))
    return () if edit is None else (PlannedEdit(FileEdit(source, (edit,), environment.file.creates)),)


def added_lines(files: Iterable[FileEdit], reference: Reference) -> dict[str, JSON]:
    """Return the record of the lines that edits add, which a restore leaves and a leave removes."""
    return {
        origin_name(file.source.origin): {"text": text, "creates": file.creates}
        for file in files
        if str(reference) in (text := "".join(edit.text for edit in file.edits))
    }


def add_line(
    environment: NearestEnvironment, reference: Reference, value: Secret | None, editor: Editor
) -> Path | None:
    """Add the line `NAME=REFERENCE` for a token that was stored by hand, as a move does.

    A line that assigns the value itself, if it is known, gets the reference instead. Return the file; None if it has
    the line already.

    Raises:
        RewriteRefused: the variable has another value there, or could harm a program.
        TokenwardError: the file cannot be edited.
    """
    name, path = reference.name, environment.file.source.origin.path
    if is_dangerous(name):
        raise RewriteRefused(
            "The variable {name} could harm the programs that read the environment file.", name=name
        )
    if name in conflicting_names(environment, reference.workspace, value):
        raise RewriteRefused("{name} has another value there.", name=name)
    edits = [planned.file for planned in environment_edit(environment, reference, value)]
    if not any(file.edits for file in edits):
        return None
    editor.apply(edits, f"Add {name} to the environment file")
    return path


def _revealed(value: Secret | None) -> str | None:
    return None if value is None else value.reveal()
