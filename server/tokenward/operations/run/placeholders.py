"""ReferenceMarks: what stands for references while a text is put together, so that no neighbour blurs one."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping

from tokenward.model import Reference, Secret, references_in


class ReferenceMarks:
    """Replaces references by marks, and marks by values. No file can hold a mark, for none was written before now."""

    def __init__(self) -> None:
        self._nonce = secrets.token_hex(8)
        self._mark = re.compile(f"\0{self._nonce}:([0-9]+)\0")
        self._references: list[Reference] = []
        self._numbers: dict[Reference, int] = {}

    def mark(self, text: str) -> str:
        """Return a text with a mark in place of each reference."""
        pieces: list[str] = []
        end = 0
        for span, reference in references_in(text):
            pieces += [text[end : span.start], f"\0{self._nonce}:{self._number(reference)}\0"]
            end = span.end
        return "".join([*pieces, text[end:]])

    def references_of(self, text: str) -> Iterator[Reference]:
        """What the marks in a text stand for."""
        return (self._references[int(found[1])] for found in self._mark.finditer(text))

    def filled(self, text: str, values: Mapping[Reference, Secret]) -> str:
        """Return a text with the value of its reference in place of each mark."""
        return self._mark.sub(lambda found: values[self._references[int(found[1])]].reveal(), text)

    def _number(self, reference: Reference) -> int:
        if reference not in self._numbers:
            self._numbers[reference] = len(self._references)
            self._references.append(reference)
        return self._numbers[reference]
