"""Converts positions, ranges and URIs between our types and the protocol's, and reads ranges from parameters."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, unquote_to_bytes, urlsplit

from lsprotocol import types

from tokenward.errors import TokenwardError
from tokenward.model import Finding, Point, Span
from tokenward.names import TERMINAL_SCHEME
from tokenward.text import Encoding, content_length, from_units, to_units

MOST_RANGES = 100
_ON_DISK = {"file", "vscode-notebook-cell", "vscode-notebook"}
_DRIVE = re.compile(r"/[A-Za-z]:")
# A client that stores URIs in parts, as VS Code does, may omit an empty authority.
_URI = re.compile(rf"{TERMINAL_SCHEME}:(?://)?/([0-9a-f]+-[0-9]+)/([^/?#]*)")
_UNNAMED = "terminal"


def to_position(lines: Sequence[str], point: Point, encoding: Encoding) -> types.Position:
    """Convert a point to the client's position; the end of a line's ending becomes the next line's start."""
    if point.line >= len(lines):
        return types.Position(len(lines), 0)
    line = lines[point.line]
    if point.column > content_length(line) and point.line + 1 < len(lines):
        return types.Position(point.line + 1, 0)
    return types.Position(point.line, to_units(line, point.column, encoding))


def to_range(lines: Sequence[str], finding: Finding, *, encoding: Encoding) -> types.Range:
    """Return the range of a finding in an open document."""
    return types.Range(to_position(lines, finding.start, encoding), to_position(lines, finding.end, encoding))


def to_span(line: int, span: Span, text: str, *, encoding: Encoding) -> types.Range:
    """Return the range of a part of a line, without the line's ending."""
    start, end = (to_units(text, column, encoding) for column in (span.start, span.end))
    return types.Range(types.Position(line, start), types.Position(line, end))


def to_file_range(finding: Finding, *, encoding: Encoding) -> types.Range:
    """Return the range of a finding in a file that is not open."""
    first, last = finding.start.column, finding.end.column
    if finding.place is not None and encoding is Encoding.UTF16:
        first, last = finding.place.start_character, finding.place.end_character
    elif finding.place is not None and encoding is Encoding.UTF8:
        first, last = finding.place.start_byte_column, finding.place.end_byte_column
    return types.Range(types.Position(finding.start.line, first), types.Position(finding.end.line, last))


def from_position(lines: Sequence[str], position: types.Position, encoding: Encoding) -> Point:
    """Convert a client's position to a point; beyond the text, it becomes the text's end."""
    if position.line >= len(lines):
        return Point(len(lines) - 1, len(lines[-1]))
    return Point(position.line, from_units(lines[position.line], position.character, encoding))


def from_range(lines: Sequence[str], within: types.Range, encoding: Encoding) -> tuple[Point, Point]:
    """Convert a client's range to its two ends."""
    return from_position(lines, within.start, encoding), from_position(lines, within.end, encoding)


def ranges_of(raw: Any) -> tuple[types.Range, ...]:
    """Return the ranges that parameters name.

    Raises:
        TokenwardError: they are missing, too many, or malformed ones.
    """
    try:
        places = raw["ranges"][: MOST_RANGES + 1]
        ranges = tuple(types.Range(_position(one["start"]), _position(one["end"])) for one in places)
    except (KeyError, TypeError, ValueError):
        ranges = ()
    if not 0 < len(ranges) <= MOST_RANGES:
        raise TokenwardError(f"Name 1 to {MOST_RANGES} ranges of the text.")
    return ranges


def _position(raw: Any) -> types.Position:
    line, character = raw["line"], raw["character"]
    if not (isinstance(line, int) and isinstance(character, int)):
        raise TypeError
    if line < 0 or character < 0:
        raise ValueError
    return types.Position(line, character)


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
