"""The Vault protocol: a store of values."""

from __future__ import annotations

from typing import Protocol

from tokenward.model import Reference, Secret


class Vault(Protocol):
    """A store of tokens by reference.

    Every method may raise a VaultError and nothing else.
    """

    @property
    def description(self) -> str:
        """The name that users see, such as `Secret Service`, `macOS Keychain` or `encrypted file PATH`."""

    def get(self, reference: Reference) -> Secret | None:
        """Return the value under the reference, or None."""

    def put(self, reference: Reference, secret: Secret) -> bool:
        """Store a value and read it back; return True for a new entry, False if it already had that value.

        Raises:
            NameTaken: the entry has another value, which is left unchanged.
            VaultForgetful: the value could not be read back.
        """

    def replace(self, reference: Reference, secret: Secret) -> None:
        """Store a value in place of any other and read it back.

        After a failure or a crash, the entry may have either value or none, so the caller keeps a copy of the new one.

        Raises:
            VaultForgetful: the value could not be read back.
        """

    def delete(self, reference: Reference) -> bool:
        """Remove the entry; return False if it did not exist."""

    def set_persistence(self, reference: Reference, *, lasting: bool) -> bool:
        """Store an entry permanently, or only in memory until logout; return False if the vault cannot.

        Raises:
            VaultForgetful: the value could not be read back; the entry is unchanged.
        """
