"""The variable or key before a token on its line, by which people recognise it in a list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tokenward.detection.detection import Detection
from tokenward.token_prefixes import looks_like_token

_LONGEST_OPENING = 160
_SHARED_CHARACTERS = 12
"""If a name and a value have so many characters in common, this is no coincidence."""
_ASSIGNED = re.compile(
    r"(?<![\w/@+.-])(?:[A-Za-z_][\w-]{0,59}\.){0,4}([A-Za-z_][\w-]{0,59})(?:\\?[\"'])?\]?"
    r"(?:[ \t]?:[ \t]?[\w.]{1,30})?[ \t]{0,20}(?::=|=>?|:)[ \t]{0,20}"
    r"(?:\\?[\"'`]|[rbfu]\")?(?:(?i:bearer|token|basic)[ ])?\Z",
    re.ASCII,
)


def names_before(text: str, detections: Sequence[Detection]) -> Iterator[str]:
    """Yield the name before each token, in order; empty without one, or if a detected token may be in it."""
    openings = {detection.secret.reveal()[:_SHARED_CHARACTERS].lower() for detection in detections}
    free = 0
    for detection in detections:
        start = detection.span.start
        opening = max(0, start - _LONGEST_OPENING)
        found = _ASSIGNED.search(text[opening:start])
        name = found[1] if found and opening + found.start(1) >= free else ""
        yield "" if looks_like_token(name) or openings & _parts(name.lower()) else name
        free = max(free, detection.span.end)


def _parts(name: str) -> set[str]:
    last = max(0, len(name) - _SHARED_CHARACTERS)
    return {name[start : start + _SHARED_CHARACTERS] for start in range(last + 1)}
