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
        """Return the value under the reference, or None when there is none."""

    def put(self, reference: Reference, secret: Secret) -> bool:
        """Store a value and read it back; True when an entry was made, False when it already held that value.

        Raises:
            NameTaken: the entry holds another value; it is left as it is.
            VaultForgetful: the value could not be read back.
        """

    def delete(self, reference: Reference) -> bool:
        """Remove the entry; False when there was none."""

    def set_persistence(self, reference: Reference, *, lasting: bool) -> bool:
        """Store an entry for good, or in memory alone until its user logs out; False where the vault cannot.

        Raises:
            VaultForgetful: the value could not be read back; the entry is unchanged.
        """
