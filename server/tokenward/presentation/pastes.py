"""Texts for pasting references in place of tokens."""

from __future__ import annotations

from collections.abc import Sequence

from tokenward.language import said
from tokenward.phrases import counted, listed
from tokenward.places import shown

_MOST_NAMED = 3


def title(names: Sequence[str]) -> str:
    """Return the title of the offer; the names are those that the tokens would get in the keyring."""
    if len(names) == 1:
        return said("Paste as keyring reference {name}", name=names[0])
    return said("Paste as {count} keyring references", count=len(names))


def label(tokens: Sequence[str]) -> str:
    """Return the kinds of the tokens, such as `GitHub token`, without repetitions."""
    return listed(list(dict.fromkeys(tokens)), _MOST_NAMED)


def stored(tokens: Sequence[str], references: Sequence[str], env_file: str) -> str:
    """Return where tokens of these kinds are now; without a change of the environment file, its name is empty."""
    text = said(
        "Moved {tokens} to the keyring and pasted {references} instead.",
        tokens=said("the {token}", token=tokens[0]) if len(tokens) == 1 else counted(len(tokens), "token"),
        references=listed(references, _MOST_NAMED),
    )
    return f"{text} {said('Save {file} too.', file=shown(env_file))}" if env_file else text
