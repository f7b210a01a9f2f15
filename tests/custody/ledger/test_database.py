"""A file of records that is private, shared by processes, and named in errors."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from subprocess import Popen

import pytest

from tokenward.custody.ledger.database import (
    BUSY_SECONDS,
    FIRST_VERSION,
    Database,
    databases_kept_open,
)
from tokenward.custody.ledger.ledger import Ledger
from tokenward.errors import StateDamaged
from unprivileged import NOBODY, bound_by_permissions, place_of_somebody

SCHEMA = (("CREATE TABLE words (word TEXT)",),)
posix = pytest.mark.skipif(os.name == "nt", reason="POSIX modes and owners")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "words.db"


def add(path: Path, word: str) -> None:
    with Database(path, SCHEMA).write() as connection:
        connection.execute("INSERT INTO words VALUES (?)", (word,))


def words(path: Path) -> list[str]:
    with Database(path, SCHEMA).read() as connection:
        return [row[0] for row in connection.execute("SELECT word FROM words")]


def test_what_is_written_is_there_for_the_next(path: Path) -> None:
    add(path, "one")
    assert words(path) == ["one"]


def test_an_exception_undoes_the_transaction(path: Path) -> None:
    database = Database(path, SCHEMA)

    def interrupted() -> None:
        with database.write() as connection:
            connection.execute("INSERT INTO words VALUES ('half')")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert words(path) == []


@posix
def test_files_and_folder_are_closed_to_others(path: Path) -> None:
    before = os.umask(0)
    try:
        with Database(path, SCHEMA).write() as connection:
            connection.execute("INSERT INTO words VALUES ('x')")
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    finally:
        os.umask(before)
    assert len(modes) > 1
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@posix
def test_a_file_that_was_open_to_others_is_closed(path: Path) -> None:
    add(path, "one")
    path.chmod(0o666)
    assert words(path) == ["one"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@posix
@pytest.mark.parametrize("exists", [True, False])
def test_a_link_is_not_followed(path: Path, tmp_path: Path, exists: bool) -> None:
    target = tmp_path / "target.db"
    if exists:
        add(target, "theirs")
    path.parent.mkdir()
    path.symlink_to(target)
    with pytest.raises(StateDamaged, match="is not a regular file"):
        add(path, "ours")
    assert target.exists() == exists


@posix
def test_a_link_put_there_between_two_calls_is_not_followed(path: Path, tmp_path: Path) -> None:
    add(path, "one")
    path.rename(tmp_path / "moved.db")
    path.symlink_to(tmp_path / "moved.db")
    with pytest.raises(StateDamaged):
        add(path, "two")
    assert words(tmp_path / "moved.db") == ["one"]


@posix
def test_another_users_file_is_refused(path: Path) -> None:
    add(path, "one")
    if os.geteuid() == 0:
        os.chown(path, 65534, 65534)
    else:
        path = Path("/etc/passwd")
        if path.stat().st_uid == os.geteuid():
            pytest.skip("no file of another user is at hand")
    with pytest.raises(StateDamaged, match="belongs to another user"):
        words(path)


@pytest.mark.parametrize(
    "content", [b"not a database, but long enough to hold a header" * 30, b"SQLite format 3\0"]
)
def test_a_file_that_is_no_database_is_reported_and_kept(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(StateDamaged, match="is damaged; restore a backup"):
        words(path)
    assert path.read_bytes() == content


def test_a_database_with_broken_pages_is_reported(path: Path) -> None:
    for number in range(200):
        add(path, f"{number}" * 50)
    content = path.read_bytes()
    path.write_bytes(content[:4096] + os.urandom(len(content) - 4096))
    with pytest.raises(StateDamaged, match="is damaged"):
        words(path)


def test_a_row_that_means_nothing_is_no_damage(path: Path) -> None:
    add(path, "three")
    with (
        pytest.raises(StateDamaged, match="this version of Tokenward cannot read"),
        Database(path, SCHEMA).read() as connection,
    ):
        int(connection.execute("SELECT word FROM words").fetchone()[0])


def test_a_newer_programs_file_is_left_alone(path: Path) -> None:
    newer = (*SCHEMA, ("CREATE TABLE more (x)",))
    with Database(path, newer, FIRST_VERSION + 1).write():
        pass
    with pytest.raises(StateDamaged, match="written by a newer Tokenward; update"):
        words(path)


def test_an_older_programs_file_is_brought_up(path: Path) -> None:
    add(path, "old")
    with Database(path, (*SCHEMA, ("ALTER TABLE words ADD COLUMN more DEFAULT 7",))).read() as connection:
        assert connection.execute("SELECT * FROM words").fetchall() == [("old", 7)]


@pytest.mark.parametrize("blocked", ["folder", "parent"])
def test_a_place_that_cannot_hold_a_file_is_reported(path: Path, blocked: str) -> None:
    if blocked == "folder":
        path.mkdir(parents=True)
    else:
        path.parent.touch()
    with pytest.raises(StateDamaged):
        words(path)


@posix
def test_a_read_only_home_is_reported(read_only_home: Path) -> None:
    with pytest.raises(StateDamaged, match="make its folder writable"):
        add(read_only_home / "words.db", "x")
    with pytest.raises(StateDamaged, match="make its folder writable"):
        words(read_only_home / "words.db")


@posix
@pytest.mark.parametrize("is_old", [False, True])
def test_what_was_written_can_be_read_in_a_home_that_became_read_only(*, is_old: bool) -> None:
    with place_of_somebody() as place:
        if os.geteuid() == 0:
            os.chown(place, NOBODY, NOBODY)
        with bound_by_permissions():
            path = place / "data" / "words.db"
            add(path, "one")
            path.parent.chmod(0o555)
            schema = (*SCHEMA, ("CREATE TABLE more (x)",)) if is_old else SCHEMA
            try:
                if is_old:
                    with pytest.raises(StateDamaged), Database(path, schema).read():
                        pass
                else:
                    assert words(path) == ["one"]
                with pytest.raises(StateDamaged, match="writable"):
                    add(path, "two")
            finally:
                path.parent.chmod(0o700)


def test_a_write_within_a_write_does_not_wait_for_it(path: Path) -> None:
    """It is a part of the same transaction, and an exception undoes only what it wrote itself."""
    database = Database(path, SCHEMA)

    def refused() -> None:
        with database.write() as connection:
            connection.execute("INSERT INTO words VALUES ('undone')")
            connection.execute("INSERT INTO nowhere VALUES (1)")

    with database.write() as connection:
        connection.execute("INSERT INTO words VALUES ('outer')")
        add(path, "inner")
        assert words(path) == ["outer", "inner"]
        with pytest.raises(StateDamaged):
            refused()
        with closing(sqlite3.connect(path)) as other:
            assert other.execute("SELECT word FROM words").fetchall() == []
    assert words(path) == ["outer", "inner"]


def test_a_file_that_another_program_holds_is_reported(path: Path) -> None:
    add(path, "one")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StateDamaged, match="is locked by another program"):
            add(path, "two")
        assert words(path) == ["one"]


@posix
def test_opening_does_not_drop_the_locks_of_another_thread(path: Path, start: Callable[..., object]) -> None:
    """POSIX drops a process's locks on a file when any of its descriptors of that file is closed."""
    add(path, "one")
    with closing(sqlite3.connect(path)) as connection:
        # Where a write-ahead log can be had, the locks that matter here are on another file.
        connection.execute("PRAGMA journal_mode = DELETE")
    child_code = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)
