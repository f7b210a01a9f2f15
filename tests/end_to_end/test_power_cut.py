"""After a power cut at any moment, everything promised to persist is there at the next start, complete."""

from __future__ import annotations

import base64
import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from power_cut import states_of
from tokenward.custody.ledger.events import Event
from tokenward.custody.ledger.ledger import Ledger
from tokenward.model import Reference, Secret
from tokenward.operations.files import file_writing
from tokenward.vault.encrypted_file import EncryptedFileVault, create
from tokenward.vault.unlocking import Unlocking

posix = pytest.mark.skipif(os.name == "nt", reason="calls of the system as POSIX has them")
BLOCK = 512
"""What a disk writes whole, or not at all."""


@pytest.fixture
def key() -> Unlocking:
    return Unlocking(key=Secret(base64.b64encode(bytes(range(32))).decode()))


def test_the_encrypted_file_keeps_every_value_that_it_took(
    tmp_path: Path, key: Unlocking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old values are there in every state, the new one from the moment when it was reported as stored."""
    old, new = Reference("acme", "OLD"), Reference("acme", "NEW")
    place = tmp_path / "data"
    place.mkdir(mode=0o700)
    create(place / "vault", key)
    EncryptedFileVault(place / "vault", key).put(old, Secret("a" * 2000))
    vault = EncryptedFileVault(place / "vault", key)
    states = states_of(place, lambda: vault.put(new, Secret("b" * 2000)), monkeypatch)
    held = []
    for number, state in enumerate(states):
        found = _restored(tmp_path / str(number), state)
        survivor = EncryptedFileVault(found / "vault", key)
        assert survivor.get(old) == Secret("a" * 2000)
        held.append(survivor.get(new) is not None)
    assert len(set(map(repr, states))) > 3
    assert not held[0]
    assert all(held[-6:])


@pytest.mark.slow
def test_the_ledger_keeps_every_row_that_it_took(tmp_path: Path) -> None:
    """Whatever part of a write reached the disk, the earlier rows are there, in an intact chain."""
    place = tmp_path / "data"
    ledger = Ledger(place / "ledger.db")
    ledger.record(Event.FOUND, origin="app.py")
    tried = 0
    with _unmerged(place / "ledger.db"):
        for rows in range(2, 5):
            before = _files(place)
            ledger.record(Event.FOUND, origin="app.py", detail={"line": rows})
            for number, state in enumerate(_torn(before, _files(place))):
                found = Ledger(_restored(tmp_path / f"{rows}-{number}", state) / "ledger.db")
                assert len(found.records()) in (rows - 1, rows)
                assert not found.verify().faults
                found.record(Event.WITHDRAWN, origin="app.py")
                assert not found.verify().faults
                tried += 1
    assert tried > 30


@posix
@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_file_that_is_replaced_is_whole_and_git_sees_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_exchange: bool
) -> None:
    """The file is the old one or the new one, and any remains of either are in a folder that Git ignores."""
    if not can_exchange:
        monkeypatch.setattr(file_writing, "exchange", lambda *_: False)
    old, new, folder = b"old " * 500, b"new " * 700, tmp_path / "acme"
    folder.mkdir()
    (folder / ".env").write_bytes(old)
    _sync(folder / ".env")
    _sync(folder)
    seen = set[bytes]()
    for state in states_of(folder, lambda: file_writing.replace_file(folder / ".env", new, old), monkeypatch):
        seen.add(state.pop(".env"))
        for name, content in state.items():
            hidden, _, rest = name.partition("/")
            assert rest == ".gitignore" or not content or state.get(f"{hidden}/.gitignore") == b"*\n", name
    assert seen == {old, new}
    assert state == {}


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


@contextlib.contextmanager
def _unmerged(path: Path) -> Iterator[None]:
    """Keep a reader open, so that SQLite leaves new rows in its log."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM records").fetchone()
        yield


def _files(folder: Path) -> dict[str, bytes]:
    # The shared memory is left out: SQLite rebuilds it from the log.
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.endswith("-shm")}


def _torn(before: dict[str, bytes], after: dict[str, bytes]) -> Iterator[dict[str, bytes]]:
    """Yield possible remains of an interrupted write: its start, alone or before zeros, or all but one block."""
    log = next(name for name in after if name.endswith("-wal"))
    old, new = before.get(log, b""), after[log]
    for end in range(len(old), len(new) + 1, BLOCK):
        yield {**before, log: new[:end]}
        yield {**before, log: new[:end].ljust(len(new), b"\0")}
        if end < len(new):
            yield {**before, log: new[:end] + b"\0" * BLOCK + new[end + BLOCK :]}


def _restored(folder: Path, state: dict[str, bytes]) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    for name, content in state.items():
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o600)
    return folder
