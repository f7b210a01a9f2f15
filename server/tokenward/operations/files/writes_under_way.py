"""Notes of where files with values are being written, so that any later command can clean up."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from tokenward.operations.files.workplace import Workplace, remove_leftovers, sync_folder, workplace


@contextlib.contextmanager
def noted(notes: Path | None, folders: Iterable[Path]) -> Iterator[None]:
    """Note for a block that files in some folders are being written; without a note the next write there cleans up."""
    with contextlib.ExitStack() as stack:
        if notes is not None:
            with contextlib.suppress(OSError):
                notes.mkdir(mode=0o700, parents=True, exist_ok=True)
                note = stack.enter_context(workplace(notes, _clean_up))
                with note.content.open("xb") as file:
                    file.write(b"\0".join(sorted({os.fsencode(folder.absolute()) for folder in folders})))
                    file.flush()
                    os.fsync(file.fileno())
                sync_folder(note.folder)
                sync_folder(note.folder.parent)
        yield


def clear_up(notes: Path) -> None:
    """Remove the remains of writes whose process died."""
    remove_leftovers(notes, _clean_up)


def _clean_up(note: Workplace) -> None:
    with contextlib.suppress(OSError):
        for folder in note.content.read_bytes().split(b"\0"):
            if folder:
                remove_leftovers(Path(os.fsdecode(folder)))
