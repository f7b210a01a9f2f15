"""`tokenward rm`."""

from __future__ import annotations

from tokenward.cli.support.invocation import Invocation
from tokenward.cli.support.options import NAME, YES
from tokenward.cli.support.person import require_person, require_yes
from tokenward.cli.support.terminal import say
from tokenward.errors import CustodyError, EntryMissing
from tokenward.model import Reference
from tokenward.operations.context import Context
from tokenward.operations.leave.survey import files_in_need
from tokenward.operations.stored.find_references import referring_files
from tokenward.operations.stored.remove import remove as delete
from tokenward.places import shown

SEARCH_SECONDS = 5.0
"""The longest search for files that refer to the token, so that a deletion is not delayed."""
MOST_NAMED = 20
"""The most files that are named."""


def remove(
    name: str = NAME,
    yes: bool = YES,
) -> None:
    """Delete a stored token from the keyring.

    Anything that refers to it stops working. Files that do are listed first, also those in other folders.
    """
    invocation = Invocation.here()
    reference = invocation.reference(name)
    otherwise = f"Deleting {reference} requires confirmation; pass `--yes`."
    if not yes:
        require_person(otherwise)
    with invocation.context() as context:
        _print_referring_files(context, invocation, reference)
        require_yes(f"Delete {reference} permanently?", otherwise=otherwise, given=yes)
        if not delete(context, invocation.folder, reference):
            raise EntryMissing(f"{reference} does not exist; `tokenward list` shows the stored tokens.")
    say(f"Deleted {reference}")


def _print_referring_files(context: Context, invocation: Invocation, reference: Reference) -> None:
    """Print the files that refer to a token of this workspace; nothing for a token of another one."""
    try:
        context.bindings.check(reference, invocation.folder)
    except CustodyError:
        return
    if context.entries.get(reference) is None:
        return
    found = referring_files(
        invocation.folder, reference, invocation.settings, context.bindings, seconds=SEARCH_SECONDS
    )
    here = invocation.folder
    files = sorted({*found.files, *files_in_need(context, reference)})
    names = [shown(path.relative_to(here) if path.is_relative_to(here) else path) for path in files]
    more = [f"{len(names) - MOST_NAMED} more"] if len(names) > MOST_NAMED else []
    del names[MOST_NAMED:]
    if names:
        say(f"Files that still refer to {reference}: {', '.join([*names, *more])}")
    if not found.is_whole:
        say(
            f"Not every file could be searched within {SEARCH_SECONDS:.0f} seconds; search the rest for {reference}."
        )
