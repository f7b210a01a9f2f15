"""Reads and changes the SQLite databases of agents, whatever their tables are."""

from __future__ import annotations

import os
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from tokenward.errors import TokenwardError
from tokenward.places import shown
from tokenward.safe_files import open_regular

BESIDE = ("-wal", "-shm", "-journal")
"""The endings of the files that SQLite keeps beside a database."""
_HEAD = b"SQLite format 3\0"
_ZSTD = b"\x28\xb5\x2f\xfd"
_LEVEL = 3
"""Zstandard's own default, and Zed's."""
_MOST = 200
"""The rows that are read at once."""

Cell = tuple[str, object]


@dataclass(frozen=True, slots=True)
class _Table:
    """A table.

    Attributes:
        keys: the columns that identify a row and its place in the order.
        fixed: other columns of the primary key.
        columns: those that may be changed.
        is_virtual: it is an index for searches, whose content is elsewhere.
    """

    name: str
    keys: tuple[str, ...]
    fixed: tuple[str, ...]
    columns: tuple[str, ...]
    is_virtual: bool


def rows_of(path: Path, longest: int) -> Iterator[tuple[int, list[Cell]]]:
    """Yield every row of every table, numbered from 1 in each, with its cells decompressed.

    Raises:
        TokenwardError: it is no database, is damaged or locked, has a cell that is too large or cannot be decompressed,
            or beside it is something that SQLite must not open.
    """
    is_packed = False
    with _opened(path, longest, "ro") as connection:
        for table in _tables(connection):
            if table.is_virtual:
                continue
            for number, row in enumerate(_rows(connection, table), 1):
                plain = [_unpacked(value, longest) for value in row]
                is_packed |= any(map(_is_packed, plain))
                yield number, [*zip((*table.keys, *table.fixed, *table.columns), plain, strict=True)]
    if is_packed:
        raise TokenwardError(
            f"{shown(path)} has compressed texts, which were not read: they are damaged or too large, or "
            "`pipx install tokenward[zed]` is needed first."
        )


def update(path: Path, longest: int, replaced: Callable[[str, str], str]) -> None:
    """Replace texts in all cells, in one transaction that leaves no copy.

    The function gets a column's name and a text. Keys stay as they are. `scrub` must follow.

    Raises:
        TokenwardError: it is in use, or cannot be changed; it is as before.
    """
    with _opened(path, longest, "rw") as connection:
        connection.execute("BEGIN IMMEDIATE")
        for table in _tables(connection):
            if not table.is_virtual:
                _update_table(connection, table, replaced, longest)
        connection.execute("COMMIT")


def scrub(path: Path, longest: int) -> None:
    """Remove what earlier versions of a database's rows left in its files and search indexes.

    Raises:
        TokenwardError: it is in use, or there is no room.
    """
    with _opened(path, longest, "rw") as connection:
        _checkpoint(connection, path)
        connection.execute("VACUUM")
        for table in _tables(connection):
            if table.is_virtual:
                name = _quoted(table.name)
                try:
                    connection.execute(f"INSERT INTO {name}({name}) VALUES ('rebuild')")  # noqa: S608 - the name is quoted
                except sqlite3.Error:
                    # It is of another kind, or keeps no copy of the texts.
                    continue
        _checkpoint(connection, path)


def zstandard() -> Any:
    """Return Python's module for Zstandard, or the same for an older Python.

    Raises:
        ImportError: neither is installed.
    """
    return import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")


def _checkpoint(connection: sqlite3.Connection, path: Path) -> None:
    busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if busy:
        raise _in_use(path)


@contextmanager
def _opened(path: Path, longest: int, mode: str) -> Iterator[sqlite3.Connection]:
    """Open a database, and convert the errors of a block to ones that name it."""
    try:
        _require_plain(path)
        uri = f"{path.as_uri()}?mode={mode}"
        with closing(sqlite3.connect(uri, uri=True, timeout=0, isolation_level=None)) as connection:
            connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, longest)
            # A file of another program must not have its own functions and views run.
            connection.execute("PRAGMA trusted_schema=OFF")
            connection.execute("PRAGMA secure_delete=ON")
            yield connection
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise _in_use(path) from None
        raise _unusable(path, error.sqlite_errorname) from None
    except sqlite3.Error as error:
        raise _unusable(path, getattr(error, "sqlite_errorname", type(error).__name__)) from None
    except OSError as error:
        raise _unusable(path, error.strerror or type(error).__name__) from None


