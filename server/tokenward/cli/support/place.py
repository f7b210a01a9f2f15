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


class NamedPlace(NamedTuple):
    """A file, or a line of it, or a character.

    Attributes:
        line: from 0; None for the whole file.
        character: from 0, in UTF-16 units; None for the whole line.
    """

    path: Path
    line: int | None = None
    character: int | None = None


def parse_place(text: str, *, may_be_file: bool = False) -> NamedPlace:
    """Parse `FILE:LINE` or `FILE:LINE:COLUMN`; the name may contain colons, and be spelled as in reports.

    With `may_be_file`, a file or folder without a line is a place too, and takes precedence.

    Raises:
        TokenwardError: the file does not exist, or there is no line.
    """
    if may_be_file and os.path.lexists(text):
        return NamedPlace(Path(text))
    matches = [match for pattern in _PLACES if (match := pattern.fullmatch(text))]
    for match in matches:
        for name in (match[1], _unspell(match[1])):
            if os.path.lexists(name):
                return NamedPlace(Path(name), int(match[2]) - 1, int(match[3]) - 1 if match[3] else None)
    if matches or may_be_file:
        raise TokenwardError(f"{shown(matches[0][1] if matches else text)} does not exist; check the path.")
    raise TokenwardError(f"{shown(text)} has no line; write FILE:LINE as `tokenward scan` prints it.")


def _unspell(text: str) -> str:
    """Return the name that a report spells this way."""
    plain = _ESCAPE.sub(lambda found: "\\" if found[1] == "\\" else chr(int(found[1][1:], 16)), text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
