"""Commands as an agent runs them: through `tokenward exec --mask`, which masks what they print."""

from __future__ import annotations

import os
import re
import shlex

_SHELL = '"${BASH:-${SHELL:-sh}}"'
"""The shell that runs the rest of the line, as far as it says which it is."""
_CHANGE = re.compile(r"\s*cd\s+(?:[\w./~+@-]+|'[^'\n]*')\s*(?:(?:&&|;|\n)\s*|\Z)")
"""A change of folder, which has to happen in the agent's own shell, and prints nothing."""


def masked_command(program: str, line: str) -> str:
    """Return a shell's line that runs a line and masks its output; `program` is the path of Tokenward.

    It is returned unchanged if it is such a line already, or if it only changes the folder.
    """
    changes, rest = _split(line)
    if not rest.strip() or is_masked(program, rest):
        return line
    return f"{changes}{_opening(program)}{shlex.quote(rest)}"


def is_masked(program: str, line: str) -> bool:
    """Return whether a line is exactly one that `masked_command` returns, and so holds no other command."""
    _, rest = _split(line)
    opening = _opening(program)
    if not rest.startswith(opening):
        return False
    quoted = rest[len(opening) :]
    try:
        words = shlex.split(quoted)
    except ValueError:
        return False
    return len(words) == 1 and quoted == shlex.quote(words[0])


def _opening(program: str) -> str:
    return f"{shlex.quote(program)} exec --mask -- {_SHELL} -c "


def _split(line: str) -> tuple[str, str]:
    """Return the changes of folder with which a line begins, and the rest."""
    end = 0
    while end < len(line) and (found := _CHANGE.match(line, end)):
        end = found.end()
    return line[:end], line[end:]


def can_mask() -> bool:
    """Return whether this system can run commands masked."""
    return os.name != "nt"
