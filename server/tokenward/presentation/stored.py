"""Texts for renaming, deleting, checking and revoking a stored token."""

from __future__ import annotations

from collections.abc import Sequence

from tokenward.language import either, listed, phrase, said
from tokenward.model import Reference
from tokenward.places import shown

DELETE = phrase("Delete permanently")
MOST_NAMED = 5
"""The most files that are named; the rest is a number."""
REPLACE = phrase("Replace it")
CANNOT_ASK = phrase("This editor cannot ask you first; use `tokenward {command}`.")
DANGLING = "dangling-reference"
"""The code of the diagnostic at a reference that resolves to nothing."""


def cannot_ask(command: str) -> str:
    """Return that the client cannot ask first, and the command that does."""
    return said(CANNOT_ASK, command=command)


def dangling(reference: Reference) -> str:
    """Return the message at a reference that resolves to nothing."""
    return said("No token is stored for {name}: run `tokenward put {name}`.", name=reference.name)


def enter_title(reference: Reference) -> str:
    """Return the title of the action that stores the token of such a reference."""
    return said("Store a token for {name}…", name=reference.name)


def enter_prompt(name: str, folder: str) -> str:
    """Return the prompt for the value of a token that the user stores."""
    return said("Value of {name}, for programs of {folder}", name=name, folder=shown(folder))


def cannot_enter(name: str) -> str:
    """Return that the client cannot ask for a value."""
    return said("This editor cannot ask you for a hidden value; use `tokenward put {name}`.", name=name)


def entered(reference: Reference) -> str:
    """Return the message after the user stored a token."""
    return said(
        "Stored {reference}. Programs get it from a line `{name}={reference}` in .env.",
        reference=reference,
        name=reference.name,
    )


def replace_question(reference: Reference) -> str:
    """Return the question before an editor replaces a token's value."""
    return said(
        "Replace the value of {reference}? Everything that refers to it gets the new one, and the keyring keeps no "
        "copy of the old one.",
        reference=reference,
    )


def replaced(reference: Reference, *, is_new: bool) -> str:
    """Return the result of a replacement."""
    if not is_new:
        return said("{reference} already has that value.", reference=reference)
    return said("Replaced the value of {reference}; its references and its lease stay.", reference=reference)


def look_up_text(look_ups: Sequence[tuple[str, Sequence[str]]], name: str) -> str:
    """Return how code gets the value of a variable, for people; `look_ups` is empty if no language is known."""
    ways = [f"`{look_up}` in {listed(list(suffixes))} files" for look_up, suffixes in look_ups]
    return f"Read it with {either(ways or [f'the variable {name}'])}, and start the program with `tokenward run`."


def delete_question(reference: Reference, files: Sequence[str], *, is_whole: bool) -> str:
    """Return the question before a token is deleted; `files` refer to it, perhaps among others."""
    named = listed(list(map(shown, files)), MOST_NAMED)
    parts = [
        said(
            "Delete {reference} permanently? Everything that refers to it will stop working.",
            reference=reference,
        ),
        said("Files that refer to it: {files}.", files=named) if files else "",
        "" if is_whole else said("Not every file could be searched in time."),
    ]
    return " ".join(filter(None, parts))


def deleted(reference: Reference, *, was_there: bool) -> str:
    """Return the result of deleting a token."""
    if was_there:
        return said("Deleted {reference} from the keyring.", reference=reference)
    return said("{reference} no longer exists.", reference=reference)


def renamed(
    old: Reference, new: Reference, files: Sequence[str], left: Sequence[str], *, is_whole: bool
) -> str:
    """Return the result of renaming a token; in the files `left`, references could not be updated."""
    parts = [said("Renamed {old} to {new}.", old=old, new=new.name)]
    if files:
        updated = listed(list(map(shown, files)), MOST_NAMED)
        parts.append(said("References in {files} were updated; save the files that are open.", files=updated))
    if left:
        unchanged = listed(list(map(shown, left)), MOST_NAMED)
        parts.append(
            said("References in {files} could not be updated; change them by hand.", files=unchanged)
        )
    if not is_whole:
        parts.append(said("Not every file could be searched in time; search the rest for the old name."))
    return " ".join(parts)
