"""References among the arguments of a credential helper."""

from __future__ import annotations

from tokenward.errors import TokenwardError
from tokenward.model import Reference, references_in


def reference_in(word: str) -> Reference:
    """Return the reference that a word is.

    Raises:
        TokenwardError: it is not a reference; the word is not repeated, because it may be a value.
    """
    for span, reference in references_in(word):
        if len(span) == len(word):
            return reference
    raise TokenwardError("An argument is not a reference; write keyring://WORKSPACE/NAME.")
