"""Recorded sessions of real programs, with a token in place of a placeholder of the same width."""

from __future__ import annotations

import string
from functools import cache
from pathlib import Path

from tokenward.model import Span
from tokenward.sources.stream.stream import Stream

FOLDER = Path(__file__).parent.parent / "fixtures" / "streams"
COLUMNS = 80
"""The width of the recorded terminal."""
PLACEHOLDER = string.ascii_lowercase + string.ascii_uppercase[:14]
"""As wide as a GitHub token, with each letter once."""


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.raw"))


@cache
def recorded(name: str) -> bytes:
    return FOLDER.joinpath(f"{name}.raw").read_bytes()


def filled(name: str, token: str) -> tuple[bytes, int]:
    """Return a recording with a token in place of each visible placeholder, and their number."""
    assert len(token) == len(PLACEHOLDER)
    data = bytearray(recorded(name))
    stream, count = Stream(COLUMNS), 0
    for segment in [*stream.feed(bytes(data)), *stream.finish()]:
        place = segment.text.find(PLACEHOLDER)
        while place >= 0:
            count += 1
            for at, character in enumerate(token, place):
                for start, end in segment.received(Span(at, at + 1)):
                    data[start:end] = character.encode()
            place = segment.text.find(PLACEHOLDER, place + 1)
    return bytes(data), count
