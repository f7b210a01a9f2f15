"""Which workspace a document belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tokenward.operations.context import Context
from tokenward.sources.source import Origin


def folder_of(context: Context, folders: Sequence[Path], origin: Origin) -> Path | None:
    """The innermost open folder round a document, else the one that its file belongs to by itself.

    A document without a file belongs to the one open folder, if there is just one.
    """
    path = origin.path
    if path is None:
        return folders[0] if len(folders) == 1 else None
    holding = [folder for folder in folders if path.is_relative_to(folder)]
    innermost = max(holding, key=lambda folder: len(folder.parts), default=None)
    return innermost or context.bindings.workspace_root(path.parent)
