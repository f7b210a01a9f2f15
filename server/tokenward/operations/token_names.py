"""Names that are tokens: none is given, and of what was typed in a name's place nothing is kept or repeated."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tokenward.custody.bindings.entries import Entries
from tokenward.errors import CustodyError
from tokenward.model import TOKEN_NAME, Reference
from tokenward.operations.context import Context
from tokenward.token_prefixes import is_token_name, is_workspace_name

NO_NAME = "A token's name is letters, digits and `_`, no digit first; choose such a name."
NAME_IS_VALUE = (
    "This name looks like a token itself, and names are kept and shown; choose one such as GITHUB_TOKEN."
)
_DOUBTFUL = re.compile(r"(?=[A-Za-z]*[0-9])[A-Za-z0-9]{12}")


def require_name(context: Context, name: str) -> None:
    """Return only if a new token can be called so.

    Raises:
        CustodyError: it is no name, or a token.
    """
    if not TOKEN_NAME.fullmatch(name):
        raise CustodyError(NO_NAME)
    if not is_token_name(name) or _is_known(context, name):
        raise CustodyError(NAME_IS_VALUE)


def require_known(entries: Entries, references: Iterable[Reference]) -> None:
    """Return only if what looks like a token in a reference is what a stored token was called before that was refused.

    Raises:
        CustodyError: it is not.
    """
    for reference in references:
        is_sound = is_token_name(reference.name) and is_workspace_name(reference.workspace)
        if not is_sound and entries.get(reference) is None:
            raise CustodyError(NAME_IS_VALUE)


def _is_known(context: Context, name: str) -> bool:
    """Return whether the rules take it for a value; of a plain name they are not asked, as they take long to load."""
    if not _DOUBTFUL.search(name):
        return False
    from tokenward.operations.excerpts import without_tokens  # noqa: PLC0415 - it loads the scanner

    try:
        return name not in without_tokens(context.scanner.detector, f'API_TOKEN = "{name}"')
    except TimeoutError:
        return False
