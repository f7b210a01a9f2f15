"""LeavingWorkspace: the names and folders of a workspace that its user leaves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tokenward.custody.bindings.belonging import Binding, FolderSnapshot, binding_state, worktrees_of
from tokenward.errors import WorkspaceUnbound
from tokenward.operations.context import Context
from tokenward.places import shown


@dataclass(frozen=True, slots=True)
class LeavingWorkspace:
    """A workspace.

    Attributes:
        folder: the folder that resolves them, or None.
        was_at: the folder of its binding; None without one.
    """

    names: tuple[str, ...]
    folder: Path | None
    was_at: Path | None

    @property
    def roots(self) -> list[Path]:
        """Return the folders whose files may refer to its tokens, with the git worktrees of the first."""
        return [] if self.folder is None else [self.folder, *worktrees_of(self.folder)]


NO_WORKSPACE = LeavingWorkspace((), None, None)


def workspace_of(context: Context, folder: Path) -> LeavingWorkspace:
    """Return the workspace of a folder.

    Raises:
        WorkspaceUnbound: the folder has no name.
    """
    here = FolderSnapshot.at(folder.resolve())
    names = [one.name for one in context.bindings.all() if binding_state(one, here).belongs]
    if not names:
        raise WorkspaceUnbound(f"{shown(folder)} has no stored tokens; `tokenward workspaces` lists who has.")
    main = here.main.path if here.main else here.path
    return LeavingWorkspace(tuple(names), main, main)


def all_workspaces(context: Context) -> list[LeavingWorkspace]:
    """Return the workspaces of this user, also those without a folder."""
    found: dict[Path, list[Binding]] = {}
    for binding in context.bindings.all():
        found.setdefault(binding.folder, []).append(binding)
    workspaces = []
    for folder, bindings in sorted(found.items()):
        states = [context.bindings.state_of(binding) for binding in bindings]
        is_there = all(state is not None and state.belongs for state in states)
        names = tuple(binding.name for binding in bindings)
        workspaces.append(LeavingWorkspace(names, folder if is_there else None, folder))
    known = {name for workspace in workspaces for name in workspace.names}
    references = (*(entry.reference for entry in context.entries.all()), *context.leases.all())
    unbound = sorted({reference.workspace for reference in references} - known)
    return [*workspaces, *(LeavingWorkspace((name,), None, None) for name in unbound)]
