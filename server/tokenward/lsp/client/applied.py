"""Checks that an edit was made as meant, in the text that the editor reports afterwards.

Neovim 0.10 answers "applied" even if it dropped an edit for an older version of the text, or made it at places that
had moved because the user typed meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator

from tokenward.operations.files.editor import FileEdit
from tokenward.rewriting.edits import apply_edits


def was_applied(file: FileEdit, text: str) -> bool:
    """Return whether every line that the edits should produce is there; text typed elsewhere does not matter."""
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