try:
    connection.execute("BEGIN IMMEDIATE")
except sqlite3.OperationalError as error:
    print(error)
"""
    with Database(path, SCHEMA).write() as connection:
        connection.execute("INSERT INTO words VALUES ('two')")
        reader = threading.Thread(target=words, args=(path,))
        reader.start()
        reader.join()
        child = start(child_code, path)
        assert child.communicate()[0].strip() == "database is locked"  # type: ignore[attr-defined]


FULL = """
import resource, sys
from pathlib import Path
from tokenward.custody.ledger.ledger import Ledger
from tokenward.custody.ledger.events import Event
from tokenward.errors import StateDamaged
ledger = Ledger(Path(sys.argv[1]))
ledger.record(Event.PUT)
resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
try:
    while True:
        ledger.record(Event.PUT, detail={"text": "x" * 5000})
except StateDamaged as error:
    print(error)
"""


@posix
def test_a_disk_that_is_full_is_reported_and_harms_nothing(path: Path, start: Callable[..., object]) -> None:
    child = start(FULL, path)
    assert "because the disk is full; free some space" in child.communicate()[0]  # type: ignore[attr-defined]
    records = Ledger(path).records()
    assert [record.id for record in records] == list(range(1, len(records) + 1))


RACE = """
from tokenward.custody.ledger.database import Database
database = Database(folder / "words.db", (("CREATE TABLE words (word TEXT)",),))
print("ready", flush=True)
sys.stdin.readline()
for number in range(50):
    with database.write() as connection:
        connection.execute("INSERT INTO words VALUES (?)", (f"{sys.argv[2]} {number}",))
    with database.read() as connection:
        connection.execute("SELECT count(*) FROM words").fetchone()
"""


def test_processes_share_a_file_from_its_first_moment(tmp_path: Path, race: Callable[..., list[str]]) -> None:
    race(4, RACE, tmp_path)
    assert sorted(words(tmp_path / "words.db")) == sorted(f"{p} {n}" for p in range(4) for n in range(50))


def test_threads_share_a_database(path: Path) -> None:
    database = Database(path, SCHEMA)

    def work(word: str) -> None:
        for _ in range(25):
            with database.write() as connection:
                connection.execute("INSERT INTO words VALUES (?)", (word,))

    threads = [threading.Thread(target=work, args=(str(n),)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(words(path)) == 100


GREEDY = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=0)
while True:
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        time.sleep(0.0005)
        continue
    connection.execute("INSERT INTO words VALUES ('theirs')")
    print("locked", flush=True)
    time.sleep(float(sys.argv[2]))
    connection.execute("COMMIT")
"""


def test_processes_that_write_all_the_time_do_not_keep_another_out(
    path: Path, start: Callable[..., Popen[str]]
) -> None:
    """The lock is free for some microseconds at a time, but no transaction takes as long as one may wait."""
    with databases_kept_open():
        add(path, "ours")
        for seconds in (0.1, 0.15):
            child = start(GREEDY, path, seconds)
            assert child.stdout is not None
            child.stdout.readline()
        for _ in range(2):
            add(path, "ours")
    assert words(path).count("ours") == 3


def test_a_process_that_keeps_the_lock_is_named_after_two_seconds(
    path: Path, start: Callable[..., Popen[str]]
) -> None:
    add(path, "ours")
    child = start(GREEDY, path, 60)
    assert child.stdout is not None
    child.stdout.readline()
    begun = time.monotonic()
    with pytest.raises(StateDamaged, match="is locked by another program"):
        add(path, "ours")
    assert time.monotonic() - begun >= BUSY_SECONDS
