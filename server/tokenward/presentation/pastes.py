"""Texts for pasting references in place of tokens."""

from __future__ import annotations

from collections.abc import Sequence

from tokenward.phrases import listed
from tokenward.places import shown

_MOST_NAMED = 3


def title(names: Sequence[str]) -> str:
    """Return the title of the offer.

    Args:
        names: the names that the tokens would get in the keyring.
    """
    if len(names) == 1:
        return f"Paste as keyring reference {names[0]}"
    return f"Paste as {len(names)} keyring references"


def label(tokens: Sequence[str]) -> str:
    """Return the kinds of the tokens, such as `GitHub token`, without repetitions."""
    return listed(list(dict.fromkeys(tokens)), _MOST_NAMED)


def stored(tokens: Sequence[str], references: Sequence[str], env_file: str) -> str:
    """Return where the tokens are now.

    Args:
        tokens: the kind of each token.
        references: the references that were pasted.
        env_file: the name of the environment file if that changed too; otherwise empty.
    """
    tokens_are = f"The {tokens[0]} is" if len(tokens) == 1 else f"The {len(tokens)} tokens are"
    saving = f" Save {shown(env_file)} too." if env_file else ""
    return f"{tokens_are} now in the keyring. Pasted {listed(references, _MOST_NAMED)} instead.{saving}"
