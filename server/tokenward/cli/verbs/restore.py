"""`tokenward restore`."""

from __future__ import annotations

from pathlib import Path

import typer

from tokenward.cli.support.invocation import Invocation, absolute
from tokenward.cli.support.terminal import say


def restore(
    path: Path = typer.Argument(..., metavar="FILE", help="A file from which tokens were moved."),
    name: str = typer.Option("", "--name", help="Restore only the token with this name."),
) -> None:
    """Put moved tokens back into a file, in plain text.

    They also stay in the keyring.
    """
    from tokenward.operations.files.disk_editor import DiskEditor
    from tokenward.operations.move import restore as restoring

    file = absolute(path)
    invocation = Invocation.here(file.parent)
    with invocation.context() as context:
        editor = DiskEditor(notes=invocation.places.writes)
        for reference in restoring.restore(context, invocation.folder, file, editor, name or None):
            say(f"{path}: restored {reference} in plain text")
