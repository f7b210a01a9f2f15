"""The Vault protocol, a store of values, and the common rules for storing.

Everything that is stored is read back, and only `replace` overwrites.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager, nullcontext
from dataclasses import field
from pathlib import Path
from typing import Literal, Protocol

from tokenward.errors import NameTaken, VaultError, VaultForgetful
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Reference, Secret


class StoringVault(ABC):
    """Implements `put` and `replace` of a Vault, for one that says how it reads and writes."""

    @abstractmethod
    def get(self, reference: Reference) -> Secret | None: ...

    @abstractmethod
    def _create(self, reference: Reference, secret: Secret) -> object:
        """Write a value under a free name."""

    def _overwrite(self, reference: Reference, secret: Secret) -> object:
        """Write a value in place of any other."""
        return self._create(reference, secret)

    def _turn(self) -> AbstractContextManager[object]:
        """Return a block in which no other process may write, unless the caller sees to that."""
        return nullcontext()

    def put(self, reference: Reference, secret: Secret) -> bool:
        _require_text(reference, secret)
        with self._turn():
            held = self.get(reference)
            if held is None:
                self._create(reference, secret)
                if self.get(reference) != secret:
                    raise VaultForgetful(
                        "The keyring accepted a value for {reference} but did not return it, so nothing was changed; "
                        "run `tokenward doctor` to see which keyring is in use.",
                        reference=reference,
                    )
            elif held != secret:
                raise NameTaken(
                    "The keyring already has another value under {reference}; choose another name, or replace "
                    "that value with `tokenward put {name} --replace`.",
                    reference=reference,
                    name=reference.name,
                )
            return held is None

    def replace(self, reference: Reference, secret: Secret) -> None:
        _require_text(reference, secret)
        with self._turn():
            self._overwrite(reference, secret)
            if self.get(reference) != secret:
                raise VaultForgetful(
                    "The keyring accepted a new value for {reference} but did not return it; run `tokenward "
                    "doctor` to see which keyring is in use.",
                    reference=reference,
                )

    def references(self) -> frozenset[Reference] | None:
        return None


def _require_text(reference: Reference, secret: Secret) -> None:
    try:
        secret.reveal().encode()
    except UnicodeEncodeError:
        pass
    else:
        return
    # Raised here, because the exception above contains the whole text and must not be chained.
    raise VaultError(
        "The value for {reference} is not valid Unicode text and cannot be stored; correct it first.",
        reference=reference,
    )


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
