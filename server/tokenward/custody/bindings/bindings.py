"""Workspace names and the folders that they belong to."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from enum import Enum
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from tokenward.custody.bindings.folder_identity import FolderIdentity, give_identity, identity_of
from tokenward.custody.ledger.database import Database
from tokenward.custody.ledger.schema import CUSTODY
from tokenward.errors import CustodyError, StateDamaged, WorkspaceElsewhere, WorkspaceUnbound
from tokenward.fast_dataclasses import dataclass
from tokenward.language import said
from tokenward.model import WORKSPACE_NAME, Reference
from tokenward.ownership import is_strangers
from tokenward.places import shown
from tokenward.settings import WORKSPACE_FILE
from tokenward.token_prefixes import is_workspace_name, numbered

if TYPE_CHECKING:
    from tokenward.custody.ledger.ledger import Ledger

GIT = ".git"
TOGETHER = 5.0
"""Seconds within which `git worktree add` writes the files of both sides, even on a slow disk."""
_LARGEST = 10_000
_WORKTREES = "worktrees"

# Each marks the top of a working copy, which the search for a binding must not leave.
REPOSITORY_MARKS = (
    ".git", ".hg", ".jj", ".svn", ".sl", ".bzr", ".pijul", "_darcs", ".fslckout", "_FOSSIL_", "CVS",
)  # fmt: skip
"""The names of which one is in the top folder of a working copy."""

# Not where programs unpack what others wrote, such as caches.
_SETTINGS = re.compile(
    r"\.|(?:\.config|Library/(?:Application Support|Preferences)|AppData/Roaming)(?:/.*)?"
    r"|\.(?!(?:cache|Trash)(?:/|\Z))[^/]+(?:/[^/]+)?",
    re.DOTALL,
)
"""The folders of programs' settings, from the home folder."""


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


def why_no_main(folder: Path) -> str:
    """Return why a folder that claims to be a worktree has no main folder; empty if it has, or claims nothing."""
    with contextlib.suppress(OSError, ValueError, RuntimeError):
        ours = _path_in(folder / GIT, "gitdir: ").resolve()
        if ours.parent.name == _WORKTREES and main_of(folder) is None:
            main = ours.parent.parent.parent
            if ours.parent.parent.name == GIT:
                return (
                    f"Git did not make this worktree from {shown(main)}; add it again with `git worktree add`"
                )
            return (
                "the repository of this Git worktree has no main folder whose environment file it could use"
            )
    return ""


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


