"""VaultConfig and VaultReport: the choice of a vault, and its description."""

from __future__ import annotations

from dataclasses import field
from pathlib import Path
from typing import Literal

from tokenward.model import Secret
from tokenward.records import dataclass


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
        allowed: Tokenward may pass values to it.
        locked: it must be unlocked first; None if only a prompt could tell.
        fallback: the user chose it instead of the OS keyring.
        problem: why it cannot be used, and the remedy; otherwise empty.
    """

    description: str
    backend: str
    allowed: bool
    locked: bool | None
    fallback: bool
    problem: str
