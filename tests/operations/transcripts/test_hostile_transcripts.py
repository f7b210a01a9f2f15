"""Files that are not what they seem, or not ours to change, are left as they are, and that is said."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest

import tokens
from desk import Desk
from tokenward.custody.ledger.events import Event
from tokenward.operations.agents_protection.search_roots import SearchRoots
from tokenward.operations.transcripts import reading, redact
from tokenward.operations.transcripts.databases import zstandard
from tokenward.operations.transcripts.redact import RedactedFile, Redaction
from tokenward.operations.transcripts.survey import TranscriptSurvey, survey
from tokenward.operations.transcripts.transcript_files import find_transcripts
from transcript_samples import CLAUDE, CURSOR, database

TOKEN = tokens.github("hostile")
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has neither links for users nor FIFOs")


class User:
    """A user with transcripts of Claude Code and a database of Cursor."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.home = desk.folder.parent / "user"
        self.projects = self.home / ".claude" / "projects" / "-w"
        self.projects.mkdir(parents=True)
        self.database = self.home / ".config" / "Cursor" / "User" / "globalStorage" / "state.vscdb"
        self.database.parent.mkdir(parents=True)
        self.skipped: list[str] = []

    def transcript(self, name: str = "s.jsonl") -> Path:
        path = self.projects / name
        CLAUDE(path, TOKEN)
        return path

    def redact(self) -> tuple[TranscriptSurvey, list[RedactedFile]]:
        files = [*find_transcripts(SearchRoots(self.home, None, {}), self.skipped)]
        found = survey(self.desk.context.scanner, files)
        run = Redaction(self.desk.context, found, {}, str, self.desk.places.writes)
        return found, [*run.redact(files)]


@pytest.fixture
def user(desk: Desk) -> User:
    return User(desk)


def link_to_file(user: User, target: Path) -> None:
    (user.projects / "planted.jsonl").symlink_to(target)


def link_to_folder(user: User, target: Path) -> None:
    (user.projects.parent / "-planted").symlink_to(target.parent)


@posix
@pytest.mark.parametrize("plant", [link_to_file, link_to_folder])
def test_a_planted_link_is_not_followed(
    user: User, tmp_path: Path, plant: Callable[[User, Path], None]
) -> None:
    target = tmp_path / "elsewhere" / "x.jsonl"
    target.parent.mkdir()
    CLAUDE(target, TOKEN)
    before = target.read_bytes()
    plant(user, target)
    found, done = user.redact()
    assert (found.tokens, done, target.read_bytes()) == ({}, [], before)
    assert "is a link and was not followed" in user.skipped[0]


@posix
@pytest.mark.parametrize("ending", ["", "-wal", "-journal"])
def test_a_fifo_makes_nobody_wait(user: User, ending: str) -> None:
    os.mkfifo(user.projects / "fifo.jsonl")
    CURSOR(user.database, TOKEN)
    if ending:
        os.mkfifo(f"{user.database}{ending}")
        before = user.database.read_bytes()
        found, done = user.redact()
        assert (done, user.database.read_bytes()) == ([], before)
        assert "is not a regular file" in found.troubles[0]
    else:
        assert user.redact()[1][0].reason == ""


@posix
@pytest.mark.parametrize(
    ("hinder", "why"),
    [
        (lambda path: os.link(path, f"{path}.other"), "hard link"),
        (lambda path: path.chmod(0o400), "Permission denied"),
    ],
)
def test_what_must_not_be_replaced_is_left(user: User, hinder: Callable[[Path], object], why: str) -> None:
    path = user.transcript()
    before = path.read_bytes()
    hinder(path)
    [done] = user.redact()[1]
    assert (len(done.left), path.read_bytes()) == (1, before)
    assert why in done.reason


@pytest.mark.skipif(sys.platform == "win32", reason="on Windows an open file cannot be replaced anyway")
def test_a_file_that_a_program_has_open_is_left(user: User) -> None:
    path = user.transcript()
    before = path.read_bytes()
    with subprocess.Popen(["sleep", "60"], stdin=path.open("rb")) as reader:
        [done] = user.redact()[1]
        reader.kill()
    assert (len(done.left), path.read_bytes()) == (1, before)
    assert f"sleep ({reader.pid}) has it open" in done.reason
    assert user.redact()[1][0].left == ()


