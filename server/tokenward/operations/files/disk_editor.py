"""The disk as an Editor, for the command line."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from tokenward.errors import EditRefused, EditUncertain, FileChanged
from tokenward.model import Surface
from tokenward.operations.files.editor import FileEdit
from tokenward.operations.files.file_writing import create_file, remove_file, replace_file, require_writable
from tokenward.operations.files.writes_under_way import noted
from tokenward.places import shown
from tokenward.sources.editable_file import read_text
from tokenward.sources.source import Origin, Source


class DiskEditor:
    """Reads and writes files; replaces a file completely or not at all."""

    def __init__(self, *, follows_links: bool = True, notes: Path | None = None) -> None:
        """Follow links, or refuse to write through them; with a folder for notes, record writes of values there."""
        self._follows_links = follows_links
        self._notes = notes

    def read(self, path: Path) -> Source | None:
        """Return the current state of a file; bytes that are not UTF-8 are lone surrogates in its text."""
        file = read_text(path)
        if file is None:
            return None
        return Source(file.text, Origin(path.absolute().as_uri(), Surface.FILE, path), name=path.name)

    def reread(self, source: Source) -> Source | None:
        return None if source.origin.path is None else self.read(source.origin.path)

    def apply(self, files: Sequence[FileEdit], label: str) -> None:  # noqa: ARG002 - no undo list to name it in
        """Write all files or none, in order, so that a file that loses a token is written last."""
        targets = [(file, self._target(file)) for file in files]
        for file, path in targets:
            if not file.creates:
                with _naming(path), contextlib.suppress(FileNotFoundError):
                    require_writable(path)
        written: list[tuple[FileEdit, Path]] = []
        with noted(self._notes, [path.parent for _, path in targets]):
            try:
                for file, path in targets:
                    _write(file, path)
                    written.append((file, path))
            except EditRefused:
                for file, path in reversed(written):
                    # A file that somebody has since changed stays, and the caller sees that.
                    with contextlib.suppress(EditRefused, EditUncertain, OSError):
                        content, before = _contents(file)
                        if file.creates:
                            remove_file(path, content)
                        else:
                            replace_file(path, before, content)
                raise

    def remove(self, source: Source) -> None:
        """Remove a file, unless its content has changed.

        Raises:
            EditRefused: it cannot be removed, or has changed.
            EditUncertain: two other programs wrote it at the same time, and both contents are kept.
        """
        path = source.origin.path
        if path is None:
            raise EditRefused("This text is not a file, so it cannot be removed from the disk.")
        with noted(self._notes, [path.parent]), _naming(path):
            remove_file(path, source.text.encode("utf-8", "surrogateescape"))
        if path.exists():
            raise EditRefused("{path} has changed in the meantime; try again.", path=shown(path))

    def _target(self, file: FileEdit) -> Path:
        path = file.source.origin.path
        if path is None:
            raise EditRefused("This text is not a file, so it cannot be edited on disk.")
        try:
            return path.resolve() if self._follows_links and not file.creates else path
        except (OSError, RuntimeError):
            raise EditRefused(
                "{path} is a link that leads nowhere; replace it with a file.", path=shown(path)
            ) from None


def _write(file: FileEdit, path: Path) -> None:
    content, before = _contents(file)
    with _naming(path):
        if file.creates:
            create_file(path, content)
        else:
            replace_file(path, content, before)


def _contents(file: FileEdit) -> tuple[bytes, bytes]:
    """Return the new and the current content of a file."""
    texts = file.text_after, file.source.text
    new, before = (text.encode("utf-8", "surrogateescape") for text in texts)
    return new, before


@contextlib.contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Convert a system error within the block to one that names the file."""
    try:
        yield
    except FileExistsError:
        raise FileChanged("{path} was created in the meantime; try again.", path=shown(path)) from None
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise EditRefused(
            "{path} cannot be written ({why}); check its permissions.", path=shown(path), why=why
        ) from None
