"""The Editor protocol: how an operation reads and changes texts in an editor or on the disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from tokenward.fast_dataclasses import dataclass
from tokenward.rewriting.edits import Edit, apply_edits
from tokenward.sources.source import Source


@dataclass(frozen=True, slots=True)
class FileEdit:
    """Edits of one file.

    Attributes:
        source: the text and version that the edits were made for.
        edits: code point spans of `source.text`.
        creates: the file does not exist yet; `source.text` is empty.
    """

    source: Source
    edits: tuple[Edit, ...]
    creates: bool = False

    @property
    def text_after(self) -> str:
        """Return the text with the edits."""
        return apply_edits(self.source.text, self.edits)


class Editor(Protocol):
    """Reads and changes texts. Its methods may block; none is called on an event loop."""

    def read(self, path: Path) -> Source | None:
        """Return the current state of a file, from an open buffer or else the disk; None if there is no file.

        Raises:
            EditRefused: it cannot be edited, for example because it is not a text file.
        """

    def reread(self, source: Source) -> Source | None:
        """Return the current state of a text; None if it no longer exists."""

    def apply(self, files: Sequence[FileEdit], label: str) -> None:
        """Make all the edits, in order; the last file is changed last.

        Raises:
            EditDeclined: nothing was changed, as far as the editor says.
            EditRefused: nothing in the last file was changed.
            EditUncertain: it may have been changed.
        """
