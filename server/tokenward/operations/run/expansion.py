"""atoms: `${NAME}` and `${NAME:-default}` in a value of a dotenv file, found as python-dotenv finds them.

Its own pattern takes time that grows with the square of a hostile value's length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_STOP = re.compile(r"[:}]")


@dataclass(frozen=True, slots=True)
class Variable:
    """A `${NAME}`; the default is empty where none is given."""

    name: str
    default: str


def atoms(text: str) -> Iterator[str | Variable]:
    """Yield the variables of a value and the texts between them, in order."""
    done = place = 0
    stop = -1
    while (place := text.find("${", place)) >= 0:
        if stop < place + 2:
            found = _STOP.search(text, place + 2)
            stop = found.start() if found else len(text)
        end = text.find("}", stop) if text.startswith((":-", "}"), stop) else stop
        if end < 0 or stop == len(text):
            break
        if text[end] != "}":
            place += 2
            continue
        yield text[done:place]
        yield Variable(text[place + 2 : stop], text[stop + 2 : end])
        done = place = end + 1
    yield text[done:]
