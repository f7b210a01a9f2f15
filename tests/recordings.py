"""Recorded sessions of real programs, with a token where they have a placeholder of its width."""

from __future__ import annotations

import string
from functools import cache
from pathlib import Path

from tokenward.model import Span
from tokenward.sources.stream.stream import Stream

FOLDER = Path(__file__).parent.parent / "fixtures" / "streams"
COLUMNS = 80
"""The width of the terminal that they were recorded in."""
PLACEHOLDER = string.ascii_lowercase + string.ascii_uppercase[:14]
"""As wide as a GitHub token, each letter once."""


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.raw"))


@cache
def recorded(name: str) -> bytes:
    return FOLDER.joinpath(f"{name}.raw").read_bytes()


def filled(name: str, token: str) -> tuple[bytes, int]:
    """What was recorded, with a token wherever the placeholder is seen; and how often that is."""
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
