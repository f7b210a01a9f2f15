"""The Vault protocol, a store of values, and the common rules for storing.

Everything that is stored is read back, and only `replace` overwrites.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import field
from pathlib import Path
from typing import Literal, Protocol

from tokenward.errors import NameTaken, VaultError, VaultForgetful
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Reference, Secret

PutOutcome = bool | VaultError
"""True for a new entry, False for one that already had the value, or why the value was not stored."""


class StoringVault(ABC):
    """Implements `put` and `replace` of a Vault, for one that says how it reads and writes."""

    @abstractmethod
    def get(self, reference: Reference) -> Secret | None: ...

    def get_all(self, references: Sequence[Reference]) -> list[Secret | None]:
        return [self.get(reference) for reference in references]

    @abstractmethod
    def _create(self, reference: Reference, secret: Secret) -> object:
        """Write a value under a free name."""

    def _create_all(self, values: Mapping[Reference, Secret]) -> None:
        """Write values under free names, in order until one fails."""
        for reference, secret in values.items():
            self._create(reference, secret)

    def _overwrite(self, reference: Reference, secret: Secret) -> object:
        """Write a value in place of any other."""
        return self._create(reference, secret)

    def _turn(self) -> AbstractContextManager[object]:
        """Return a block in which no other process may write, unless the caller sees to that."""
        return nullcontext()

    def put(self, reference: Reference, secret: Secret) -> bool:
        return is_new(self.put_all([(reference, secret)]))

    def put_all(self, values: Sequence[tuple[Reference, Secret]]) -> list[PutOutcome]:
        with self._turn():
            references = [reference for reference, _ in values]
            held = dict(zip(references, self.get_all(references), strict=True))
            outcomes, new = list[PutOutcome](), dict[Reference, Secret]()
            for reference, secret in values:
                outcomes.append(_planned_outcome(reference, secret, new.get(reference, held[reference])))
                if outcomes[-1] is True:
                    new[reference] = secret
                elif outcomes[-1] is not False:
                    break
            failure: VaultError | None = None
            try:
                self._create_all(new)
            except VaultError as error:
                failure = error
            found = dict(zip(new, self.get_all([*new]), strict=True))
        outcomes = [
            one
            if one is not True or found[reference] == secret
            else _why_not_stored(reference, found, failure)
            for one, (reference, secret) in zip(outcomes, values, strict=False)
        ]
        return outcomes[: outcomes.index(failure) + 1] if failure in outcomes else outcomes

    def replace(self, reference: Reference, secret: Secret) -> None:
        if refusal := _refusal(reference, secret):
            raise refusal
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


def one_by_one(
    put: Callable[[Reference, Secret], bool], values: Sequence[tuple[Reference, Secret]]
) -> list[PutOutcome]:
    """Store values with a function that stores one, in order until one fails."""
    outcomes = list[PutOutcome]()
    for reference, secret in values:
        try:
            outcomes.append(put(reference, secret))
        except VaultError as error:
            return [*outcomes, error]
    return outcomes


def is_new(outcomes: Sequence[PutOutcome]) -> bool:
    """Return the only outcome of a `put_all`.

    Raises:
        VaultError: the value was not stored.
    """
    (outcome,) = outcomes
    if isinstance(outcome, VaultError):
        raise outcome
    return outcome


def _planned_outcome(reference: Reference, secret: Secret, held: Secret | None) -> PutOutcome:
    if held is None:
        return _refusal(reference, secret) or True
    if held == secret:
        return False
    return NameTaken(
        "The keyring already has another value under {reference}; choose another name, or replace "
        "that value with `tokenward put {name} --replace`.",
        reference=reference,
        name=reference.name,
    )


def _why_not_stored(
    reference: Reference, found: Mapping[Reference, Secret | None], failure: VaultError | None
) -> VaultError:
    if failure is not None and found[reference] is None:
        return failure
    return VaultForgetful(
        "The keyring accepted a value for {reference} but did not return it, so nothing was changed; "
        "run `tokenward doctor` to see which keyring is in use.",
        reference=reference,
    )


def _refusal(reference: Reference, secret: Secret) -> VaultError | None:
    try:
        secret.reveal().encode()
    except UnicodeEncodeError:
        # Returned, because the exception contains the whole text and must not be chained.
        return VaultError(
            "The value for {reference} is not valid Unicode text and cannot be stored; correct it first.",
            reference=reference,
        )
    return None


class Vault(Protocol):
    """A store of tokens by reference.

    Every method may raise a VaultError and nothing else.
    """

    @property
    def description(self) -> str:
        """The name that users see, such as `Secret Service`, `macOS Keychain` or `encrypted file PATH`."""

    def get(self, reference: Reference) -> Secret | None:
        """Return the value under the reference, or None."""

    def get_all(self, references: Sequence[Reference]) -> list[Secret | None]:
        """Return the value under each reference, or None."""

    def put(self, reference: Reference, secret: Secret) -> bool:
        """Store a value and read it back; return True for a new entry, False if it already had that value.

        Raises:
            NameTaken: the entry has another value, which is left unchanged.
            VaultForgetful: the value could not be read back.
        """

    def put_all(self, values: Sequence[tuple[Reference, Secret]]) -> list[PutOutcome]:
        """Store values in order until one fails, and read them back; return an outcome for each that was tried.

        After a VaultTimeout as an outcome, that value may be stored; after an error that is raised, any may.
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
