"""Finds the places of a notebook's outputs in its file."""

from __future__ import annotations

import re

from tokenward.model import Span

_PARTS = re.compile(r'"(?:[^"\\]|\\.?)*(?:"|\Z)|[{}\[\]:,]', re.DOTALL)
_OUTPUTS = ["", '"cells"', "", '"outputs"']


def outputs_of(text: str) -> list[Span]:
    """Return the places of all outputs in the text of an `.ipynb` file; none for any other text."""
    spans: list[Span] = []
    within: list[str] = []
    """The key of each open list and object."""
    key = last = ""
    start = 0
    for part in _PARTS.finditer(text):
        mark = part[0]
        if mark.startswith('"'):
            last = mark
        elif mark == ":":
            key = last
        elif mark in "[{":
            within.append(key)
            start = part.start() if within == _OUTPUTS else start
            key = ""
        else:
            if mark != "," and within == _OUTPUTS:
                spans.append(Span(start, part.end()))
            if mark != "," and within:
                within.pop()
            key = ""
    return spans
