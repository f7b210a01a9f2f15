"""Credential records: the stored token that a credential helper answers with for an address."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tokenward.custody.credentials.address import Address
from tokenward.custody.ledger.database import Database
from tokenward.custody.ledger.schema import CUSTODY
from tokenward.model import Reference
from tokenward.records import dataclass


@dataclass(frozen=True, slots=True)
class CredentialRecord:
    """A stored token for an address.

    Attributes:
        address: the tool's request is for this address or one below it.
        user: the user name that goes with the token; empty for any.
        reference: the token, whose workspace alone gets the answer.
    """

    address: Address
    user: str
    reference: Reference


class CredentialRecords:
    """The credential records of this machine; a workspace has at most one for an address and a user.

    They are deleted and renamed with their token's entry. Every method may raise StateDamaged.
    """

    def __init__(self, path: Path) -> None:
        self._database = Database(path, CUSTODY)

    def add(self, record: CredentialRecord) -> None:
        """Add a record, replacing the workspace's record for the same address and user."""
        query = "INSERT OR REPLACE INTO credentials VALUES (?, ?, ?, ?, ?, ?, ?)"
        with self._database.write() as connection:
            connection.execute(query, (*_key(record), record.reference.name))

    def remove(self, record: CredentialRecord) -> bool:
        """Remove a record; return False if the token had none."""
        query = f"DELETE FROM credentials WHERE {_IS_KEY} AND name = ?"  # noqa: S608
        with self._database.write() as connection:
            return connection.execute(query, (*_key(record), record.reference.name)).rowcount > 0

    def matching(self, address: Address, user: str = "") -> tuple[CredentialRecord, ...]:
        """Return the records for an address, in every workspace, the most specific first.

        Args:
            address: what the tool asks for.
            user: the user name that the tool asks for; empty if any will do.
        """
        found = self._select(
            "scheme = ? AND host = ? AND port = ?", address.scheme, address.host, address.port
        )
        fit = (one for one in found if one.address.covers(address) and _is_user(one, user))
        return tuple(sorted(fit, key=lambda one: (-len(one.address.path), one.user != user, one.user)))

    def in_workspace(self, name: str) -> tuple[CredentialRecord, ...]:
        """Return the records of a workspace, by address and user."""
        return self._select("workspace = ?", name)

    def _select(self, condition: str, *values: str | int) -> tuple[CredentialRecord, ...]:
        # Every condition is a constant in this file.
        query = f"SELECT * FROM credentials WHERE {condition} ORDER BY host, path, scheme, port, user"  # noqa: S608
        with self._database.read() as connection:
            return tuple(_record(row) for row in connection.execute(query, values))


_IS_KEY = "workspace = ? AND scheme = ? AND host = ? AND port = ? AND path = ? AND user = ?"


def _key(record: CredentialRecord) -> tuple[str | int, ...]:
    address = record.address
    return record.reference.workspace, address.scheme, address.host, address.port, address.path, record.user


def _record(row: sqlite3.Row | tuple[str, str, str, int, str, str, str]) -> CredentialRecord:
    workspace, scheme, host, port, path, user, name = row
    return CredentialRecord(Address(scheme, host, port, path), user, Reference(workspace, name))


def _is_user(record: CredentialRecord, user: str) -> bool:
    return not user or record.user in ("", user)
