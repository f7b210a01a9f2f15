"""What a tool's protocol needs of Tokenward, and what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tokenward.custody.credentials import Address, CredentialRecord
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Reference, Secret

LARGEST = 1_000_000
"""Bytes of a request; a larger one is not a request."""
ANY_USER = "x-access-token"
"""The user name beside a token whose record has none; the hosts that go by the token alone take this one."""


@dataclass(frozen=True, slots=True)
class Login:
    """A user name and its token."""

    user: str
    secret: Secret


@dataclass(frozen=True, slots=True)
class HelperReply:
    """What a helper prints, and its exit code if it is the last reply."""

    text: str
    code: int = 0


class CredentialStore(Protocol):
    """Answers for the workspace of the current folder."""

    def find(self, address: Address, user: str = "") -> Login | None:
        """Return the login that is recorded for an address, and for a user unless that is empty; None without one.

        Raises:
            TokenwardError: there is one, but its value may not or cannot be given.
        """

    def value(self, reference: Reference) -> Secret:
        """Return the value of a reference.

        Raises:
            TokenwardError: it may not or cannot be given.
        """

    def store(self, address: Address, user: str, secret: Secret) -> bool:
        """Store a value and record it for an address and a user; return False outside a bound workspace.

        Raises:
            TokenwardError: it cannot be stored, or may not replace what is recorded.
        """

    def forget(self, address: Address, user: str, secret: Secret | None = None) -> None:
        """Remove the record that answers for an address and a user, if it leads to the value that is given.

        The value stays in the keyring, because it may have no other copy.
        """

    def records(self) -> Sequence[CredentialRecord]:
        """Return the records of the workspace."""
