"""The Vault protocol: a store of values, and the configuration that names one."""

from __future__ import annotations

from dataclasses import field
from pathlib import Path
from typing import Literal, Protocol

from tokenward.fast_dataclasses import dataclass
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

    def references(self) -> frozenset[Reference] | None:
        """Return every reference that has an entry; None if the vault cannot list its entries."""


@dataclass(frozen=True, slots=True)
class VaultConfig:
    """The configuration of a VaultWorker.

    Attributes:
        kind: the OS keyring, an encrypted file, or the editor's secret storage.
        lock: the file with which all Tokenward processes of this user take turns.
        file: the encrypted file, if `kind` says so.
        timeout: the seconds that a call may take.
        allowed_backends: modules or classes of keyring backends that the user trusts in addition.
        passphrase: typed by the user; takes precedence over the one in the environment.
    """

    kind: Literal["keyring", "file", "editor"]
    lock: Path
    file: Path | None = None
    timeout: float = 30.0
    allowed_backends: tuple[str, ...] = ()
    passphrase: Secret | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.kind == "file" and self.file is None:
            raise ValueError("an encrypted file needs its path")


@dataclass(frozen=True, slots=True)
class VaultReport:
    """A description of a vault, made without writing to it and without a prompt.

    Attributes:
        description: its name for users; empty if there is no vault.
        backend: the module and class of the keyring backend, the path of the encrypted file, or the client.
        locked: it must be unlocked first; None if only a prompt could tell.
        fallback: the user chose it instead of the OS keyring.
        problem: why it cannot be used, and the remedy; otherwise empty.
    """

    description: str
    backend: str
    locked: bool | None
    fallback: bool
    problem: str
