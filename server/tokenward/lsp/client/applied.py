"""Checks in the text that the editor reports whether an edit was made as intended.

Neovim 0.10 answers "applied" even if it dropped an edit for an older version of the text, or made it at positions
that had moved because the user was typing.
"""

from __future__ import annotations

from collections.abc import Iterator

from tokenward.operations.files.editor import FileEdit
from tokenward.rewriting.edits import apply_edits


def was_applied(file: FileEdit, text: str) -> bool:
    """Return whether the text contains every line that the edits produce, whatever was typed elsewhere."""
    lines = f"\n{text}\n"
    return all(f"\n{made}\n" in lines for made in _made_lines(file))


def _made_lines(file: FileEdit) -> Iterator[str]:
    wanted = apply_edits(file.source.text, file.edits)
    shift = 0
    for edit in file.edits:
        start = edit.span.start + shift
        end = start + len(edit.text.removesuffix("\n"))
        shift += len(edit.text) - len(edit.span)
        after = wanted.find("\n", end)
        yield wanted[wanted.rfind("\n", 0, start) + 1 : None if after < 0 else after]
