"""The relation of a folder to the folder that a workspace name was bound to, such as a worktree's to its repository."""

from __future__ import annotations

import contextlib
import os
import stat
import unicodedata
from enum import Enum
from pathlib import Path

from tokenward.custody.bindings.folder_identity import FolderIdentity, identity_of
from tokenward.fast_dataclasses import dataclass
from tokenward.ownership import is_strangers

GIT = ".git"
TOGETHER = 5.0
"""Seconds within which `git worktree add` writes the files of both sides, even on a slow disk."""
_LARGEST = 10_000
_WORKTREES = "worktrees"


@dataclass(frozen=True, slots=True)
class Binding:
    """A workspace name and the only folder that may resolve its references.

    Attributes:
        identity: of the folder; None if it has none, so that only its path counts.
    """

    name: str
    folder: Path
    identity: FolderIdentity | None = None


class BindingState(Enum):
    """The relation of a folder to a binding."""

    OTHER = "other"
    REPLACED = "replaced"
    """It is a different folder at the path of the bound one."""
    BOUND = "bound"
    MOVED = "moved"
    """It is the bound folder at a new path."""
    WORKTREE = "worktree"
    """It is a git worktree of the bound folder."""

    @property
    def belongs(self) -> bool:
        """Return whether the folder may resolve the binding's references."""
        return self in (BindingState.BOUND, BindingState.MOVED, BindingState.WORKTREE)


@dataclass(frozen=True, slots=True)
class FolderSnapshot:
    """A folder, as it is compared with bindings.

    Attributes:
        path: resolved.
        main: the main folder of its repository, if it is a git worktree.
    """

    path: Path
    identity: FolderIdentity | None
    main: FolderSnapshot | None = None

    @classmethod
    def at(cls, path: Path) -> FolderSnapshot:
        """Take a snapshot of the folder at a path."""
        main = main_of(path)
        return cls(path, identity_of(path), cls(main, identity_of(main)) if main else None)


def binding_state(binding: Binding, folder: FolderSnapshot) -> BindingState:
    """Compare a folder with a binding; read the disk only if their paths or identities are equal."""
    own = _own_state(binding, folder)
    if own is BindingState.OTHER and folder.main and _own_state(binding, folder.main).belongs:
        return BindingState.WORKTREE
    return own


def _own_state(binding: Binding, folder: FolderSnapshot) -> BindingState:
    if _is_same_place(binding.folder, folder.path):
        # A copy that replaced its original, such as a restored backup, has a different number.
        proof = folder.identity.proof if folder.identity else None
        is_same = binding.identity is None or binding.identity.proof == proof
        return BindingState.BOUND if is_same else BindingState.REPLACED
    if binding.identity is None or binding.identity != folder.identity:
        return BindingState.OTHER
    if identity_of(binding.folder) != binding.identity:
        return BindingState.MOVED
    # Not moved: the same folder is reachable by another path, such as a bind mount, or this is a snapshot of its disk.
    return BindingState.BOUND if _leads_to(binding.folder, folder.path) else BindingState.OTHER


def _is_same_place(bound: Path, real: Path) -> bool:
    """Return whether two resolved paths lead to the same folder, even if the file system ignores case.

    Only spellings of the same path are looked up on the disk, so that a dead network drive delays no other folder.
    """
    if bound == real:
        return True
    one, other = (unicodedata.normalize("NFC", str(path)).casefold() for path in (bound, real))
    return one == other and _leads_to(bound, real)


def _leads_to(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def main_of(folder: Path) -> Path | None:
    """Return the main folder of the repository of a worktree (a resolved path); None unless both sides confirm it.

    The folder's own files prove nothing: a stranger's can point anywhere. The repository's files are not enough
    either, since `git worktree repair` and some versions of git update them from the folder's. So the files of
    both must also have been written at the same moment, as only `git worktree add` does.
    """
    with contextlib.suppress(OSError, ValueError, RuntimeError):
        pointer = folder / GIT
        ours = _path_in(pointer, "gitdir: ").resolve(strict=True)
        git = ours.parent.parent
        main = git.parent
        if (
            ours.parent == git / _WORKTREES
            and git.name == GIT
            and _path_in(ours / "commondir").resolve(strict=True) == git
            and _path_in(ours / "gitdir").parent.resolve(strict=True) == folder
            # No archive can set these times.
            and abs(pointer.lstat().st_ctime - (ours / "commondir").lstat().st_ctime) <= TOGETHER
            and not is_strangers(pointer, main)
        ):
            return main
    return None


def worktrees_of(main: Path) -> list[Path]:
    """Return the folders of a repository's worktrees, each confirmed as by `main_of`."""
    found = []
    with contextlib.suppress(OSError):
        for pointer in sorted((main / GIT / _WORKTREES).glob("*/gitdir")):
            with contextlib.suppress(OSError, ValueError, RuntimeError):
                folder = _path_in(pointer).parent.resolve(strict=True)
                if main_of(folder) == main.resolve():
                    found.append(folder)
    return found


def _path_in(file: Path, prefix: str = "") -> Path:
    """Return the path in a small file of git's, relative to the file's folder.

    Raises:
        OSError, ValueError: there is no such file, or its content is something else.
    """
    # Git writes neither links nor pipes here.
    if not stat.S_ISREG(file.lstat().st_mode):
        raise ValueError("not a regular file")
    with file.open("rb") as stream:
        content = os.fsdecode(stream.read(_LARGEST + 1))
    text = content.rstrip("\r\n")
    if len(content) > _LARGEST or not text.startswith(prefix) or text == prefix or "\0" in text:
        raise ValueError("no path")
    return file.parent / text[len(prefix) :]
