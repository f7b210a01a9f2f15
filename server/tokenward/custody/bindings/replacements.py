"""The journal of replacements: values that are being put in the place of others."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from tokenward.custody.ledger.database import Database
from tokenward.custody.ledger.schema import CUSTODY
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Fingerprint, Reference

_NAME_LENGTH = 128


@dataclass(frozen=True, slots=True)
class BegunReplacement:
    """A replacement that has begun.

    Attributes:
        aside: the temporary entry that holds the new value; no record lists it, so it resolves nowhere.
        old: the fingerprint of the value before; None for a new entry.
        new: the fingerprint of the new value.
        old_end: when the old value expires by itself, in seconds since 1970; None if unknown.
        new_end: when the new value's lease ends if its own end decides.
    """

    reference: Reference
    aside: Reference
    old: Fingerprint | None
    new: Fingerprint
    began: datetime
    old_end: int | None
    new_end: int | None


class Replacements:
    """The replacements that have begun. Each runs in one turn, so one that is seen in a turn was cut off.

    Every method may raise StateDamaged.
    """

    def __init__(self, path: Path) -> None:
        self._database = Database(path, CUSTODY)

    def begin(
        self,
        reference: Reference,
        old: Fingerprint | None,
        new: Fingerprint,
        *,
        old_end: int | None,
        new_end: int | None,
    ) -> BegunReplacement:
        """Record a replacement before anything is stored."""
        # The name of the temporary entry is a token's, because a keyring may take no other.
        end = f"_NEW_{new[:16]}"
        aside = Reference(reference.workspace, reference.name[: _NAME_LENGTH - len(end)] + end)
        begun = BegunReplacement(reference, aside, old, new, datetime.now(UTC), old_end, new_end)
        key = reference.workspace, reference.name
        row = (*key, aside.name, old, new, begun.began.isoformat(), old_end, new_end)
        with self._database.write() as connection:
            connection.execute("INSERT INTO replacements VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        return begun

    def get(self, reference: Reference) -> BegunReplacement | None:
        """Return the replacement of a token that has begun, if any."""
        return next((one for one in self.all() if one.reference == reference), None)

    def all(self) -> tuple[BegunReplacement, ...]:
        """Return all of them, the oldest first."""
        with self._database.read() as connection:
            rows = connection.execute("SELECT * FROM replacements ORDER BY began")
            return tuple(
                BegunReplacement(
                    Reference(workspace, name),
                    Reference(workspace, aside),
                    Fingerprint(old) if old is not None else None,
                    Fingerprint(new),
                    datetime.fromisoformat(began),
                    old_end,
                    new_end,
                )
                for workspace, name, aside, old, new, began, old_end, new_end in rows
            )

    def end(self, reference: Reference) -> None:
        """Forget a replacement that is complete or taken back."""
        with self._database.write() as connection:
            key = reference.workspace, reference.name
            connection.execute("DELETE FROM replacements WHERE workspace = ? AND name = ?", key)
