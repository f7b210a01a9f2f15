"""VaultConfig: which vault, and how it is called."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tokenward.model import Secret


@dataclass(frozen=True, slots=True)
class VaultConfig:
    """What a VaultWorker needs to know.

    Attributes:
        kind: the OS keyring, or what the user chose instead: the encrypted file, or the editor's secret storage.
        lock: the file by which all Tokenward processes of this user take turns.
        file: the encrypted file; needed when `kind` says so.
        timeout: the seconds that one call may take.
        allowed_backends: modules or classes of keyring backends that the user trusts besides the usual.
        passphrase: what the user typed; goes before the one in the environment.
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
    """What can be said of a vault without writing to it and without a prompt.

    Attributes:
        description: what a user calls it; empty when there is none.
        backend: the module and class of the keyring backend, the path of the encrypted file, or the client.
        allowed: it is one that Tokenward hands values to.
        locked: whether it must be unlocked first; None when only a prompt could tell.
        fallback: it is what the user chose instead of the OS keyring.
        problem: why it cannot be used and what to do, or empty.
    """

    description: str
    backend: str
    allowed: bool
    locked: bool | None
    fallback: bool
    problem: str
