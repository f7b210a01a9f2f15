"""The URIs of files and of terminal transcripts, as we write them and as clients return them."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import quote, unquote, unquote_to_bytes, urlsplit

from tokenward.names import TERMINAL_SCHEME

_ON_DISK = {"file", "vscode-notebook-cell", "vscode-notebook"}
_DRIVE = re.compile(r"/[A-Za-z]:")
# A client that stores URIs in parts, as VS Code does, may omit an empty authority.
_URI = re.compile(rf"{TERMINAL_SCHEME}:(?://)?/([0-9a-f]+-[0-9]+)/([^/?#]*)")
_UNNAMED = "terminal"


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


def transcript_uri(number: str, name: str) -> str:
    """Return the URI for an execution, from its id and the name of its terminal."""
    # Clients that store URIs in parts turn an encoded separator into a real one.
    plain = name.replace("/", "_").replace("\\", "_")
    return f"{TERMINAL_SCHEME}:///{number}/{quote(plain if plain.strip('. ') else _UNNAMED, safe='')}"


def is_transcript(uri: str) -> bool:
    """Return whether a URI is that of a transcript, existing or not."""
    return uri.startswith(f"{TERMINAL_SCHEME}:")


def canonical(uri: str) -> str:
    """Return a transcript's URI in our spelling; any other URI is unchanged."""
    match = _URI.fullmatch(uri)
    return transcript_uri(match[1], unquote(match[2])) if match else uri


def terminal_name(uri: str) -> str:
    """Return the name of a transcript in a sentence."""
    match = _URI.fullmatch(uri)
    return f"the terminal {unquote(match[2])}" if match else uri