def _require_plain(path: Path) -> None:
    """Refuse what is no database, and what SQLite would wait for or follow."""
    descriptor, _ = open_regular(path)
    with os.fdopen(descriptor, "rb") as file:
        if file.read(len(_HEAD)) != _HEAD:
            raise TokenwardError(f"{shown(path)} is not an SQLite database.")
    for ending in BESIDE:
        beside = f"{path}{ending}"
        if os.path.lexists(beside) and not stat.S_ISREG(os.lstat(beside).st_mode):
            raise TokenwardError(
                f"{shown(beside)} is not a regular file, so the database was not opened; remove it."
            )


def _in_use(path: Path) -> TokenwardError:
    return TokenwardError(
        f"{shown(path)} is in use by another program and was left as it is; end that program."
    )


def _unusable(path: Path, why: str) -> TokenwardError:
    return TokenwardError(f"{shown(path)} could not be read or changed as a database ({why}).")


def _tables(connection: sqlite3.Connection) -> list[_Table]:
    # Messages come before their parts in this order.
    listed = sorted(connection.execute("PRAGMA table_list").fetchall(), key=lambda row: str(row[1]))
    wanted = [row for row in listed if row[0] == "main" and row[2] in ("table", "virtual")]
    tables = []
    for _, name, kind, _, has_no_rowid, *_ in wanted:
        if name.startswith("sqlite_"):
            continue
        about = connection.execute(f"PRAGMA table_xinfo({_quoted(name)})").fetchall()
        plain = [row for row in about if not row[6]]
        primary = tuple(row[1] for row in sorted(plain, key=lambda row: row[5]) if row[5])
        columns = tuple(row[1] for row in plain if not row[5])
        taken = {row[1].lower() for row in about}
        number = next((one for one in ("rowid", "_rowid_", "oid") if one not in taken), None)
        keys, fixed = (primary, ()) if has_no_rowid or not number else ((number,), primary)
        tables.append(_Table(name, keys, fixed, columns, kind == "virtual"))
    return tables


def _rows(connection: sqlite3.Connection, table: _Table) -> Iterator[tuple[object, ...]]:
    """Yield the rows in the order of their keys, in portions, so that they may be changed meanwhile."""
    keys = ", ".join(map(_quoted, table.keys))
    names = ", ".join(map(_quoted, (*table.keys, *table.fixed, *table.columns)))
    query = f"SELECT {names} FROM {_quoted(table.name)}"  # noqa: S608 - the names are quoted
    after = f" WHERE ({keys}) > ({', '.join('?' * len(table.keys))})"
    last: tuple[object, ...] = ()
    while True:
        text = f"{query}{after if last else ''} ORDER BY {keys} LIMIT {_MOST}"
        rows = connection.execute(text, last).fetchall()
        yield from rows
        if len(rows) < _MOST:
            return
        last = rows[-1][: len(table.keys)]


def _update_table(
    connection: sqlite3.Connection, table: _Table, replaced: Callable[[str, str], str], longest: int
) -> None:
    where = " AND ".join(f"{_quoted(key)} IS ?" for key in table.keys)
    fixed = len(table.keys) + len(table.fixed)
    for row in _rows(connection, table):
        for column, value in zip(table.columns, row[fixed:], strict=True):
            plain = _unpacked(value, longest)
            new = _replaced(plain, partial(replaced, column))
            if new != plain:
                new = new if plain is value else zstandard().compress(new, _LEVEL)
                text = f"UPDATE {_quoted(table.name)} SET {_quoted(column)} = ? WHERE {where}"  # noqa: S608
                connection.execute(text, (new, *row[: len(table.keys)]))


def _replaced(value: object, replaced: Callable[[str], str]) -> object:
    """Return a cell with its texts replaced, of the same type."""
    if isinstance(value, str):
        return replaced(value)
    if isinstance(value, bytes):
        try:
            return replaced(value.decode()).encode()
        except UnicodeDecodeError:
            return value
    return value


def _is_packed(value: object) -> bool:
    return isinstance(value, bytes) and value.startswith(_ZSTD)


def _unpacked(value: object, longest: int) -> object:
    """Return a cell, decompressed if it is one whole frame of Zstandard and not too long, otherwise as it is."""
    if not (isinstance(value, bytes) and _is_packed(value)):
        return value
    try:
        zstd = zstandard()
    except ImportError:
        return value
    frame = zstd.ZstdDecompressor()
    try:
        text = frame.decompress(value, longest)
    except zstd.ZstdError:
        return value
    return text if frame.eof and not frame.unused_data else value


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
