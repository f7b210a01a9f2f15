"""The disk as an Editor, for people without an editor at hand."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tokenward.errors import EditRefused
from tokenward.model import Surface
from tokenward.operations.editor import FileEdit
from tokenward.places import shown
from tokenward.rewriting.edits import apply_edits
from tokenward.sources.files import read_text
from tokenward.sources.source import Origin, Source


class DiskEditor:
    """Reads and writes files; a file is replaced as a whole or not at all."""

    def read(self, path: Path) -> Source | None:
        """A file as it is now; bytes that are no UTF-8 are lone surrogates in its text."""
        file = read_text(path)
        if file is None:
            return None
        return Source(file.text, Origin(path.absolute().as_uri(), Surface.FILE, path), name=path.name)

    def reread(self, source: Source) -> Source | None:
        return None if source.origin.path is None else self.read(source.origin.path)

    def apply(self, files: Sequence[FileEdit], label: str) -> None:  # noqa: ARG002 - no undo list to name it in
        """Write the files in order, so that one which loses a token is written last."""
        for file in files:
            _write(file)


def _write(file: FileEdit) -> None:
    path = file.source.origin.path
    if path is None:
        raise EditRefused("This text is no file, so it cannot be edited on the disk.")
    text = apply_edits(file.source.text, file.edits)
    content = text.encode("utf-8", "surrogateescape")
    try:
        if file.creates:
            _create(path, content)
        else:
            _replace(path.resolve(strict=True), content, before=file.source.text)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise EditRefused(f"{shown(path)} cannot be written ({why}); see to its permissions.") from None


def _create(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _replace(path: Path, content: bytes, before: str) -> None:
    """Put a new file in the place of one that still is what the edits were made for."""
    current = read_text(path)
    if current is None or current.text != before:
        raise EditRefused(f"{shown(path)} has changed since it was read; try again.")
    descriptor, temporary = tempfile.mkstemp(prefix=".tokenward-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _copy_rights(path, Path(temporary))
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _copy_rights(path: Path, temporary: Path) -> None:
    status = path.stat()
    temporary.chmod(stat.S_IMODE(status.st_mode))
    if hasattr(os, "chown"):
        with contextlib.suppress(PermissionError):
            os.chown(temporary, status.st_uid, status.st_gid)
