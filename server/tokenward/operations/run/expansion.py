"""The parts of an environment file's values: `${NAME}`, plain text, and references."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping

from tokenward.fast_dataclasses import dataclass
from tokenward.model import Reference, Secret, references_in

_STOP = re.compile(r"[:}]")


@dataclass(frozen=True, slots=True)
class Variable:
    """A `${NAME}`; the default is empty if none is given."""

    name: str
    default: str


def atoms(text: str) -> Iterator[str | Variable]:
    """Yield the variables of a value, and the texts between them, as python-dotenv finds them.

    python-dotenv's own pattern takes quadratic time on a hostile value.
    """
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


class ReferenceMarks:
    """Replaces references with marks while a text is assembled, and then marks with values.

    Thus no neighbouring text blurs a reference. No file can contain a mark, because none was ever written.
    """

    def __init__(self) -> None:
        self._nonce = os.urandom(8).hex()
        self._mark = re.compile(f"\0{self._nonce}:([0-9]+)\0")
        self._references: list[Reference] = []
        self._numbers: dict[Reference, int] = {}

    def mark(self, text: str) -> str:
        """Return a text with a mark instead of each reference."""
        pieces: list[str] = []
        end = 0
        for span, reference in references_in(text):
            number = self._numbers.setdefault(reference, len(self._references))
            if number == len(self._references):
                self._references.append(reference)
            pieces += [text[end : span.start], f"\0{self._nonce}:{number}\0"]
            end = span.end
        return "".join([*pieces, text[end:]])

    def references_of(self, text: str) -> Iterator[Reference]:
        """Yield the references behind the marks in a text."""
        return (self._references[int(found[1])] for found in self._mark.finditer(text))

    def filled(self, text: str, values: Mapping[Reference, Secret]) -> str:
        """Return a text with the values instead of the marks."""
        return self._mark.sub(lambda found: values[self._references[int(found[1])]].reveal(), text)
