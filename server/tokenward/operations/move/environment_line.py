"""The line by which an environment file assigns a reference to a variable."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tokenward.model import Reference, Secret
from tokenward.names import REFERENCE_SCHEME
from tokenward.operations.context import Context
from tokenward.operations.files.editor import Editor, FileEdit
from tokenward.operations.origins import language_for
from tokenward.rewriting.env_file import add_assignment, parse_env
from tokenward.rewriting.rewrite import plan_rewrite
from tokenward.rewriting.undo import UndoStep
from tokenward.sources.source import Origin, Source


@dataclass(frozen=True, slots=True)
class PlannedEdit:
    """The edit of one file, and how to undo it; an added line is not undone, since other code may read it."""

    file: FileEdit
    undo: tuple[UndoStep, ...] = ()


def read_environment(context: Context, source: Source, folder: Path, editor: Editor) -> FileEdit:
    """Return the workspace's environment file as it is, without edits yet."""
    path = context.settings.env_path(folder)
    known = editor.read(path)
    if known is not None:
        return FileEdit(known, ())
    origin = Origin(path.as_uri(), source.origin.surface, path, None)
    return FileEdit(Source("", origin), (), creates=True)


def conflicting_names(environment: FileEdit | None, workspace: str, value: Secret) -> set[str]:
    """Return the names to which the environment file assigns something else."""
    if environment is None:
        return set()
    plain, prefix = value.reveal(), f"{REFERENCE_SCHEME}://{workspace}/"
    return {
        assignment.key
        for assignment in parse_env(environment.source.text)
        if assignment.value not in (plain, prefix + assignment.key)
    }


def environment_edit(
    environment: FileEdit | None, reference: Reference, value: Secret
) -> tuple[PlannedEdit, ...]:
    """Add the line that names the reference; a line that holds the same value itself is moved along."""
    if environment is None:
        return ()
    source, plain = environment.source, value.reveal()
    named = [a for a in parse_env(source.text) if a.key == reference.name]
    same = [a.value_span for a in named if a.value == plain]
    if same and all(a.value in (plain, str(reference)) for a in named):
        rewrite = plan_rewrite(source.text, language_for(source), same, reference)
        return (PlannedEdit(FileEdit(source, rewrite.edits), rewrite.undo),)
    edit = add_assignment(source.text, reference.name, str(reference))
    return () if edit is None else (PlannedEdit(FileEdit(source, (edit,), environment.creates)),)