class Bindings:
    """The workspace names of folders on this machine; a folder may have several.

    A folder is recognised by its identity where it has one: a renamed folder keeps its names, and a folder put in
    its place does not get them. Every method may raise StateDamaged; those that take a folder raise CustodyError
    if it is not one.
    """

    def __init__(self, path: Path, ledger: Ledger | None = None) -> None:
        """Open the bindings; a binding follows a renamed folder only if there is a ledger to record it in."""
        self._database = Database(path, CUSTODY)
        self._ledger = ledger

    def claim(self, folder: Path, preferred: str) -> str:
        """Return the folder's name; if it has none, give it the first free of `preferred`, `preferred-2` and so on.

        A name with recorded entries is not free, because the folder may be a stranger's.
        """
        real = _real_folder(folder)
        known = self.name_of(real)
        if known is not None:
            return known
        identity = give_identity(real)
        seen = FolderSnapshot.at(real)
        with self._database.write() as connection:
            for binding in _bindings(connection):
                if binding_state(binding, seen).belongs:
                    return binding.name
            name = next(name for name in numbered(slug(preferred), "-", 64) if _is_free(connection, name))
            _insert(connection, name, real, identity)
            return name

    def bind(self, name: str, folder: Path) -> None:
        """Give a name to a folder, even if another folder has it; only a person may request this."""
        self.require_fit(name)
        real = _real_folder(folder)
        identity = give_identity(real)
        with self._database.write() as connection:
            connection.execute("DELETE FROM bindings WHERE name = ?", (name,))
            _insert(connection, name, real, identity)

    def require_fit(self, name: str) -> None:
        """Refuse a name that is invalid or, unless it is already in use, looks like a token.

        Raises:
            CustodyError: it is refused; the message does not repeat the name.
        """
        with self._database.read() as connection:
            if WORKSPACE_NAME.fullmatch(name) and (is_workspace_name(name) or not _is_free(connection, name)):
                return
        raise CustodyError("That is not a workspace name; choose one like acme-api.")

    def unbind(self, name: str) -> bool:
        """Take a name from its folder; return False if no folder had it."""
        with self._database.write() as connection:
            return connection.execute("DELETE FROM bindings WHERE name = ?", (name,)).rowcount > 0

    def name_of(self, folder: Path) -> str | None:
        """Return the folder's name, or the latest of several."""
        binding = self._nearest_binding([_real_folder(folder)])
        return binding.name if binding else None

    def names_in(self, folder: Path) -> list[str]:
        """Return all names whose references resolve in a folder, the latest first."""
        seen = FolderSnapshot.at(_real_folder(folder))
        return [binding.name for binding in self.all() if binding_state(binding, seen).belongs]

    def main_folder(self, folder: Path, start: Path) -> Path | None:
        """Return the bound main folder of a git worktree's repository; None unless Git made the worktree from it.

        Nor if the place there that corresponds to a start in the worktree is another working copy's, such as a
        submodule's, or for the home folder, whose tokens are only for commands that are started for it.
        """
        real = _real_folder(folder)
        main = main_of(real)
        if main is None or main == _home() or self.name_of(main) is None:
            return None
        return main if marked_root(main / os.path.relpath(os.path.realpath(start), real)) == main else None

    def folder_of(self, name: str) -> Path | None:
        """Return the folder that a name is bound to, if any."""
        binding = self._binding_named(name)
        return binding.folder if binding else None

    def all(self) -> tuple[Binding, ...]:
        """Return all bindings, the latest first."""
        with self._database.read() as connection:
            return tuple(_bindings(connection))

    def state_of(self, binding: Binding) -> BindingState | None:
        """Compare the folder at a binding's path with the binding; return None if there is no folder."""
        try:
            return binding_state(binding, FolderSnapshot.at(_real_folder(binding.folder)))
        except CustodyError:
            return None

    def enclosing(self, path: Path) -> Binding | None:
        """Return the binding of the nearest folder around the path; a git worktree has that of its repository.

        The search ends at the top of a working copy, so a repository cloned into a bound folder gets nothing. The home
        folder's binding is only for programs' settings, because what strangers sent is in that folder too.
        """
        folders = takewhile(lambda folder: folder != _home() or _is_settings(path), _folders_upwards(path))
        return self._nearest_binding(folders)

    def workspace_root(self, path: Path) -> Path:
        """Return the bound folder around the path, or else the result of the function `project_root`."""
        binding = self.enclosing(path)
        return binding.folder if binding else workspace_root(path)

    def root_for(self, path: Path, current: Path) -> Path:
        """Return the same for a command run in a current folder, which is the root if no folder is marked.

        A home folder, or one above it, is too large to be a workspace of others than programs' settings unless it is
        marked.
        """
        binding = self.enclosing(path)
        found = binding.folder if binding else _shared_root(path)
        if found is not None:
            return found
        real, here = next(_folders_upwards(path)), next(_folders_upwards(current))
        is_wide = Path.home().resolve().is_relative_to(here)
        return here if real.is_relative_to(here) and not is_wide else real

    def root_within(self, path: Path, opened: Path) -> Path:
        """Return the root of a path in a folder that the user has opened, and never a folder above it.

        An opened home folder is no workspace of others than programs' settings either.
        """
        binding, real = self.enclosing(path), opened.resolve()
        marked = binding.folder if binding else marked_root(path)
        if marked is not None and marked.is_relative_to(real):
            return marked
        return workspace_root(path) if real == _home() else opened

    def check(self, reference: Reference, folder: Path) -> None:
        """Refuse a folder that may not resolve the reference.

        Raises:
            WorkspaceUnbound: the reference's workspace belongs to no folder.
            WorkspaceElsewhere: it belongs to another folder.
        """
        name, here = reference.workspace, shown(folder)
        bound = self._binding_named(name)
        remedy = said(
            "if {folder} may use its tokens, run `tokenward bind {name}` there", folder=here, name=name
        )
        if bound is None:
            raise WorkspaceUnbound(
                "{name} belongs to no folder on this machine; {remedy}", name=name, remedy=remedy
            )
        seen = FolderSnapshot.at(_real_folder(folder))
        found = binding_state(bound, seen)
        if found is BindingState.REPLACED:
            raise WorkspaceElsewhere(
                "{name} belongs to the folder that was here before this one; {remedy}",
                name=name,
                remedy=remedy,
            )
        if not found.belongs:
            raise WorkspaceElsewhere(
                "{name} belongs to {folder}; {remedy}", name=name, folder=shown(bound.folder), remedy=remedy
            )
        self._update(bound, found, seen)

    def _binding_named(self, name: str) -> Binding | None:
        with self._database.read() as connection:
            return next(_bindings(connection, name), None)

    def _nearest_binding(self, folders: Iterable[Path]) -> Binding | None:
        """Return the current binding of the first folder that has one; none beyond the top of a working copy."""
        bindings = self.all()
        for folder in folders:
            seen = FolderSnapshot.at(folder)
            for binding in bindings:
                found = binding_state(binding, seen)
                if found.belongs:
                    self._update(binding, found, seen)
                    return replace(binding, folder=folder)
            if marks_repository(folder):
                return None
        return None

    def _update(self, binding: Binding, found: BindingState, seen: FolderSnapshot) -> None:
        """Record the current path and identity of a bound folder, if the records can be written."""
        if self._ledger is None or found is BindingState.WORKTREE:
            return
        with suppress(StateDamaged):
            if found is BindingState.MOVED:
                # Folders are seldom renamed.
                from tokenward.custody.callers.asker import asking_process  # noqa: PLC0415
                from tokenward.custody.callers.callers import caller  # noqa: PLC0415
                from tokenward.custody.ledger.events import Event  # noqa: PLC0415

                places = {"workspace": binding.name, "from": str(binding.folder)}
                detail = {**places, **caller(asking_process()).to_json()}
                # The ledger comes first: after a crash, a double record is better than none.
                self._ledger.record(Event.BOUND, origin=str(seen.path), detail=detail)
                self._replace(binding, seen.path, seen.identity)
            elif seen.identity is None or seen.identity != binding.identity:
                identity = give_identity(seen.path)
                if identity is not None and identity != binding.identity:
                    self._replace(binding, binding.folder, identity)

    def _replace(self, binding: Binding, folder: Path, identity: FolderIdentity | None) -> None:
        """Change a binding unless another process has changed it."""
        change = (
            "UPDATE bindings SET folder = ?, identity = ? WHERE name = ? AND folder = ? AND identity IS ?"
        )
        known = binding.identity and str(binding.identity)
        new = (os.fsencode(folder), identity and str(identity))
        with self._database.write() as connection:
            connection.execute(change, (*new, binding.name, os.fsencode(binding.folder), known))


