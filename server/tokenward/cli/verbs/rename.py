"""`tokenward rename`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from tokenward.cli.support.invocation import Invocation, require_name
from tokenward.cli.support.options import NAME
from tokenward.cli.support.person import refuse_assistants
from tokenward.cli.support.terminal import note, say
from tokenward.errors import EditRefused
from tokenward.operations.files.disk_editor import DiskEditor
from tokenward.operations.stored.find_references import SECONDS, referring_files
from tokenward.operations.stored.rename import RenameRequest
from tokenward.operations.stored.rename import rename as carry_out
from tokenward.places import shown
from tokenward.sources.source import Source


def rename(
    old: str = NAME,
    new: str = typer.Argument(..., help="The new name."),
) -> None:
    """Rename a stored token.

    References in the workspace's files are updated. The lease and the names of variables in .env stay the same.
    """
    require_name(new)
    refuse_assistants()
    invocation = Invocation.here()
    reference = invocation.reference(old)
    with invocation.context() as context:
        # Checked first, so that no file is read for another workspace's reference.
        context.bindings.check(reference, invocation.folder)
        found = referring_files(invocation.folder, reference, invocation.settings, context.bindings)
        sources = _read(found.files)
        editor = DiskEditor(notes=invocation.places.writes)
        to = carry_out(context, RenameRequest(invocation.folder, reference, new, sources), editor)
    if not found.is_whole:
        note(
            f"Not every file could be searched within {SECONDS:.0f} seconds; search the rest for {reference}."
        )
    where = ", ".join(sorted(shown(source.name) for source in sources))
    say(f"Renamed {reference} to {to}" + (f" and updated {where}" if where else ""))


def _read(paths: Sequence[Path]) -> list[Source]:
    """Return the files that can be edited; report the others."""
    sources = []
    for path in paths:
        try:
            source = DiskEditor().read(path)
        except EditRefused as error:
            note(error)
            continue
        if source is not None:
            sources.append(source)
    return sources
