"""`tokenward rm`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from tokenward.cli.support.invocation import Setting
from tokenward.cli.support.person import require_person, require_yes
from tokenward.cli.support.terminal import say
from tokenward.errors import CustodyError, EntryMissing
from tokenward.model import Reference
from tokenward.places import shown

if TYPE_CHECKING:
    from tokenward.operations.context import Context

SEARCH_SECONDS = 5.0
"""For which files that refer to the token are looked for; nobody waits longer for a deletion."""
MOST_NAMED = 5
"""Files that are named."""


def register(app: typer.Typer) -> None:
    app.command("rm")(remove)


def remove(
    name: str = typer.Argument(..., help="A name of this workspace, or a whole keyring:// reference."),
    yes: bool = typer.Option(False, "--yes", "-y", help="Do not ask."),
) -> None:
    """Delete a stored token from the keyring.

    What refers to it stops working; the files that do are named first.
    """
    from tokenward.operations.stored.store import remove as delete

    setting = Setting.here()
    reference = setting.reference(name)
    otherwise = f"Deleting {reference} needs a yes; say so by `--yes`."
    if not yes:
        require_person(otherwise)
    with setting.context() as context:
        _tell_of_uses(context, setting, reference)
        require_yes(f"Delete {reference} for good?", otherwise=otherwise, given=yes)
        if not delete(context, setting.folder, reference):
            raise EntryMissing(f"There is no {reference}; see `tokenward list`.")
    say(f"Deleted {reference}")


def _tell_of_uses(context: Context, setting: Setting, reference: Reference) -> None:
    """Name the files that refer to a token of this workspace; of another's nothing is told."""
    from tokenward.operations.stored.find_references import referring_files

    try:
        context.bindings.check(reference, setting.folder)
    except CustodyError:
        return
    if context.entries.get(reference) is None:
        return
    found = referring_files(
        setting.folder, reference, setting.settings, context.bindings, seconds=SEARCH_SECONDS
    )
    names = [shown(path.relative_to(setting.folder)) for path in found.files[:MOST_NAMED]]
    more = [f"{len(found.files) - MOST_NAMED} more"] if len(found.files) > MOST_NAMED else []
    if names:
        say(f"Still referring to {reference}: {', '.join([*names, *more])}")
    if not found.is_whole:
        say(
            f"Not every file was looked at within {SEARCH_SECONDS:.0f} seconds; search the rest for {reference}."
        )
