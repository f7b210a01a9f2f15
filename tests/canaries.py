"""Canaries: planted tokens, and a search for them in everything that a program wrote, sent or showed."""

from __future__ import annotations

import base64
import contextlib
import functools
import hashlib
import os
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import tokens

PIECE = 12
"""The number of characters to search for; a part of a value is a leak too."""


def planted() -> dict[str, str]:
    """Return one token of each provider, and a private key."""
    made = {name: maker("canary") for name, maker in tokens.ONE_LINE_MAKERS.items()}
    return {**made, "pem": tokens.private_key("canary")}


@functools.cache
def forms(value: str) -> set[bytes]:
    """Return the encodings of a piece from the middle of a value."""
    line = max(value.split("\n"), key=len)
    middle = len(line) // 2
    text = line[middle - PIECE // 2 : middle + PIECE // 2]
    raw = text.encode()
    plain = {raw, _squeezed(raw), text.encode("utf-16-le"), raw.hex().encode()}
    quoted = {quote(text, safe="").encode(), "".join(f"%{byte:02X}" for byte in raw).encode()}
    return plain | quoted | {raw.hex().upper().encode()} | set(_base64_forms(raw))


def _base64_forms(raw: bytes) -> Iterator[bytes]:
    """Yield the Base64 characters that depend on the piece alone, for each alignment in a longer text."""
    for shift in range(3):
        encoded = base64.b64encode(b"x" * shift + raw)
        whole = encoded[-(-shift * 8 // 6) : (shift + len(raw)) * 8 // 6]
        yield from (whole, whole.translate(bytes.maketrans(b"+/", b"-_")))


def leaks(where: str, content: bytes, canaries: Iterable[str]) -> list[str]:
    """Return which canaries a content holds, by number instead of value."""
    known = tuple(canaries)
    key = hashlib.sha256(content).digest(), known
    # The same rules, files and environments are searched after each of many commands.
    if key not in _searched:
        both = content, _squeezed(content)
        _searched[key] = [
            number
            for number, value in enumerate(known)
            if any(form in text for text in both for form in forms(value))
        ]
    return [f"{number} in {where}" for number in _searched[key]]


_searched: dict[tuple[bytes, tuple[str, ...]], list[int]] = {}


def _squeezed(content: bytes) -> bytes:
    """Return the content in lower case without separators, since a name derived from a value is a leak too."""
    return content.lower().translate(None, b"_- ")


def leaks_in_files(folder: Path, canaries: Iterable[str], allowed: Iterable[Path] = ()) -> list[str]:
    """Return the leaks in the names and contents of all files under a folder, except those that may hold a value."""
    known, kept = list(canaries), [path.resolve() for path in allowed]
    found = []
    for path in sorted(folder.rglob("*")):
        if any(path.resolve().is_relative_to(other) for other in kept):
            continue
        found += leaks(f"the name of {path.name[:8]}…", str(path).encode("utf-8", "surrogateescape"), known)
        if path.is_file():
            found += leaks(str(path), path.read_bytes(), known)
    return found


@dataclass
class Watch:
    """The command lines and environments of a process's descendants, sampled continuously."""

    root: int
    seen: dict[str, bytes] = field(default_factory=dict)
    ended: threading.Event = field(default_factory=threading.Event)

    def leaks(self, canaries: Iterable[str]) -> list[str]:
        known = list(canaries)
        return [leak for where, content in self.seen.items() for leak in leaks(where, content, known)]

    def look(self) -> None:
        # Without pathlib, which would take most of the time.
        while not self.ended.is_set():
            for pid in self._descendants():
                with contextlib.suppress(OSError):
                    for name in ("cmdline", "environ"):
                        content = _read(f"/proc/{pid}/{name}")
                        self.seen[f"{name} of {pid}: {hash(content)}"] = content
            time.sleep(0.004)

    def _descendants(self) -> list[str]:
        waiting, found = [str(self.root)], list[str]()
        while waiting:
            with contextlib.suppress(OSError):
                tasks = f"/proc/{waiting.pop()}/task"
                for task in os.listdir(tasks):  # noqa: PTH208
                    children = _read(f"{tasks}/{task}/children").decode().split()
                    waiting += children
                    found += children
        return found


def _read(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123
        return file.read()


@contextlib.contextmanager
def watching(root: int) -> Iterator[Watch]:
    """Sample the processes while the block runs."""
    watch = Watch(root)
    thread = threading.Thread(target=watch.look, daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        watch.ended.set()
        thread.join()
