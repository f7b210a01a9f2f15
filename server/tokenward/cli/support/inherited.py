"""The environment that this process was started with."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from tokenward.custody.callers.asker import asking_process


def inherited_environment() -> dict[str, str]:
    """Return the environment of the asking process; bytes that are not UTF-8 become lone surrogates."""
    if os.name == "nt":
        return dict(os.environ)
    given = {_decode(name): _decode(value) for name, value in os.environb.items()}
    # In the C locale Python sets LC_CTYPE for its children (PEP 538); undo that where it can be detected.
    try:
        started_with = Path("/proc", str(asking_process()), "environ").read_bytes()
    except OSError:
        return given
    if b"\0LC_CTYPE=" not in b"\0" + started_with:
        given.pop("LC_CTYPE", None)
    return given


def encode_environment(environment: Mapping[str, str]) -> dict[bytes, bytes]:
    """Return an environment as bytes, as the system expects it."""
    return {
        name.encode("utf-8", "surrogateescape"): value.encode("utf-8", "surrogateescape")
        for name, value in environment.items()
    }


def _decode(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")
