"""A model of a disk after a power cut: synchronised data is safe; the rest may be there, missing, or partial.

It is a journaling file system at its worst: a file's content is safe once the file is synchronised, a name once its
folder is. An unsafe rename may have happened, even before the content was written.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

State = dict[str, bytes]
"""File contents by path, relative to the folder."""


@dataclass(frozen=True)
class Disk:
    """A folder's names and file contents, now and as far as they are safe."""

    names: dict[str, int]
    sure_names: dict[str, int]
    content: dict[int, bytes]
    sure_content: dict[int, bytes]

    def states(self) -> Iterator[State]:
        """Yield the possible states after a power cut now."""
        for names in (self.sure_names, self.names):
            for kept in (lambda node: self.content[node], self._least, self._half):
                yield {name: kept(node) for name, node in names.items()}

    def _least(self, node: int) -> bytes:
        return self.sure_content.get(node, b"")

    def _half(self, node: int) -> bytes:
        sure, now = self._least(node), self.content[node]
        return now if sure == now else now[: len(now) // 2]


@dataclass
class Witness:
    """Records a folder at each call that changes or synchronises something in it."""

    folder: Path
    disks: list[Disk] = field(default_factory=list)

    def begin(self) -> None:
        names, content = self._look()
        self.disks.append(Disk(names, names, content, content))

    def see(self, synchronised: int | None = None) -> None:
        """Record a change, or the synchronisation of the file or folder with this inode number."""
        last = self.disks[-1]
        names, content = self._look()
        content = {**last.content, **content}
        disk = replace(last, names=names, content=content)
        folder = self._folders().get(synchronised)
        if folder is not None:
            disk = replace(disk, sure_names=_within(names, folder) | _without(last.sure_names, folder))
        elif synchronised is not None:
            disk = replace(
                disk, sure_content={**last.sure_content, synchronised: content.get(synchronised, b"")}
            )
        self.disks.append(disk)

    def _folders(self) -> dict[int | None, Path]:
        folders = [self.folder, *(path for path in self.folder.rglob("*") if path.is_dir())]
        return {path.stat().st_ino: path.relative_to(self.folder) for path in folders}

    def _look(self) -> tuple[dict[str, int], dict[int, bytes]]:
        entries = [path for path in self.folder.rglob("*") if path.is_file()]
        names = {path.relative_to(self.folder).as_posix(): path.stat().st_ino for path in entries}
        return names, {path.stat().st_ino: path.read_bytes() for path in entries}


def _within(names: dict[str, int], folder: Path) -> dict[str, int]:
    return {name: node for name, node in names.items() if Path(name).parent == folder}


def _without(names: dict[str, int], folder: Path) -> dict[str, int]:
    return {name: node for name, node in names.items() if Path(name).parent != folder}


def states_of(folder: Path, work: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> list[State]:
    """Return every state of a folder that a power cut during some work, or right after it, may leave."""
    witness = Witness(folder)
    witness.begin()
    with monkeypatch.context() as patch:
        _patch(patch, witness)
        work()
    witness.see()
    return [state for disk in witness.disks for state in disk.states()]


def _patch(patch: pytest.MonkeyPatch, witness: Witness) -> None:
    fsync = os.fsync

    def watched_fsync(descriptor: int) -> None:
        witness.see()
        fsync(descriptor)
        witness.see(os.fstat(descriptor).st_ino)

    patch.setattr(os, "fsync", watched_fsync)
    for name in ("replace", "rename", "unlink", "open", "close"):
        patch.setattr(os, name, _seen(getattr(os, name), witness))


def _seen(call: Callable[..., object], witness: Witness) -> Callable[..., object]:
    def seen(*arguments: object, **named: object) -> object:
        answer = call(*arguments, **named)
        # Recording itself opens files.
        if not witness.disks or _looking:
            return answer
        _looking.append(True)
        try:
            witness.see()
        finally:
            _looking.clear()
        return answer

    return seen


_looking: list[bool] = []
