"""Finds the workspace that a document belongs to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tokenward.errors import TokenwardError
from tokenward.operations.context import Context
from tokenward.sources.source import Origin

if TYPE_CHECKING:
    from tokenward.lsp.client.session import Session


def folder_of(session: Session, context: Context, origin: Origin) -> Path | None:
    """Return the workspace of a document's file, as `tokenward run` would find it.

    This is the innermost open folder, or a bound folder or repository inside it. A document without a file belongs
    to the open folder if there is only one.
    """
    path = origin.path
    if path is None:
        folders = session.folders
        return folders[0] if len(folders) == 1 else None
    innermost = session.folder_around(path)
    if innermost is None:
        return context.bindings.workspace_root(path.parent)
    return context.bindings.root_within(path.parent, innermost)


def with_workspace(session: Session, context: Context, origin: Origin) -> tuple[Context, Path | None]:
    """Return a context with the settings of a document's workspace, and its folder, if any; call this in a thread."""
    folder = folder_of(session, context, origin)
    return replace(context, settings=session.settings_of(folder)), folder


def workspace_of(session: Session, context: Context, origin: Origin) -> tuple[Context, Path] | None:
    """Return the same for a document in a workspace; None for any other."""
    context, folder = with_workspace(session, context, origin)
    return None if folder is None else (context, folder)


def require_workspace(session: Session, context: Context, origin: Origin) -> tuple[Context, Path]:
    """Return the same for a document that must be in a workspace.

    Raises:
        TokenwardError: it is in none.
    """
    context, folder = with_workspace(session, context, origin)
    if folder is None:
        raise TokenwardError("This text belongs to no workspace; save it to a file first.")
    return context, folder
