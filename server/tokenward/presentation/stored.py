"""Texts for renaming, deleting, checking and revoking a stored token."""

from __future__ import annotations

from collections.abc import Sequence

from tokenward.model import Reference
from tokenward.phrases import either, listed
from tokenward.places import shown

DELETE = "Delete permanently"
MOST_NAMED = 5
"""The most files that are named; the rest is a number."""
REPLACE = "Replace it"
DANGLING = "dangling-reference"
"""The code of the diagnostic at a reference that resolves to nothing."""


def dangling(reference: Reference) -> str:
    """Return the message at a reference that resolves to nothing."""
    return f"No token is stored for {reference.name}: run `tokenward put {reference.name}`."


def enter_title(reference: Reference) -> str:
    """Return the title of the action that stores the token of such a reference."""
    return f"Store a token for {reference.name}…"


def enter_prompt(name: str, folder: str) -> str:
    """Return the prompt for the value of a token that the user stores."""
    return f"Value of {name}, for programs of {shown(folder)}"


def cannot_enter(name: str) -> str:
    """Return that the client cannot ask for a value."""
    return f"This editor cannot ask you for a hidden value; use `tokenward put {name}`."


def entered(reference: Reference) -> str:
    """Return the message after the user stored a token."""
    return f"Stored {reference}. Programs get it from a line `{reference.name}={reference}` in .env."


def replace_question(reference: Reference) -> str:
    """Return the question before an editor replaces a token's value."""
    return (
        f"Replace the value of {reference}? Everything that refers to it gets the new one, and the keyring keeps no "
        "copy of the old one."
    )


def cannot_ask_to_replace(reference: Reference) -> str:
    """Return that the client cannot ask before a value is replaced."""
    return f"This editor cannot ask you before it replaces a token; use `tokenward put {reference.name} --replace`."


def replaced(reference: Reference, *, is_new: bool) -> str:
    """Return the result of a replacement."""
    if not is_new:
        return f"{reference} already has that value."
    return f"Replaced the value of {reference}; its references and its lease stay."


def look_up_text(look_ups: Sequence[tuple[str, Sequence[str]]], name: str) -> str:
    """Return how code gets the value of a variable, for people; `look_ups` is empty if no language is known."""
    ways = [f"`{look_up}` in {listed(list(suffixes))} files" for look_up, suffixes in look_ups]
    return f"Read it with {either(ways or [f'the variable {name}'])}, and start the program with `tokenward run`."


def delete_question(reference: Reference, files: Sequence[str], *, is_whole: bool) -> str:
    """Return the question before a token is deleted; `files` refer to it, perhaps among others."""
    named = listed(list(map(shown, files)), MOST_NAMED)
    parts = [
        f"Delete {reference} permanently? Everything that refers to it will stop working.",
        f"Files that refer to it: {named}." if files else "",
        "" if is_whole else "Not every file could be searched in time.",
    ]
    return " ".join(filter(None, parts))


def cannot_ask_to_delete(reference: Reference) -> str:
    """Return that the client cannot ask before a token is deleted."""
    return f"This editor cannot ask you before it deletes a token; use `tokenward rm {reference.name}`."


def cannot_ask_before(verb: str, reference: Reference) -> str:
    """Return that the client cannot ask before a token is sent to its provider."""
    return f"This editor cannot ask you before it sends a token; use `tokenward {verb} {reference}`."


def deleted(reference: Reference, *, was_there: bool) -> str:
    """Return the result of deleting a token."""
    return f"Deleted {reference} from the keyring." if was_there else f"{reference} no longer exists."


def renamed(
    old: Reference, new: Reference, files: Sequence[str], left: Sequence[str], *, is_whole: bool
) -> str:
    """Return the result of renaming a token.

    Args:
        old: the reference before.
        new: the reference now.
        files: files in which references were updated.
        left: files in which they could not be.
        is_whole: every file of the workspace was searched.
    """
    parts = [f"Renamed {old} to {new.name}."]
    if files:
        updated = listed(list(map(shown, files)), MOST_NAMED)
        parts.append(f"References in {updated} were updated; save the files that are open.")
    if left:
        unchanged = listed(list(map(shown, left)), MOST_NAMED)
        parts.append(f"References in {unchanged} could not be updated; change them by hand.")
    if not is_whole:
        parts.append("Not every file could be searched in time; search the rest for the old name.")
    return " ".join(parts)
