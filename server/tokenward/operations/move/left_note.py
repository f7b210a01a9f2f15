"""left_note: the step left where programs do not get a variable by `tokenward run` alone."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import NamedTuple

from tokenward.errors import TokenwardError
from tokenward.language import phrase, said
from tokenward.model import Reference, Span
from tokenward.operations.context import Context
from tokenward.operations.environment_files.find_files import find_files
from tokenward.operations.files.editor import Editor
from tokenward.operations.move.compose_note import COMPOSE, compose_note
from tokenward.operations.move.environment_line import NearestEnvironment, is_started_above
from tokenward.rewriting.env_file import has_variables
from tokenward.rewriting.languages import Language, LanguageKind
from tokenward.rewriting.readers.environment import ENV_FILE
from tokenward.sources.source import Source

_AT_HOME = phrase("Start the program with `tokenward run --home -- COMMAND`, in any folder.")
_IN_MODE = phrase(
    "Start the program with `tokenward run -- COMMAND` where {variable} is {mode}, because {framework} reads {file} "
    "only then."
)
_NAMED = phrase("Start the program that reads {file} with `tokenward run {options} -- COMMAND`.")


class MovedPlace(NamedTuple):
    """The place of a token in a text of a workspace."""

    folder: Path
    source: Source
    span: Span
    language: Language


def left_note(
    context: Context,
    editor: Editor,
    place: MovedPlace,
    environment: NearestEnvironment | None,
    reference: Reference,
) -> str:
    """Return the step left after the move of a token; empty if `tokenward run` is enough."""
    folder, source, span, language = place
    path, name = environment.file.source.origin.path if environment else None, reference.name
    if language.reader is ENV_FILE:
        keys = language.read(source.text).keys(span)
        path, name = source.origin.path, keys[0] if keys else ""
    if path is None or (language.reader is not None and language.reader.name == COMPOSE):
        return ""
    if folder == Path.home():
        # Programs read files in the home folder wherever they start, but `run` reads only the `.env` of a workspace.
        return said(_AT_HOME)
    if language.reader is ENV_FILE and (note := _read_on_request(context, folder, path)):
        return note
    # The variable of a file of data is for its own program, which need not run in a container.
    is_for_container = language.reader is ENV_FILE or language.kind is LanguageKind.CODE
    return compose_note(editor, path, folder, name) if name and is_for_container else ""


def _read_on_request(context: Context, folder: Path, path: Path) -> str:
    """Return how `run` is made to read an environment file; empty if it does so in the file's folder."""
    start = (
        path.parent.parent if is_started_above(path.parent.name) and path.parent != folder else path.parent
    )
    try:
        found = find_files(context.settings, folder, start)
    except TokenwardError:
        return ""
    if not (path.is_file() and has_variables(path.name)) or path in found.read:
        return ""
    framework, file = found.framework, path.relative_to(folder).as_posix()
    if path in found.family and (mode := framework.mode_of_file(path.name)):
        variable = framework.variables[0]
        return said(_IN_MODE, variable=variable, mode=mode, framework=framework.name, file=file)
    files = [*(one.relative_to(folder).as_posix() for one in found.read if one.is_file()), file]
    return said(_NAMED, file=file, options=" ".join(f"--env-file {shlex.quote(one)}" for one in files))
