"""How a folder stands to the folder that a workspace name was bound to."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path

from tokenward.custody.bindings.folder_identity import FolderIdentity, identity_of
from tokenward.custody.bindings.worktrees import main_of


@dataclass(frozen=True, slots=True)
class Binding:
    """A workspace name and the one folder that may resolve its references.

    Attributes:
        identity: what the folder is known by; None where it has none, and its path alone decides.
    """

    name: str
    folder: Path
    bound: datetime
    identity: FolderIdentity | None = None


class Standing(Enum):
    """What a folder is to a binding."""

    OTHER = "other"
    REPLACED = "replaced"
    """It lies where the bound folder was, and is another one."""
    BOUND = "bound"
    MOVED = "moved"
    """It is the bound folder, at a new place."""
    WORKTREE = "worktree"
    """It is a git worktree of the bound folder."""

    @property
    def belongs(self) -> bool:
        return self in (Standing.BOUND, Standing.MOVED, Standing.WORKTREE)


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder as it was seen: what it takes to compare it with any number of bindings.

    Attributes:
        path: resolved.
        identity: its own.
        main: the same of the folder that it is a git worktree of.
    """

    path: Path
    identity: FolderIdentity | None
    main: Folder | None = None

    @classmethod
    def at(cls, path: Path) -> Folder:
        main = main_of(path)
        return cls(path, identity_of(path), cls(main, identity_of(main)) if main else None)


def standing(binding: Binding, folder: Folder) -> Standing:
    """What a folder is to a binding; the disk is asked only when their paths or identities are the same."""
    own = _standing(binding, folder)
    if own is Standing.OTHER and folder.main and _standing(binding, folder.main).belongs:
        return Standing.WORKTREE
    return own


def _standing(binding: Binding, folder: Folder) -> Standing:
    if _is_same_place(binding.folder, folder.path):
        # A copy that took its original's place, such as a backup that was put back, has another number.
        is_same = binding.identity is None or _proof(binding.identity) == _proof(folder.identity)
        return Standing.BOUND if is_same else Standing.REPLACED
    if binding.identity is None or binding.identity != folder.identity:
        return Standing.OTHER
    if identity_of(binding.folder) != binding.identity:
        return Standing.MOVED
    # It has not moved: this is the same folder by another way, such as a bind mount, or a snapshot of its disk.
    return Standing.BOUND if _leads_to(binding.folder, folder.path) else Standing.OTHER


def _proof(identity: FolderIdentity | None) -> str | None:
    return identity.proof if identity else None


def _is_same_place(bound: Path, real: Path) -> bool:
    """Whether two resolved paths lead to one place, also where the file system ignores case.

    Only spellings of one path are looked up on the disk, so that a dead network drive delays no one else.
    """
    return bound == real or (_caseless(bound) == _caseless(real) and _leads_to(bound, real))


def _leads_to(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _caseless(path: Path) -> str:
    return unicodedata.normalize("NFC", str(path)).casefold()
