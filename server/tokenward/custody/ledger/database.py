"""A SQLite file with Tokenward's own records."""

from __future__ import annotations

import errno
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from contextvars import ContextVar
from itertools import chain
from pathlib import Path
from types import MappingProxyType

from tokenward.errors import StateDamaged
from tokenward.places import shown
from tokenward.safe_files import ensure_private_file, unwritable

BUSY_SECONDS = 2.0
MOST_BUSY_SECONDS = 30.0
# Between two transactions of one that writes all the time, the lock is free for far less than a millisecond.
_PAUSE = 0.0001
FIRST_VERSION = 100
"""The version that the first group of migrations makes; previews, which were never released, wrote smaller ones."""
_kept: ContextVar[dict[Path, sqlite3.Connection] | None] = ContextVar("_kept", default=None)


class _Writing:
    """A transaction that writes, and what to call once it is on the disk."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.then: Callable[[], object] | None = None


_written: ContextVar[Mapping[Path, _Writing]] = ContextVar("_written", default=MappingProxyType({}))


@contextmanager
def databases_kept_open() -> Iterator[None]:
    """Open each database once during a block; other threads, and a fork that uses one, open their own."""
    kept: dict[Path, sqlite3.Connection] = {}
    token = _kept.set(kept)
    try:
        yield
    finally:
        _kept.reset(token)
        for connection in kept.values():
            connection.close()


class Database:
    """A file that is opened for each transaction, so that no connection crosses a thread or a fork.

    Only `databases_kept_open` keeps it open, for a block of one thread.
    """

    def __init__(
        self, path: Path, migrations: Sequence[Sequence[str]], oldest_reader: int = FIRST_VERSION
    ) -> None:
        """Take a file, the statements of each version, and the oldest version whose program can use the latest file.

        A migration leaves the oldest reader as it is if an older program may ignore what it adds; none may ignore a
        limit of a lease.
        """
        self._path = path
        self._migrations = migrations
        self._version = FIRST_VERSION + len(migrations) - 1
        self._oldest_reader = oldest_reader

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Open a consistent view; rows must be converted to values inside the block.

        Within a block of `write`, it is that of the block.

        Raises:
            StateDamaged: the file cannot be read, or contains a row that Tokenward did not write.
        """
        with self._named_failures(), ExitStack() as opened:
            writing = self._writing()
            connection = writing.connection if writing else opened.enter_context(self._reading())
            try:
                yield connection
            except ValueError:
                raise self._unreadable() from None

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._connection(self._open_to_read) as connection:
            connection.execute("BEGIN")
            yield connection

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Open an exclusive transaction; an exception in its block undoes it.

        A block within another is a part of its transaction.

        Raises:
            StateDamaged: the file cannot be written, or stays locked: for two seconds by one program, or for thirty by
                several in turns.
        """
        with self._named_failures():
            if writing := self._writing():
                with _part(writing.connection):
                    yield writing.connection
                return
            with self._connection(self._open) as connection:
                _begin(connection)
                writing = _Writing(connection)
                token = _written.set({**_written.get(), self._path: writing})
                try:
                    yield connection
                finally:
                    _written.reset(token)
                connection.execute("COMMIT")
        if writing.then is not None:
            writing.then()

    def when_written(self, then: Callable[[], object]) -> None:
        """Once the transaction of this block of `write` is on the disk, call the last function that it was given."""
        if writing := self._writing():
            writing.then = then

    def _writing(self) -> _Writing | None:
        return _written.get().get(self._path)

    @contextmanager
    def _connection(self, connect: Callable[[], sqlite3.Connection]) -> Iterator[sqlite3.Connection]:
        """Give a connection without a transaction, and leave none open."""
        kept = _kept.get()
        connection = (kept or {}).get(self._path)
        if connection is None or connection.in_transaction:
            connection = connect()
        is_kept = kept is not None and kept.setdefault(self._path, connection) is connection
        try:
            yield connection
        finally:
            if not is_kept:
                connection.close()
            elif connection.in_transaction:
                connection.rollback()

    @contextmanager
    def _named_failures(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._failure(str(error)) from None

    def _failure(self, message: str) -> StateDamaged:
        path = shown(self._path)
        if "locked" in message or "busy" in message:
            return StateDamaged(
                "{path} is locked by another program; end that program or try again", path=path
            )
        if "full" in message or "I/O" in message:
            return StateDamaged(
                "{path} could not be written, perhaps because the disk is full; free some space and try again",
                path=path,
            )
        if "readonly" in message or "unable to open" in message:
            return StateDamaged(
                "{path} cannot be opened; make it and its folder writable for you, or free some space",
                path=path,
            )
        return self._unreadable()

    def _unreadable(self) -> StateDamaged:
        path = shown(self._path)
        if self._is_damaged():
            return StateDamaged(
                "{path} is damaged; restore a backup, or move it away and run `tokenward vault recover` in each "
                "workspace",
                path=path,
            )
        return StateDamaged(
            "{path} has records that this version of Tokenward cannot read; update it, or move the file away and run "
            "`tokenward vault recover` in each workspace",
            path=path,
        )

    def _is_damaged(self) -> bool:
        address = f"{self._path.absolute().as_uri()}?mode=ro"
        try:
            with closing(sqlite3.connect(address, uri=True)) as connection:
                return bool(connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",))
        except sqlite3.Error:
            return True

    def _open_to_read(self) -> sqlite3.Connection:
        try:
            return self._open()
        except sqlite3.OperationalError as error:
            log = self._path.with_name(f"{self._path.name}-wal")
            is_effective = os.access in os.supports_effective_ids
            is_writable = os.access(self._path.parent, os.W_OK, effective_ids=is_effective)
            is_full = "full" in str(error) or "I/O" in str(error)
            # The file is read as it is only if nothing can be written here, and nothing waits in its log.
            if (is_writable and not is_full) or (log.exists() and log.stat().st_size):
                raise
        # Even to read, SQLite creates files beside a database with a write-ahead log, unless it is immutable.
        address = f"{self._path.absolute().as_uri()}?immutable=1"
        connection = sqlite3.connect(address, uri=True, isolation_level=None)
        if self._version_of(connection) < self._version:
            connection.close()
            raise unwritable(self._path, PermissionError(errno.EACCES, "an older Tokenward wrote it"))
        return connection

    def _open(self) -> sqlite3.Connection:
        ensure_private_file(self._path)
        connection = sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            self._migrate(connection)
            connection.execute("PRAGMA synchronous = FULL")
        except BaseException:
            connection.close()
            raise
        return connection

    def _migrate(self, connection: sqlite3.Connection) -> None:
        if self._version_of(connection) >= self._version:
            return
        _begin(connection)
        # Another process may have migrated it while this one waited.
        version = self._version_of(connection)
        if version < self._version:
            for statement in chain.from_iterable(self._migrations[max(version - FIRST_VERSION + 1, 0) :]):
                connection.execute(statement)
            connection.execute("CREATE TABLE IF NOT EXISTS oldest_reader (version INTEGER NOT NULL)")
            connection.execute("DELETE FROM oldest_reader")
            connection.execute("INSERT INTO oldest_reader (version) VALUES (?)", (self._oldest_reader,))
            connection.execute(f"PRAGMA user_version = {self._version}")
        connection.execute("COMMIT")
        # It only helps readers; some file systems do not support it, and another process may be setting it.
        with suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA journal_mode = WAL")

    def _version_of(self, connection: sqlite3.Connection) -> int:
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        if 0 < version < FIRST_VERSION:
            raise StateDamaged(
                "{path} was written by a preview of Tokenward, which was never released; move it away, and run "
                "`tokenward vault recover` in each workspace",
                path=shown(self._path),
            )
        if version > self._version and not self._can_read(connection):
            raise StateDamaged(
                "{path} was written by a newer Tokenward; update this one to the same version",
                path=shown(self._path),
            )
        return version

    def _can_read(self, connection: sqlite3.Connection) -> bool:
        """Return whether a newer program only added to what this one knows."""
        (oldest,) = connection.execute("SELECT version FROM oldest_reader").fetchone()
        return bool(oldest <= self._version)


@contextmanager
def _part(connection: sqlite3.Connection) -> Iterator[None]:
    """Undo only what a block wrote, if that raises."""
    connection.execute("SAVEPOINT part")
    try:
        yield
    except BaseException:
        # A full disk may have ended the whole transaction.
        if connection.in_transaction:
            connection.execute("ROLLBACK TO part")
            connection.execute("RELEASE part")
        raise
    connection.execute("RELEASE part")


def _begin(connection: sqlite3.Connection) -> None:
    """Begin to write; wait for others as long as they come and go, but only BUSY_SECONDS for one that stays.

    SQLite itself tries ten times a second, so that those who write one transaction after the other may keep it out.
    """
    version, until, last = None, 0.0, time.monotonic() + MOST_BUSY_SECONDS
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                before, version = version, _version_of_others(connection)
                if version != before:
                    until = min(time.monotonic() + BUSY_SECONDS, last)
                if time.monotonic() > until:
                    raise
                time.sleep(_PAUSE)
            else:
                return
    finally:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1_000:.0f}")


def _version_of_others(connection: sqlite3.Connection) -> int:
    """Return a number that changes when another connection has committed; 0 if that cannot be read now."""
    with suppress(sqlite3.OperationalError):
        return int(connection.execute("PRAGMA data_version").fetchone()[0])
    return 0
