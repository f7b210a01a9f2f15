"""What Neovim does with an edit otherwise than the protocol says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tokenward.operations.files.editor import FileEdit
from tokenward.rewriting.edits import Edit

NAME = "Neovim"
"""What it calls itself in `clientInfo`."""


def for_neovim(files: Sequence[FileEdit]) -> list[FileEdit]:
    """The edits so that Neovim makes them as they are meant.

    It looks at the version of the first document alone, so that is the last file, which holds the token. Its
    buffers have no final newline, so that one which is added at the end of a text would become a blank line.
    """
    return [
        replace(file, edits=tuple(_without_final_newline(edit, len(file.source.text)) for edit in file.edits))
        for file in reversed(files)
    ]


def _without_final_newline(edit: Edit, end: int) -> Edit:
    if edit.span.start < end:
        return edit
    return replace(edit, text=edit.text.removesuffix("\n").removesuffix("\r"))
