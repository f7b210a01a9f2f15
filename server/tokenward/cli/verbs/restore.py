"""`tokenward restore`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tokenward.cli.support.invocation import Invocation, absolute
from tokenward.cli.support.terminal import say
from tokenward.phrases import listed

if TYPE_CHECKING:
    from tokenward.model import Reference


def restore(
    path: Path = typer.Argument(..., metavar="FILE", help="A file from which tokens were moved."),
    name: str = typer.Option("", "--name", help="Restore only the token with this name."),
) -> None:
    """Put moved tokens back into a file, in plain text.

    They also stay in the keyring.
    """
    from tokenward.cli.move_output.outcomes import short
    from tokenward.operations.files.disk_editor import DiskEditor
    from tokenward.operations.move import restore as restoring
    from tokenward.operations.move.environment_line import read_environment

    file = absolute(path)
    invocation = Invocation.here(file.parent)
    with invocation.context() as context:
        editor = DiskEditor(notes=invocation.places.writes)
        restored: list[Reference] = []
        for reference in restoring.restore(context, invocation.folder, file, editor, name or None):
            say(f"{path}: restored {reference} in plain text")
            restored.append(reference)
        source = editor.read(file)
        if source is not None:
            env = read_environment(context, source, invocation.folder, editor).file.source
            names = [one.name for one in restored if str(one) in env.text]
            if names and env.origin.path and env.origin.path != file:
                them = "it" if len(names) == 1 else "them"
                say(f"{short(env.origin.path)} keeps {listed(names)}, because other code may read {them}.")
