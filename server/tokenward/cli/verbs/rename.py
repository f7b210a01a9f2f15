"""`tokenward rename`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tokenward.cli.support.invocation import Setting, require_name
from tokenward.cli.support.terminal import say
from tokenward.errors import EditRefused
from tokenward.places import shown

if TYPE_CHECKING:
    from tokenward.sources.source import Source


def register(app: typer.Typer) -> None:
    app.command()(rename)


def rename(
    old: str = typer.Argument(..., help="A name of this workspace, or a whole keyring:// reference."),
    new: str = typer.Argument(..., help="What to call the token from now on."),
) -> None:
    """Give a stored token another name.

    The references in the workspace's files follow, and its lease stays as it is. The name of a variable in .env stays.
    """
    from tokenward.operations.files.disk_editor import DiskEditor
    from tokenward.operations.stored.find_references import SECONDS, referring_files
    from tokenward.operations.stored.rename import RenameRequest
    from tokenward.operations.stored.rename import rename as carry_out

    require_name(new)
    setting = Setting.here()
    reference = setting.reference(old)
    with setting.context() as context:
        # Before the files, which a stranger's reference must not have read.
        context.bindings.check(reference, setting.folder)
        found = referring_files(setting.folder, reference, setting.settings, context.bindings)
        sources = _read(found.files)
        editor = DiskEditor(notes=setting.places.writes)
        to = carry_out(context, RenameRequest(setting.folder, reference, new, sources), editor)
    if not found.is_whole:
        say(
            f"tokenward: Not every file was looked at within {SECONDS:.0f} seconds; search the rest for {reference}."
        )
    where = ", ".join(shown(source.name) for source in sources)
    say(f"Renamed {reference} to {to}" + (f", also in {where}" if where else ""))


def _read(paths: Sequence[Path]) -> list[Source]:
    """The files as they can be edited; a file that cannot is said."""
    from tokenward.operations.files.disk_editor import DiskEditor

    sources = []
    for path in paths:
        try:
            source = DiskEditor().read(path)
        except EditRefused as error:
            say(f"tokenward: {error}")
            continue
        if source is not None:
            sources.append(source)
    return sources
