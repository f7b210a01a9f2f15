"""follow_up_note: the step left where programs do not get a variable by `tokenward run` alone."""

from __future__ import annotations

import shlex
from pathlib import Path

from tokenward.errors import TokenwardError
from tokenward.language import phrase, said
from tokenward.operations.context import Context
from tokenward.operations.environment_files.find_files import find_files
from tokenward.operations.move.environment_line import is_started_above
from tokenward.places import shown
from tokenward.rewriting.env_file import has_variables

_AT_HOME = phrase("Start the program with `tokenward run --home -- COMMAND`, in any folder.")
_IN_MODE = phrase(
    "Start the program with `tokenward run -- COMMAND` where {variable} is {mode}, because {framework} reads {file} "
    "only then."
)
_ALONE = phrase(
    "Copy the lines of {shared} that programs here need to {file}, because a Git worktree with references of its own "
    "reads no others."
)
_NAMED = phrase("Start the program that reads {file} with `tokenward run {options} -- COMMAND`.")


def follow_up_note(context: Context, folder: Path, env_file: Path, *, is_in_env_file: bool) -> str:
    """Return the step left after a move that an environment file of a workspace is for; empty if `run` is enough.

    The token itself may have been in that file.
    """
    if folder == Path.home():
        # Programs read files in the home folder wherever they start, but `run` reads only the `.env` of a workspace.
        return said(_AT_HOME)
    start = env_file.parent
    if is_started_above(start.name) and start != folder:
        start = start.parent
    found = find_files(context.settings, folder, start, main=context.bindings.main_folder(folder, start))
    if shared := [path for path in found.read if path in found.shared]:
        return said(_ALONE, shared=" ".join(map(shown, shared)), file=env_file.name)
    return read_on_request(context, folder, env_file, start) if is_in_env_file else ""


def read_on_request(context: Context, folder: Path, path: Path, start: Path) -> str:
    """Return how `run` is made to read an environment file; empty if it does so when it starts in a folder."""
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
    # A move may create `.env` later.
    files = [*(one.relative_to(folder).as_posix() for one in found.read), file]
    return said(_NAMED, file=file, options=" ".join(f"--env-file {shlex.quote(one)}" for one in files))
