"""Workspace names and the folders that they belong to."""

from __future__ import annotations

import os
import re
import sqlite3
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import count
from pathlib import Path

from tokenward.custody.database import Database
from tokenward.custody.schema import CUSTODY
from tokenward.errors import CustodyError, WorkspaceElsewhere, WorkspaceUnbound
from tokenward.model import WORKSPACE_NAME, Reference
from tokenward.places import shown
from tokenward.settings import WORKSPACE_FILE

# What marks the top of a working copy, and so the border that another's files must not cross.
_REPOSITORY_MARKS = (
    ".git",
    ".hg",
    ".jj",
    ".svn",
    ".sl",
    ".bzr",
    ".pijul",
    "_darcs",
    ".fslckout",
    "_FOSSIL_",
    "CVS",
)


@dataclass(frozen=True, slots=True)
class Binding:
    """A workspace name and the one folder that may resolve its references."""

    name: str
    folder: Path
    bound: datetime


class Bindings:
    """Which workspace name belongs to which folder of this machine; a folder may have several names.

    Every method may raise StateDamaged; those that take a folder raise CustodyError when it is none.
    """

    def __init__(self, path: Path) -> None:
        self._database = Database(path, CUSTODY)

    def claim(self, folder: Path, preferred: str) -> str:
        """The folder's name; one without a name gets the first free of `preferred`, `preferred-2` and so on.

        A name under which entries are recorded is not free: the folder may be a stranger's.
        """
        real = _real_folder(folder)
        with self._database.write() as connection:
            for binding in _bindings(connection):
                if _is_same_folder(binding.folder, real):
                    return binding.name
            name = next(name for name in _numbered(slug(preferred)) if _is_free(connection, name))
            _insert(connection, name, real)
            return name

    def bind(self, name: str, folder: Path) -> None:
        """Give a name to a folder, whoever had it; only a person may ask for this."""
        if not WORKSPACE_NAME.fullmatch(name):
            raise CustodyError(f"{shown(name)} is no workspace name; choose one like {slug(name)}")
        real = _real_folder(folder)
        with self._database.write() as connection:
            connection.execute("DELETE FROM bindings WHERE name = ?", (name,))
            _insert(connection, name, real)

    def unbind(self, name: str) -> bool:
        """Take a name from its folder; False when it belonged to none."""
        with self._database.write() as connection:
            return connection.execute("DELETE FROM bindings WHERE name = ?", (name,)).rowcount > 0

    def name_of(self, folder: Path) -> str | None:
        """The folder's name, the one given last when it has several."""
        real = _real_folder(folder)
        return next((b.name for b in self.all() if _is_same_folder(b.folder, real)), None)

    def folder_of(self, name: str) -> Path | None:
        return next((binding.folder for binding in self.all() if binding.name == name), None)

    def all(self) -> tuple[Binding, ...]:
        """Every binding, the latest first."""
        with self._database.read() as connection:
            return tuple(_bindings(connection))

    def enclosing(self, path: Path) -> Binding | None:
        """The binding of the nearest folder that holds the path.

        The search ends at the top of a working copy: a repository cloned into a bound folder gets nothing.
        """
        bindings = self.all()
        for folder in _upwards(path):
            for binding in bindings:
                if _is_same_folder(binding.folder, folder):
                    return binding
            if _is_repository(folder):
                return None
        return None

    def workspace_root(self, path: Path) -> Path:
        """The bound folder that holds the path, else what `workspace_root` says without the records."""
        binding = self.enclosing(path)
        return binding.folder if binding else workspace_root(path)

    def root_within(self, path: Path, opened: Path) -> Path:
        """The same, for a path in a folder that somebody opened: never a folder above that one."""
        binding = self.enclosing(path)
        marked = binding.folder if binding else marked_root(path)
        return marked if marked is not None and marked.is_relative_to(opened.resolve()) else opened

    def check(self, reference: Reference, folder: Path) -> None:
        """Return only if the folder may resolve the reference.

        Raises:
            WorkspaceUnbound: the reference's workspace belongs to no folder.
            WorkspaceElsewhere: it belongs to another folder.
        """
        name, here = reference.workspace, shown(folder)
        bound = self.folder_of(name)
        remedy = f"if {here} may use its tokens, run `tokenward bind {name}` there"
        if bound is None:
            raise WorkspaceUnbound(f"{name} belongs to no folder on this machine; {remedy}")
        if not _is_same_folder(bound, _real_folder(folder)):
            raise WorkspaceElsewhere(f"{name} belongs to {shown(bound)}; {remedy}")


def workspace_root(path: Path) -> Path:
    """The nearest folder round a path that is marked as a project's top, else the path's own folder."""
    return marked_root(path) or next(_upwards(path))


def marked_root(path: Path) -> Path | None:
    """The nearest folder round a path that is marked as a project's top."""
    marked = (f for f in _upwards(path) if _is_repository(f) or os.path.lexists(f / WORKSPACE_FILE))
    return next(marked, None)


def slug(folder_name: str) -> str:
    """A workspace name from any text."""
    decomposed = unicodedata.normalize("NFKD", folder_name.casefold())
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    return re.sub(r"[^a-z0-9._-]+", "-", plain).lstrip("._-")[:64].rstrip("._-") or "workspace"


def _numbered(name: str) -> Iterator[str]:
    yield name
    for number in count(2):
        suffix = f"-{number}"
        yield name[: 64 - len(suffix)] + suffix


def _real_folder(folder: Path) -> Path:
    try:
        real = folder.resolve(strict=True)
        if real.is_dir():
            return real
    except (OSError, RuntimeError, ValueError):
        pass
    raise CustodyError(f"{shown(folder)} is no folder that can be reached; choose one that is there")


def _is_same_folder(bound: Path, real: Path) -> bool:
    """Whether two resolved paths lead to one folder, also where the file system ignores case.

    Only spellings of one path are looked up on the disk, so that a dead network drive delays no one else.
    """
    if bound == real:
        return True
    if _caseless(bound) != _caseless(real):
        return False
    try:
        return bound.samefile(real)
    except OSError:
        return False


def _caseless(path: Path) -> str:
    return unicodedata.normalize("NFC", str(path)).casefold()


def _upwards(path: Path) -> Iterator[Path]:
    try:
        real = path.resolve()
    except (OSError, RuntimeError, ValueError):
        raise CustodyError(f"{shown(path)} cannot be reached; choose a path that is there") from None
    if real.is_dir():
        yield real
    yield from real.parents


def _is_repository(folder: Path) -> bool:
    return any(os.path.lexists(folder / mark) for mark in _REPOSITORY_MARKS)


def _bindings(connection: sqlite3.Connection) -> Iterator[Binding]:
    rows = connection.execute("SELECT name, folder, bound FROM bindings ORDER BY id DESC")
    for name, folder, bound in rows:
        yield Binding(name, Path(os.fsdecode(folder)), datetime.fromisoformat(bound))


def _is_free(connection: sqlite3.Connection, name: str) -> bool:
    bound = connection.execute("SELECT 1 FROM bindings WHERE name = ?", (name,)).fetchone()
    used = connection.execute("SELECT 1 FROM entries WHERE workspace = ?", (name,)).fetchone()
    return not bound and not used


def _insert(connection: sqlite3.Connection, name: str, folder: Path) -> None:
    now = datetime.now(timezone.utc).isoformat()
    # As bytes, because a folder's name on POSIX need not be text.
    row = (name, os.fsencode(folder), now)
    connection.execute("INSERT INTO bindings (name, folder, bound) VALUES (?, ?, ?)", row)
