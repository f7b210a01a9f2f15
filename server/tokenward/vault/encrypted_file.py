"""EncryptedFileVault: a file encrypted with a passphrase or a key, for a machine without a keyring."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from tokenward.errors import PassphraseNeeded, PassphraseWrong, VaultDamaged, VaultError
from tokenward.model import Reference, Secret, reference_of
from tokenward.vault import sealing
from tokenward.vault.file_lock import hold_file_lock
from tokenward.vault.private_file import create_private, read_private, replace_private, require_own_folder
from tokenward.vault.unlocking import KEY_VARIABLE, PASSPHRASE_VARIABLE, Unlocking
from tokenward.vault.vault import StoringVault

_PATIENCE = 10.0


class EncryptedFileVault(StoringVault):
    """Stores values in an encrypted file; the key is derived once."""

    def __init__(self, path: Path, unlocking: Unlocking) -> None:
        self._path = path
        self._unlocking = unlocking
        self._head_and_key = (b"", b"")
        self.description = f"encrypted file {path}"

    def get(self, reference: Reference) -> Secret | None:
        return self.get_all([reference])[0]

    def get_all(self, references: Sequence[Reference]) -> list[Secret | None]:
        entries = self._entries()
        return [Secret(entries[str(one)]) if str(one) in entries else None for one in references]

    def delete(self, reference: Reference) -> bool:
        with self._turn():
            entries = self._entries()
            existed = entries.pop(str(reference), None) is not None
            if existed:
                self._replace(entries)
            return existed

    def references(self) -> frozenset[Reference]:
        return frozenset(filter(None, map(reference_of, self._entries())))

    def check(self) -> None:
        """Open the file and do nothing with it.

        Raises:
            VaultError: it cannot be used as it is.
        """
        self._entries()

    def _turn(self) -> AbstractContextManager[None]:
        # First, so that a file that cannot be used gets no lock beside it.
        self.check()
        return hold_file_lock(_lock_path(self._path), _PATIENCE)

    def _create(self, reference: Reference, secret: Secret) -> None:
        self._create_all({reference: secret})

    def _create_all(self, values: Mapping[Reference, Secret]) -> None:
        if values:
            self._replace(
                {**self._entries(), **{str(one): secret.reveal() for one, secret in values.items()}}
            )

    def _entries(self) -> dict[str, str]:
        try:
            sealed = sealing.Sealed.parse(read_private(self._path))
            entries: dict[str, str] = json.loads(sealed.open(self._key(sealed)))
        except (sealing.Damaged, sealing.Mismatch, sealing.Missing) as failure:
            named = _as_vault_error(self._path, failure)
        else:
            return entries
        raise named

    def _replace(self, entries: dict[str, str]) -> None:
        require_own_folder(self._path.parent)
        sealed = sealing.Sealed.parse(read_private(self._path))
        plain = json.dumps(entries).encode()
        replace_private(self._path, bytes(sealed.resealed(self._key(sealed), plain)))

    def _key(self, sealed: sealing.Sealed) -> bytes:
        head, key = self._head_and_key
        if head != sealed.head:
            key = sealed.key(self._unlocking)
            self._head_and_key = (sealed.head, key)
        return key


def create(path: Path, unlocking: Unlocking) -> EncryptedFileVault:
    """Create an empty encrypted file, never replacing another file.

    Raises:
        PassphraseNeeded: there is neither a passphrase nor a key.
        VaultUnavailable: the file exists, or cannot be written.
    """
    try:
        sealed = sealing.new(unlocking, b"{}")
    except sealing.Missing:
        raise PassphraseNeeded(
            "A passphrase is needed to create the encrypted file {path}; type one, or set "
            "{variable} or {other}.",
            path=path,
            variable=PASSPHRASE_VARIABLE,
            other=KEY_VARIABLE,
        ) from None
    with hold_file_lock(_lock_path(path), _PATIENCE):
        create_private(path, bytes(sealed))
    return EncryptedFileVault(path, unlocking)


def _lock_path(path: Path) -> Path:
    return path.with_name(path.name + ".lock")


def _as_vault_error(path: Path, failure: sealing.Damaged | sealing.Mismatch | sealing.Missing) -> VaultError:
    if isinstance(failure, sealing.Damaged):
        return VaultDamaged(
            "The encrypted file {path} was changed or cut short; restore it from a backup, or move it "
            "away and create a new one with `tokenward vault init --file`.",
            path=path,
        )
    if isinstance(failure, sealing.Mismatch):
        return PassphraseWrong(
            "The passphrase or key does not open the encrypted file {path}; use the one that it was "
            "created with.",
            path=path,
        )
    variable = KEY_VARIABLE if failure.args == ("key",) else PASSPHRASE_VARIABLE
    return PassphraseNeeded(
        "The encrypted file {path} is locked; unlock it in the editor, or set {variable}.",
        path=path,
        variable=variable,
    )
