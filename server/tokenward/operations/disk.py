"""The disk as an Editor, for people without an editor at hand."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from tokenward.errors import EditRefused
from tokenward.model import Surface
from tokenward.operations.editor import FileEdit
from tokenward.places import shown
from tokenward.rewriting.edits import apply_edits
from tokenward.sources.files import read_text
from tokenward.sources.source import Origin, Source

_TEMPORARY_PREFIX, _TEMPORARY_SUFFIX = ".tokenward-", ".tmp"


class DiskEditor:
    """Reads and writes files; a file is replaced as a whole or not at all."""

    def __init__(self, *, follows_links: bool = True) -> None:
        """Write to what a link leads to, or put the file in the link's place."""
        self._follows_links = follows_links

    def read(self, path: Path) -> Source | None:
        """A file as it is now; bytes that are no UTF-8 are lone surrogates in its text."""
        file = read_text(path)
        if file is None:
            return None
        return Source(file.text, Origin(path.absolute().as_uri(), Surface.FILE, path), name=path.name)

    def reread(self, source: Source) -> Source | None:
        return None if source.origin.path is None else self.read(source.origin.path)

    def apply(self, files: Sequence[FileEdit], label: str) -> None:  # noqa: ARG002 - no undo list to name it in
        """Write the files in order, so that one which loses a token is written last; all of them or none."""
        written: list[FileEdit] = []
        try:
            for file in files:
                _write(file, self._target(file))
                written.append(file)
        except EditRefused:
            for file in reversed(written):
                # One that somebody has changed since stays, and the caller sees that it does.
                with contextlib.suppress(EditRefused, OSError):
                    _take_back(file, self._target(file))
            raise

    def _target(self, file: FileEdit) -> Path:
        path = file.source.origin.path
        if path is None:
            raise EditRefused("This text is no file, so it cannot be edited on the disk.")
        try:
            return path.resolve() if self._follows_links and not file.creates else path
        except (OSError, RuntimeError):
            raise EditRefused(f"{shown(path)} is a link that leads nowhere; replace it by a file.") from None


def remove_leftovers(folder: Path) -> None:
    """Remove what a write that was cut off left in a folder; it may hold the tokens of a whole file.

    A write that is under way then fails, and its file stays as it is.
    """
    with contextlib.suppress(OSError):
        for path in folder.glob(f"{_TEMPORARY_PREFIX}*{_TEMPORARY_SUFFIX}"):
            if stat.S_ISREG(path.lstat().st_mode):
                path.unlink()


def _write(file: FileEdit, path: Path) -> None:
    content = apply_edits(file.source.text, file.edits).encode("utf-8", "surrogateescape")
    try:
        if file.creates:
            _create(path, content)
        else:
            _replace(path, content, before=file.source.text)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise EditRefused(f"{shown(path)} cannot be written ({why}); see to its permissions.") from None


def _take_back(file: FileEdit, path: Path) -> None:
    text = apply_edits(file.source.text, file.edits)
    if not file.creates:
        content = file.source.text.encode("utf-8", "surrogateescape")
        _replace(path, content, before=text)
    elif (current := read_text(path)) is not None and current.text == text:
        path.unlink()


def _create(path: Path, content: bytes) -> None:
    """Put a new file where none is, whole at once where the file system can."""
    with _written(path.parent, content, mode=0o666) as temporary:
        try:
            path.hardlink_to(temporary)
        except FileExistsError:
            raise
        except (OSError, NotImplementedError):
            with path.open("xb") as file:
                file.write(content)


def _replace(path: Path, content: bytes, before: str) -> None:
    """Put a new file in the place of one that still is what the edits were made for."""
    current = read_text(path)
    if current is None or current.text != before:
        raise EditRefused(f"{shown(path)} has changed since it was read; try again.")
    if path.stat().st_nlink > 1:
        raise EditRefused(
            f"{shown(path)} has another name (a hard link), under which it would stay as it is; edit it by hand."
        )
    with _written(path.parent, content, mode=0o600) as temporary:
        _copy_rights(path, temporary)
        temporary.replace(path)


@contextlib.contextmanager
def _written(folder: Path, content: bytes, mode: int) -> Iterator[Path]:
    """A file of another name with the content, on the disk; gone with the block unless it was renamed."""
    path = folder / f"{_TEMPORARY_PREFIX}{secrets.token_hex(8)}{_TEMPORARY_SUFFIX}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(path, flags, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield path
    finally:
        path.unlink(missing_ok=True)


def _copy_rights(path: Path, temporary: Path) -> None:
    status = path.stat()
    temporary.chmod(stat.S_IMODE(status.st_mode))
    if hasattr(os, "chown"):
        with contextlib.suppress(PermissionError):
            os.chown(temporary, status.st_uid, status.st_gid)
