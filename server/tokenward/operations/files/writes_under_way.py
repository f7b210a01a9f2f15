"""Records where files with values are being written, so that any later command can clear up."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tokenward.errors import TokenwardError
from tokenward.operations.files import passing_file
from tokenward.operations.files.passing_file import PassingFile
from tokenward.operations.files.workplace import Workplace, remove_leftovers, sync_folder, workplace
from tokenward.places import shown
from tokenward.safe_files import CREATE_FLAGS, write_all


@contextlib.contextmanager
def noted(notes: Path | None, folders: Iterable[Path]) -> Iterator[None]:
    """Record during the block that files in some folders are being written, so that a later command clears up."""
    with contextlib.ExitStack() as stack:
        if notes is not None:
            with contextlib.suppress(OSError):
                notes.mkdir(mode=0o700, parents=True, exist_ok=True)
                note = stack.enter_context(workplace(notes, _clear_up))
                names = sorted({os.fsencode(folder.absolute()) for folder in folders})
                write_all(os.open(note.content, CREATE_FLAGS, 0o600), b"\0".join(names))
                sync_folder(note.folder)
                sync_folder(notes)
        yield


@contextlib.contextmanager
def present(notes: Path, files: Iterable[PassingFile], warn: Callable[[str], None]) -> Iterator[None]:
    """Have files with values exist during the block; if this process is killed, a later command removes them.

    Raises:
        TokenwardError: one of them cannot be written, and none is left.
    """
    with contextlib.ExitStack() as stack:
        for file in files:
            stack.enter_context(_present(notes, file, warn))
        yield


@contextlib.contextmanager
def _present(notes: Path, file: PassingFile, warn: Callable[[str], None]) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        try:
            notes.mkdir(mode=0o700, parents=True, exist_ok=True)
            note = stack.enter_context(workplace(notes, _clear_up))
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise TokenwardError(
                f"{shown(notes)} cannot be written ({why}), and without it nothing would remove the file; make it "
                "writable for you."
            ) from None
        try:
            passing_file.create(file, note.passing)
        except FileExistsError:
            raise TokenwardError(already_there(file.path)) from None
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise TokenwardError(
                f"{shown(file.path)} cannot be written ({why}); name another place."
            ) from None
        stack.callback(_remove, file, note, warn)
        yield


def already_there(path: Path) -> str:
    """Return the refusal of a path at which something exists."""
    return f"{shown(path)} exists already and was not changed; move it away, or name another place."


def _remove(file: PassingFile, note: Workplace, warn: Callable[[str], None]) -> None:
    path = shown(file.path)
    try:
        if not passing_file.remove(file, note.passing):
            warn(f"{path} was replaced while the command ran and has none of the values, so it stays.")
    except OSError as error:
        why = error.strerror or type(error).__name__
        warn(f"{path} has tokens in plain text and cannot be removed ({why}); delete it.")


def clear_up(notes: Path) -> list[str]:
    """Remove the remains of writes whose process died, and return a sentence about each file that stays."""
    said: list[str] = []

    def inspect(note: Workplace) -> None:
        if changed := passing_file.changed_left(note.passing):
            said.append(
                f"{shown(changed)} was left by a `tokenward run --file` that was killed, and has been changed since; "
                "delete it if you do not need it, as it holds tokens in plain text."
            )
        _clear_up(note)

    remove_leftovers(notes, inspect)
    return said


def _clear_up(note: Workplace) -> None:
    # Only notes are trusted to name other files; a leftover in a workspace may be a stranger's.
    passing_file.remove_left(note.passing)
    with contextlib.suppress(OSError):
        for folder in note.content.read_bytes().split(b"\0"):
            if folder:
                remove_leftovers(Path(os.fsdecode(folder)))
