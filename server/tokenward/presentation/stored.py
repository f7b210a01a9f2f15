"""What is said of a stored token that is renamed, deleted or asked about."""

from __future__ import annotations

from collections.abc import Sequence

from tokenward.model import Reference
from tokenward.places import shown

DELETE = "Delete it for good"
MOST_NAMED = 5
"""Files that are named; of more only the number is said."""


def delete_question(reference: Reference) -> str:
    return f"Delete {reference} for good? What refers to it stops working."


def cannot_ask_to_delete(reference: Reference) -> str:
    return f"This editor cannot ask you before a token is deleted; use `tokenward rm {reference.name}`."


def cannot_ask_before(verb: str, reference: Reference) -> str:
    """That a client cannot put the question that comes before a token is sent anywhere."""
    return f"This editor cannot ask you before a token is sent anywhere; use `tokenward {verb} {reference}`."


def deleted(reference: Reference, *, was_there: bool) -> str:
    return f"Deleted {reference} from the keyring." if was_there else f"There is no {reference} any more."


def renamed(
    old: Reference, new: Reference, files: Sequence[str], left: Sequence[str], *, is_whole: bool
) -> str:
    """What a renaming came to.

    Args:
        old: what the token was called.
        new: what it is called now.
        files: in which it was renamed.
        left: in which it could not be.
        is_whole: every file of the workspace was looked at.
    """
    parts = [f"{old} is called {new.name} now."]
    if files:
        parts.append(f"The references in {_named(files)} follow; save what is not saved yet.")
    if left:
        parts.append(f"Those in {_named(left)} could not be edited, so change them by hand.")
    if not is_whole:
        parts.append("Not every file was looked at in time, so search for the old name.")
    return " ".join(parts)


def _named(files: Sequence[str]) -> str:
    first = [shown(name) for name in files[:MOST_NAMED]]
    if len(files) > MOST_NAMED:
        return f"{', '.join(first)} and {len(files) - MOST_NAMED:,} more"
    return " and ".join(filter(None, [", ".join(first[:-1]), first[-1]]))
