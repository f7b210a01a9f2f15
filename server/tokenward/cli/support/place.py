"""A place in a file, as `tokenward scan` prints it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

from tokenward.errors import TokenwardError
from tokenward.places import shown

_PLACES = (
    re.compile(r"(.+):([1-9][0-9]{0,9}):([1-9][0-9]{0,9}):?", re.DOTALL),
    re.compile(r"(.+):([1-9][0-9]{0,9}):?()", re.DOTALL),
)
_ESCAPE = re.compile(r"\\(\\|u[0-9a-f]{4})")


class Place(NamedTuple):
    """A line of a file, and maybe a character of it.

    Attributes:
        line: from 0.
        character: from 0, in UTF-16 units; None for the whole line.
    """

    path: Path
    line: int
    character: int | None


def parse_place(text: str) -> Place:
    """What `FILE:LINE` or `FILE:LINE:COLUMN` means; a file's name may hold colons, and be spelled as reports do.

    Raises:
        TokenwardError: no such file is there, or no line is named.
    """
    matches = [match for pattern in _PLACES if (match := pattern.fullmatch(text))]
    for match in matches:
        for name in (match[1], _unspelled(match[1])):
            if os.path.lexists(name):
                return Place(Path(name), int(match[2]) - 1, int(match[3]) - 1 if match[3] else None)
    if matches:
        raise TokenwardError(f"{shown(matches[0][1])} is not there; name a file that is.")
    raise TokenwardError(f"{shown(text)} names no line; write FILE:LINE as `tokenward scan` prints it.")


def _unspelled(text: str) -> str:
    """The name that a report spells so."""
    plain = _ESCAPE.sub(lambda found: "\\" if found[1] == "\\" else chr(int(found[1][1:], 16)), text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