@pytest.mark.parametrize("statement", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
def test_a_locked_database_is_left(user: User, statement: str) -> None:
    CURSOR(user.database, TOKEN)
    with closing(sqlite3.connect(user.database, isolation_level=None)) as connection:
        connection.execute(statement)
        found, done = user.redact()
        connection.execute("ROLLBACK")
    assert [one.reason for one in done if "in use" not in one.reason] == []
    assert done or "in use" in found.troubles[0]
    assert user.redact()[1][0].left == ()


def test_a_copy_that_cannot_be_removed_now_is_left_to_the_next_run(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that only the database knows of keeps its log, after the rows were changed."""
    CURSOR(user.database, TOKEN)
    monkeypatch.setattr(redact, "programs_with", lambda _: [])
    with closing(sqlite3.connect(user.database, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT * FROM cursorDiskKV").fetchone()
        [done] = user.redact()[1]
    assert "in use" in done.reason
    assert [one.event for one in user.desk.context.ledger.records()] == [Event.REDACTION_STARTED]


TABLES = {
    "without a rowid": "CREATE TABLE t (a TEXT, b TEXT, c TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;",
    "odd names": 'CREATE TABLE "t""; DROP TABLE t" ("a""b" TEXT, "rowid" TEXT, "c d" TEXT);',
    "a generated column": "CREATE TABLE t (a TEXT, b TEXT, c TEXT, d TEXT AS (c || '!') STORED);",
    "an index for searches": "CREATE TABLE t (a TEXT, b TEXT, c TEXT);"
    " CREATE VIRTUAL TABLE s USING fts5 (c, content='t', tokenize='ascii');"
    " CREATE TRIGGER i AFTER INSERT ON t BEGIN INSERT INTO s (rowid, c) VALUES (new.rowid, new.c); END;",
    "a deleted row": "CREATE TABLE t (a TEXT, b TEXT, c TEXT); PRAGMA secure_delete=OFF;",
}


@pytest.mark.parametrize("name", TABLES)
def test_no_copy_stays_in_a_database(user: User, name: str) -> None:
    """Neither in its rows nor in free pages, its log, or an index; 1,000 rows are read in portions."""
    table = '"t""; DROP TABLE t"' if name == "odd names" else "t"
    columns = " (a, b, c)" if name == "a generated column" else ""
    query = f"INSERT INTO {table}{columns} VALUES (?, 'b', ?)"

    def row(number: int) -> Callable[[str], Sequence[object]]:
        return lambda token: [f"a{number}", f"{number} {token}"]

    rows = [(query, row(number)) for number in range(1_000)]
    if name == "a deleted row":
        rows.append(("DELETE FROM t WHERE rowid % 2", lambda _: []))
    database(TABLES[name], *rows)(user.database, TOKEN)
    [done] = user.redact()[1]
    assert (done.reason, done.left) == ("", ())
    left = b"".join(path.read_bytes() for path in user.database.parent.iterdir())
    assert TOKEN.lower().encode() not in left.lower()
    with closing(sqlite3.connect(user.database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        if name == "an index for searches":
            hits = connection.execute(
                "SELECT count(*) FROM s WHERE s MATCH 'REDACTED_BY_TOKENWARD'"
            ).fetchone()
            assert hits == (1_000,)


def test_a_database_whose_trigger_fails_is_as_before(user: User) -> None:
    trigger = "CREATE TRIGGER f BEFORE UPDATE ON t BEGIN SELECT raise(ABORT, 'no'); END;"
    database(f"CREATE TABLE t (c TEXT); {trigger}", ("INSERT INTO t VALUES (?)", lambda token: [token]))(
        user.database, TOKEN
    )
    [done] = user.redact()[1]
    assert len(done.left) == 1
    assert "could not be read or changed" in done.reason


THREADS = "CREATE TABLE threads (id TEXT PRIMARY KEY, data BLOB);"


def test_no_compressed_copy_stays_in_a_database(user: User) -> None:
    """Whose bytes a search for the token would not find."""
    packed = [zstandard().compress(f'["{number} {TOKEN}"]'.encode()) for number in range(300)]
    rows = [
        ("INSERT INTO threads VALUES (?, ?)", lambda _, cells=cells: cells) for cells in enumerate(packed)
    ]
    database(THREADS, *rows)(user.database, TOKEN)
    [done] = user.redact()[1]
    assert (done.reason, done.left) == ("", ())
    left = b"".join(path.read_bytes() for path in user.database.parent.iterdir())
    assert [data for data in packed if data in left] == []


@pytest.mark.parametrize("name", ["cut off", "two frames", "too long", "no library"])
def test_what_cannot_be_decompressed_is_said_and_left(
    user: User, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    data = zstandard().compress(f'["{TOKEN}", "{"x" * 30_000}"]'.encode())
    if name == "too long":
        monkeypatch.setattr(reading, "LARGEST_RECORD", 20_000)
    if name == "no library":
        monkeypatch.setitem(sys.modules, zstandard().__name__, None)
    data = {"cut off": data[:-3], "two frames": data * 2}.get(name, data)
    rows = [
        ("INSERT INTO threads VALUES ('t', ?)", lambda _: [data]),
        ("INSERT INTO threads VALUES ('u', ?)", lambda token: [token]),
    ]
    database(THREADS, *rows)(user.database, TOKEN)
    found, [done] = user.redact()
    assert "compressed texts, which were not read" in found.troubles[0]
    assert (len(done.left), "could not be read to its end" in done.reason) == (1, True)
    with closing(sqlite3.connect(user.database)) as connection:
        assert connection.execute("SELECT data FROM threads").fetchall() == [(data,), (TOKEN,)]


def test_what_is_too_long_or_no_database_is_said(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LARGEST_RECORD", 20_000)
    path = user.transcript()
    with path.open("a") as file:
        file.write(f'{{"a": "{"x" * 30_000}"}}\n')
    before = path.read_bytes()
    user.database.write_text("nothing")
    found, [done] = user.redact()
    assert [
        ("of more than 20,000 bytes" in one) or ("is not an SQLite database" in one) for one in found.troubles
    ] == [
        True,
        True,
    ]
    assert (path.read_bytes(), "could not be read to its end" in done.reason) == (before, True)


@posix
def test_a_name_cannot_steer_the_terminal(user: User) -> None:
    from tokenward.places import shown  # noqa: PLC0415
    from tokenward.presentation.seen_tokens import seen_lines  # noqa: PLC0415

    user.transcript("\x1b[2J\n.jsonl")
    found, _ = user.redact()
    assert not any(set("\x1b\n") & set(shown(line)) for line in seen_lines(found, {}))
