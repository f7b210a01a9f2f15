"""Records where files with values are being written, so that any later command can clear up."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from tokenward.operations.files.workplace import Workplace, remove_leftovers, sync_folder, workplace
from tokenward.safe_files import CREATE_FLAGS, write_all


@contextlib.contextmanager
def noted(notes: Path | None, folders: Iterable[Path]) -> Iterator[None]:
    """Record during the block that files in some folders are being written, so that a later command clears up."""
    with contextlib.ExitStack() as stack:
        if notes is not None:
            with contextlib.suppress(OSError):
                notes.mkdir(mode=0o700, parents=True, exist_ok=True)
                place = stack.enter_context(workplace(notes, _clear_up))
                _write(place, folders)
        yield


def clear_up(notes: Path) -> None:
    """Remove the remains of writes whose process died."""
    remove_leftovers(notes, _clear_up)


def _write(note: Workplace, folders: Iterable[Path]) -> None:
    names = sorted({os.fsencode(folder.absolute()) for folder in folders})
    write_all(os.open(note.content, CREATE_FLAGS, 0o600), b"\0".join(names))
    sync_folder(note.folder)
    sync_folder(note.folder.parent)


def _clear_up(note: Workplace) -> None:
    with contextlib.suppress(OSError):
        for folder in note.content.read_bytes().split(b"\0"):
            if folder:
                remove_leftovers(Path(os.fsdecode(folder)))
