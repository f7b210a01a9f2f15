"""`tokenward restore`."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import typer

from tokenward.cli.support.invocation import Invocation, absolute, short
from tokenward.cli.support.terminal import say
from tokenward.errors import TokenwardError
from tokenward.model import Reference, references_in
from tokenward.operations.context import Context
from tokenward.operations.files.disk_editor import DiskEditor
from tokenward.operations.move import restore as restoring
from tokenward.operations.move.environment_line import read_environment
from tokenward.phrases import listed


def restore(
    path: Path = typer.Argument(..., metavar="FILE", help="A file from which tokens were moved."),
    name: str = typer.Option("", "--name", help="Restore only the token with this name."),
) -> None:
    """Put moved tokens back into a file, in plain text.

    They also stay in the keyring.
    """
    file = absolute(path)
    invocation = Invocation.here(file.parent)
    with invocation.context() as context:
        editor = DiskEditor(notes=invocation.places.writes)
        restored: list[Reference] = []
        for reference in restoring.restore(context, invocation.folder, file, editor, name or None):
            say(f"{path}: restored {reference} in plain text")
            restored.append(reference)
        # The tokens are back, so an environment file that cannot be read is no failure.
        with suppress(TokenwardError):
            _say_kept(context, editor, invocation.folder, file, restored)


def _say_kept(
    context: Context, editor: DiskEditor, folder: Path, file: Path, restored: list[Reference]
) -> None:
    source = editor.read(file)
    if source is None:
        return
    environment = read_environment(context, source, folder, editor).file.source
    kept = {reference for _, reference in references_in(environment.text)}
    names = [one.name for one in restored if one in kept]
    path = environment.origin.path
    if names and path and path != file:
        them = "it" if len(names) == 1 else "them"
        say(f"{short(path)} keeps {listed(names)}, because other code may read {them}.")
