"""What is said of references that are pasted in place of tokens."""

from __future__ import annotations

from collections.abc import Sequence

from tokenward.places import shown

_MOST_NAMED = 3


def title(names: Sequence[str]) -> str:
    """What the offer is called.

    Args:
        names: what the tokens would be called in the keyring.
    """
    if len(names) == 1:
        return f"Paste as keyring reference {names[0]}"
    return f"Paste as {len(names)} keyring references"


def label(tokens: Sequence[str]) -> str:
    """What the tokens are, each as a person calls it."""
    return _listed(list(dict.fromkeys(tokens)))


def stored(tokens: Sequence[str], references: Sequence[str], env_file: str) -> str:
    """Where the tokens are now.

    Args:
        tokens: as a person calls each.
        references: what stands for them.
        env_file: the name of the environment file if that changes too; else empty.
    """
    what = f"The {tokens[0]} is" if len(tokens) == 1 else f"The {len(tokens)} tokens are"
    saving = f" Save {shown(env_file)}, too." if env_file else ""
    return f"{what} in the keyring as {_listed(references)}, which is pasted instead.{saving}"


def _listed(words: Sequence[str]) -> str:
    named = list(words[:_MOST_NAMED])
    if len(words) > _MOST_NAMED:
        named.append(f"{len(words) - _MOST_NAMED:,} more")
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
