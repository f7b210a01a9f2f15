"""A text to scan, its origin and its version."""

from __future__ import annotations

from pathlib import Path

from tokenward.fast_dataclasses import dataclass
from tokenward.model import Surface


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of a text.

    Attributes:
        uri: the client's own name for it, which we never change.
        path: its file on disk; None if it is not a file.
        language_id: the client's name of its language, or None outside an editor.
    """

    uri: str
    surface: Surface
    path: Path | None = None
    language_id: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A text at one version.

    Attributes:
        version: the client's document version; None on disk.
        name: the path that rules see, relative to its workspace, with `/`.
    """

    text: str
    origin: Origin
    version: int | None = None
    name: str = ""
