"""References that resolve to nothing because nobody has stored their tokens on this computer."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tokenward.errors import CustodyError
from tokenward.model import Reference
from tokenward.operations.context import Context
from tokenward.operations.origins import preferred_workspace


def dangling(context: Context, folder: Path, references: Iterable[Reference]) -> set[Reference]:
    """Return those references that would resolve in a folder if their tokens were stored.

    Raises:
        StateDamaged: the records cannot be read.
    """
    return {
        one for one in set(references) if _belongs(context, folder, one) and context.entries.get(one) is None
    }


def _belongs(context: Context, folder: Path, reference: Reference) -> bool:
    """Return whether the folder has the reference's workspace name, or would get it with its first token."""
    try:
        context.bindings.check(reference, folder)
    except CustodyError:
        name, preferred = reference.workspace, preferred_workspace(context.settings, folder)
        is_free = context.bindings.folder_of(name) is None and not context.entries.in_workspace(name)
        return name == preferred and is_free and context.bindings.name_of(folder) is None
    return True
