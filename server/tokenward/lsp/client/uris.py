"""Converts the client's URIs to paths on disk, and back."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

_ON_DISK = {"file", "vscode-notebook-cell", "vscode-notebook"}
_DRIVE = re.compile(r"/[A-Za-z]:")


def to_path(uri: str) -> Path | None:
    """Return the file that a URI names, if any; a name that is not UTF-8 keeps its bytes."""
    try:
        parts = urlsplit(uri)
        name = os.fsdecode(unquote_to_bytes(parts.path))
    except ValueError:
        return None
    if parts.scheme not in _ON_DISK or not name.startswith("/") or "\0" in name:
        return None
    if os.name == "nt":  # pragma: no cover - only on Windows
        name = (
            f"//{parts.netloc}{name}"
            if parts.netloc
            else name.removeprefix("/")
            if _DRIVE.match(name)
            else name
        )
    return Path(name)


def to_uri(path: Path) -> str:
    """Return the URI of a path."""
    return path.absolute().as_uri()
