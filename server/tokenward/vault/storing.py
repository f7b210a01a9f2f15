"""StoringVault: the common rules for storing, by which everything is read back and only `replace` overwrites."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager, nullcontext

from tokenward.errors import NameTaken, VaultError, VaultForgetful
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
