"""`tokenward restore`."""

from __future__ import annotations

from pathlib import Path

import typer

from tokenward.cli.support.invocation import Setting, absolute
from tokenward.cli.support.terminal import say


def register(app: typer.Typer) -> None:
    app.command()(restore)


def restore(
    path: Path = typer.Argument(..., metavar="FILE", help="A file that tokens were moved out of."),
    name: str = typer.Option("", "--name", help="Only the token of this name."),
) -> None:
    """Put moved tokens back into a file in plain text.

    The keyring keeps them too.
    """
    from tokenward.operations.files.disk_editor import DiskEditor
    from tokenward.operations.move.restore import restore as put_back

    file = absolute(path)
    setting = Setting.here(file.parent)
    with setting.context() as context:
        editor = DiskEditor(notes=setting.places.writes)
        for restored in put_back(context, setting.folder, file, editor, name or None):
            say(f"{path}: put {restored.reference} back in plain text")
