"""The tokens that the vault should hold, by reference and fingerprint."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from types import MappingProxyType

from tokenward.custody.ledger.database import Database
from tokenward.custody.ledger.schema import CUSTODY
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Fingerprint, Reference
from tokenward.token_prefixes import numbered

_NAME_LENGTH = 128


@dataclass(frozen=True, slots=True)
class TokenEntry:
    """The record of a stored token, without its value."""

    reference: Reference
    fingerprint: Fingerprint
    provider: str
    created: datetime


class Entries:
    """The record of stored tokens. The vault has the values, and counts if the two differ.

    Every method may raise StateDamaged.
    """

    def __init__(self, path: Path) -> None:
        self._database = Database(path, CUSTODY)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make all changes of a block, of entries and of what belongs to them, in one transaction or not at all."""
        with self._database.write():
            yield

    def add(self, reference: Reference, fingerprint: Fingerprint, provider: str) -> None:
        """Record that the vault has a token under the reference, replacing an earlier record."""
        row = (reference.workspace, reference.name, fingerprint, provider, datetime.now(UTC).isoformat())
        with self._database.write() as connection:
            connection.execute(_ADD, row)

    def remove(self, reference: Reference) -> bool:
        """Forget an entry and its credential records; return False if it did not exist."""
        row = _renaming(reference, "")
        with self._database.write() as connection:
            # A later token of this name must not go where this one went.
            connection.execute(f"DELETE FROM credentials WHERE {_OLD}", row)  # noqa: S608
            return connection.execute(f"DELETE FROM entries WHERE {_OLD}", row).rowcount > 0  # noqa: S608

    def share(self, reference: Reference, name: str) -> None:
        """Give an entry an additional name with the same lease, replacing an earlier lease of that name.

        If the lease counts uses, the new name has none yet, so that their number does not double.
        """
        with self._database.write() as connection:
            for query in _SHARING:
                connection.execute(query, _renaming(reference, name))

    def rename(self, reference: Reference, name: str) -> bool:
        """Rename an entry and what belongs to it; return False if there is no such entry."""
        with self._database.write() as connection:
            row = _renaming(reference, name)
            if connection.execute(_IS_THERE, row).fetchone() is None:
                return False
            for query in _RENAMING:
                connection.execute(query, row)
            return True

    def get(self, reference: Reference) -> TokenEntry | None:
        """Return the entry of a reference, if any."""
        found = self._select("workspace = ? AND name = ?", reference.workspace, reference.name)
        return found[0] if found else None

    def find(self, workspace: str, fingerprint: Fingerprint) -> TokenEntry | None:
        """Return the workspace's entry with this fingerprint, the oldest of several."""
        found = self._select("workspace = ? AND fingerprint = ?", workspace, fingerprint)
        return min(found, key=lambda entry: entry.created, default=None)

    def in_workspace(self, name: str) -> tuple[TokenEntry, ...]:
        """Return the entries of a workspace, by name."""
        return self._select("workspace = ?", name)

    def all(self) -> tuple[TokenEntry, ...]:
        """Return all entries, by workspace and name."""
        return self._select("TRUE")

    def free_name(
        self,
        workspace: str,
        wanted: Sequence[str],
        fingerprint: Fingerprint,
        taken: Collection[str] = (),
        *,
        preferred: Sequence[str] = (),
        planned: Mapping[Fingerprint, str] = MappingProxyType({}),
    ) -> str:
        """Return a name for a value: a preferred one, else the one that has the value already, else a wanted one.

        The first free one is used; if none is free, the first wanted one gets a number. Names that differ only in case
        are the same name on Windows, so they are here. Values that are about to be stored have their planned names.
        """
        used = {name.upper() for name in taken}
        entries = sorted(self.in_workspace(workspace), key=lambda entry: entry.created)
        named = [*((entry.fingerprint, entry.reference.name) for entry in entries), *planned.items()]
        known = [name for value, name in named if value == fingerprint]
        others = used | {name.upper() for value, name in named if value != fingerprint}
        for names, unfree in ((preferred, others), (known, used)):
            for name in names:
                if name.upper() not in unfree:
                    return name
        others |= {name.upper() for name in known}
        numbers = numbered(wanted[0], "_", _NAME_LENGTH)
        return next(name for name in chain(wanted, numbers) if name.upper() not in others)

    def _select(self, condition: str, *values: str) -> tuple[TokenEntry, ...]:
        # Every condition is a constant in this file.
        query = f"SELECT {_COLUMNS} FROM entries WHERE {condition} ORDER BY workspace, name"  # noqa: S608
        with self._database.read() as connection:
            return tuple(
                TokenEntry(
                    Reference(workspace, name), Fingerprint(token), provider, datetime.fromisoformat(created)
                )
                for workspace, name, token, provider, created in connection.execute(query, values)
            )


_COLUMNS = "workspace, name, fingerprint, provider, created"
_ADD = f"INSERT OR REPLACE INTO entries ({_COLUMNS}) VALUES (?, ?, ?, ?, ?)"  # noqa: S608
_OLD, _NEW = ("workspace = :workspace AND name = :old", "workspace = :workspace AND name = :new")
_IS_THERE = f"SELECT 1 FROM entries WHERE {_OLD}"  # noqa: S608
_CLEARED = (f"DELETE FROM leases WHERE {_NEW}", f"DELETE FROM approvals WHERE {_NEW}")  # noqa: S608
_NAMING_TABLES = ("leases", "approvals", "credentials", "entries")
_SHARING = (
    *_CLEARED,
    f"""INSERT OR REPLACE INTO entries ({_COLUMNS})
        SELECT workspace, :new, fingerprint, provider, created FROM entries WHERE {_OLD}""",  # noqa: S608
    f"""INSERT INTO leases (workspace, name, expires, session, session_mark, uses, programs, starters, confirm, hosts,
        erases) SELECT workspace, :new, expires, session, session_mark,
        CASE WHEN uses IS NULL THEN NULL ELSE 0 END, programs, starters, confirm, hosts, 0 FROM leases WHERE {_OLD}""",  # noqa: S608
    f"""INSERT INTO approvals (workspace, name, purpose, session_mark)
        SELECT workspace, :new, purpose, session_mark FROM approvals WHERE {_OLD}""",  # noqa: S608
)
_RENAMING = (
    *_CLEARED,
    f"DELETE FROM entries WHERE {_NEW}",  # noqa: S608
    *(f"UPDATE {table} SET name = :new WHERE {_OLD}" for table in _NAMING_TABLES),  # noqa: S608
)


def _renaming(reference: Reference, name: str) -> dict[str, str]:
    return {"workspace": reference.workspace, "old": reference.name, "new": name}
