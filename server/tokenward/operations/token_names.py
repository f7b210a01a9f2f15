"""Refuses names that are tokens; a token typed instead of a name is neither stored nor repeated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tokenward.custody.bindings.entries import Entries
from tokenward.errors import CustodyError
from tokenward.language import phrase
from tokenward.model import TOKEN_NAME, Reference
from tokenward.operations.context import Context
from tokenward.rewriting.variables import is_dangerous
from tokenward.token_prefixes import is_token_name, is_workspace_name

NO_NAME = phrase(
    "A token's name consists of letters, digits and `_`, and does not start with a digit; choose such a name."
)
NAME_IS_VALUE = phrase(
    "This name looks like a token itself, and names are recorded and shown; choose one such as GITHUB_TOKEN."
)
_SHARED_CHARACTERS = 12
"""If a name and a value have so many characters in common, this is no coincidence."""
_DOUBTFUL = re.compile(r"(?=[A-Za-z]*[0-9])[A-Za-z0-9]{12}")


def require_name(context: Context, name: str) -> None:
    """Raise unless a new token may have this name.

    Raises:
        CustodyError: it is not a valid name, or is a token.
    """
    if not TOKEN_NAME.fullmatch(name):
        raise CustodyError(NO_NAME)
    if not is_token_name(name) or _is_value(context, name):
        raise CustodyError(NAME_IS_VALUE)


def require_known(entries: Entries, references: Iterable[Reference]) -> None:
    """Raise if a reference contains a token, unless an older stored token really has that name.

    Raises:
        CustodyError: it contains a token.
    """
    for reference in references:
        is_sound = is_token_name(reference.name) and is_workspace_name(reference.workspace)
        if not is_sound and entries.get(reference) is None:
            raise CustodyError(NAME_IS_VALUE)


def letters(text: str) -> str:
    """Return the letters and digits by which names and values are compared."""
    return "".join(filter(str.isalnum, text)).lower()


def repeats(name: str, values: Sequence[str]) -> bool:
    """Return whether a name repeats a part of a value, given the values' letters: names are no secrets."""
    plain = letters(name)
    if len(plain) < _SHARED_CHARACTERS:
        return False
    start = plain[:_SHARED_CHARACTERS]
    return any(value[:_SHARED_CHARACTERS] in plain or start in value for value in values)


def is_fit(name: str, values: Sequence[str]) -> bool:
    """Return whether a name from a file may name a token: it shows no value, and harms no program."""
    return is_token_name(name) and not is_dangerous(name) and not repeats(name, values)


def _is_value(context: Context, name: str) -> bool:
    """Return whether the rules match a name; plain names skip the rules, which load slowly."""
    if not _DOUBTFUL.search(name):
        return False
    from tokenward.operations.excerpts import without_tokens  # noqa: PLC0415 - it loads the scanner

    try:
        return name not in without_tokens(context.scanner.detector, f'API_TOKEN = "{name}"')
    except TimeoutError:
        return False