def workspace_root(path: Path) -> Path:
    """Return the nearest folder around a path that is marked as a project's top, or else the path's own folder.

    Settings of programs belong to the home folder.
    """
    return _shared_root(path) or next(_folders_upwards(path))


def marked_root(path: Path) -> Path | None:
    """Return the nearest folder around a path that is marked as a project's top."""
    marked = (f for f in _folders_upwards(path) if marks_repository(f) or os.path.lexists(f / WORKSPACE_FILE))
    return next(marked, None)


def _shared_root(path: Path) -> Path | None:
    return marked_root(path) or (_home() if _is_settings(path) else None)


def _home() -> Path:
    return Path.home().resolve()


def _is_settings(path: Path) -> bool:
    """Return whether a path is the home folder, or where programs keep their settings in it."""
    folder, home = next(_folders_upwards(path)), _home()
    return folder.is_relative_to(home) and bool(_SETTINGS.fullmatch(folder.relative_to(home).as_posix()))


def marks_repository(folder: Path) -> bool:
    """Return whether a folder is the top of a working copy."""
    return any(os.path.lexists(folder / mark) for mark in REPOSITORY_MARKS)


def slug(folder_name: str) -> str:
    """Make a workspace name from any text."""
    decomposed = unicodedata.normalize("NFKD", folder_name.casefold())
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    name = re.sub(r"[^a-z0-9._-]+", "-", plain).lstrip("._-")[:64].rstrip("._-")
    return name if is_workspace_name(name) else "workspace"


def _real_folder(folder: Path) -> Path:
    try:
        real = folder.resolve(strict=True)
        if real.is_dir():
            return real
    except (OSError, RuntimeError, ValueError):
        pass
    raise CustodyError("{folder} is not an accessible folder; check the path", folder=shown(folder))


def _folders_upwards(path: Path) -> Iterator[Path]:
    try:
        real = path.resolve()
    except (OSError, RuntimeError, ValueError):
        raise CustodyError("{path} cannot be reached; check the path", path=shown(path)) from None
    if real.is_dir():
        yield real
    yield from real.parents


def _bindings(connection: sqlite3.Connection, only: str | None = None) -> Iterator[Binding]:
    query = "SELECT name, folder, identity FROM bindings WHERE name = ifnull(?, name) ORDER BY id DESC"
    for name, folder, identity in connection.execute(query, (only,)):
        yield Binding(name, Path(os.fsdecode(folder)), FolderIdentity.from_text(identity))


def _is_free(connection: sqlite3.Connection, name: str) -> bool:
    bound = connection.execute("SELECT 1 FROM bindings WHERE name = ?", (name,)).fetchone()
    used = connection.execute("SELECT 1 FROM entries WHERE workspace = ?", (name,)).fetchone()
    return not bound and not used


def _insert(connection: sqlite3.Connection, name: str, folder: Path, identity: FolderIdentity | None) -> None:
    now = datetime.now(UTC).isoformat()
    # As bytes, because a folder's name on POSIX need not be text.
    row = (name, os.fsencode(folder), now, identity and str(identity))
    connection.execute("INSERT INTO bindings (name, folder, bound, identity) VALUES (?, ?, ?, ?)", row)
