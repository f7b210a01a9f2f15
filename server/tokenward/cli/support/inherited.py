"""The environment that this process was given."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path


def inherited() -> dict[str, str]:
    """All of it; bytes that are no UTF-8 are kept, as lone surrogates."""
    added = _set_by_python()
    return {name: value for name, value in _given() if name not in added}


def encoded(environment: Mapping[str, str]) -> dict[bytes, bytes]:
    """An environment as the system takes it."""
    return {_bytes(name): _bytes(value) for name, value in environment.items()}


def _given() -> Iterable[tuple[str, str]]:
    if os.name == "nt":
        return os.environ.items()
    return ((_text(name), _text(value)) for name, value in os.environb.items())


def _set_by_python() -> set[str]:
    """In the C locale Python sets LC_CTYPE for its children (PEP 538); where that can be told, it is undone."""
    try:
        given = Path("/proc/self/environ").read_bytes()
    except OSError:
        return set()
    return set() if b"\0LC_CTYPE=" in b"\0" + given else {"LC_CTYPE"}


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
