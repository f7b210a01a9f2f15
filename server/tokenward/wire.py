"""Frames between a process and a Child of it: the lengths of two parts, then JSON, then raw bytes."""

from __future__ import annotations

import json
import os
import struct
from typing import Any, BinaryIO

Frame = dict[str, Any]

_LENGTHS = struct.Struct(">II")
_MOST = (1 << 24, 1 << 26)
"""Bytes of each part, because the process at the other side may not be trusted."""


class ChildLost(Exception):
    """A child ended, or was ended because it did not answer in time.

    Attributes:
        is_late: it was ended.
        returncode: as of `subprocess.Popen`.
    """

    def __init__(self, returncode: int | None, *, is_late: bool) -> None:
        super().__init__()
        self.returncode = returncode
        self.is_late = is_late


def write_frame(stream: BinaryIO, frame: Frame, raw: bytes | memoryview = b"") -> None:
    """Write a frame."""
    body = json.dumps(frame).encode()
    stream.write(_LENGTHS.pack(len(body), len(raw)) + body)
    stream.write(raw)
    stream.flush()


def read_frame(stream: BinaryIO) -> Frame | None:
    """Return the next frame, with its raw bytes as `raw`; None if the other side has ended, or sent anything else.

    Raises:
        ValueError: its JSON cannot be read.
    """
    head = stream.read(_LENGTHS.size)
    if len(head) < _LENGTHS.size:
        return None
    lengths = _LENGTHS.unpack(head)
    if any(length > most for length, most in zip(lengths, _MOST, strict=True)):
        return None
    body, raw = (stream.read(length) for length in lengths)
    if (len(body), len(raw)) != lengths:
        return None
    frame = json.loads(body)
    if not isinstance(frame, dict):
        return None
    return {**frame, "raw": raw} if raw else frame


def private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Return a child's pipes, from its parent and to it, and close its standard streams, which a library may use."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    return requests, answers
