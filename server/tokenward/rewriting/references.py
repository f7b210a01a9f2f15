"""The edits by which a text refers to a token by another name."""

from __future__ import annotations

from tokenward.model import Reference, references_in
from tokenward.rewriting.edits import Edit


def rename_references(text: str, old: Reference, new: Reference) -> tuple[Edit, ...]:
    """One edit for each place at which the whole old reference stands; a longer one that begins so stays."""
    return tuple(Edit(span, str(new)) for span, reference in references_in(text) if reference == old)
