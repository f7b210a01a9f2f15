"""Opens and describes the vault of a configuration; imports it only then, because some vaults load slowly."""
# ruff: noqa: PLC0415 - see above; and `secretstorage` exists on Linux only

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from tokenward.errors import PassphraseNeeded, VaultError, VaultUnavailable
from tokenward.vault.editor_vault import DESCRIPTION
from tokenward.vault.unlocking import Unlocking
from tokenward.vault.vault import Vault, VaultConfig, VaultReport

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

# CRED_MAX_CREDENTIAL_BLOB_SIZE is 2,560 bytes, and the backend writes UTF-16.
_WINDOWS_UNITS = 1280


def open_vault(config: VaultConfig, unlocking: Unlocking) -> Vault:
    """Return the chosen vault without calling it.

    Raises:
        VaultError: there is no usable vault.
    """
    if config.file is not None and config.kind == "file":
        from tokenward.vault.encrypted_file import EncryptedFileVault

        return EncryptedFileVault(config.file, unlocking)
    if config.kind == "editor":
        raise VaultUnavailable(
            "The tokens are in the editor's storage, which only the editor can read; open it."
        )
    from tokenward.vault import backends

    return _vault_of(backends.choose_backend(config.allowed_backends))


def report(config: VaultConfig, unlocking: Unlocking) -> VaultReport:
    """Describe the vault without writing to it and without a prompt."""
    if config.file is not None and config.kind == "file":
        return _report_file(config.file, unlocking)
    if config.kind == "editor":
        return VaultReport(DESCRIPTION, "kept by the editor", None, fallback=True, problem="")
    return _report_keyring(config.allowed_backends)


def _vault_of(backend: KeyringBackend) -> Vault:
    from tokenward.vault import backends

    module = type(backend).__module__
    if module == backends.SECRET_SERVICE:
        from tokenward.vault.secret_service import SecretServiceVault

        return SecretServiceVault()
    from tokenward.vault.os_keyring import OsKeyringVault

    if module != backends.WINDOWS:
        return OsKeyringVault(backend)
    # By default, entries roam to the domain's other machines.
    if "KEYRING_PROPERTY_PERSIST" not in os.environ:
        cast("Any", backend).persist = "local machine"
    return OsKeyringVault(backend, _WINDOWS_UNITS)


def _report_file(path: Path, unlocking: Unlocking) -> VaultReport:
    from tokenward.vault.encrypted_file import EncryptedFileVault

    vault = EncryptedFileVault(path, unlocking)
    found = VaultReport(vault.description, str(path), locked=False, fallback=True, problem="")
    try:
        vault.check()
    except PassphraseNeeded as failure:
        return replace(found, locked=True, problem=str(failure))
    except VaultError as failure:
        return replace(found, locked=None, problem=str(failure))
    return found


def _report_keyring(allowed: tuple[str, ...]) -> VaultReport:
    from tokenward.vault import backends

    nothing = VaultReport("", "", locked=None, fallback=False, problem="")
    try:
        setting = backends.configured_backend()
        named = replace(nothing, backend=setting.shown if setting else "")
    except VaultError as failure:
        return replace(nothing, problem=str(failure))
    try:
        backend = backends.choose_backend(allowed)
        vault = _vault_of(backend)
    except VaultError as failure:
        return replace(named, problem=str(failure))
    kind = type(backend)
    found = replace(named, description=vault.description, backend=f"{kind.__module__}.{kind.__qualname__}")
    if kind.__module__ != backends.SECRET_SERVICE:
        return found
    from tokenward.vault.secret_service import default_collection_is_locked

    try:
        return replace(found, locked=default_collection_is_locked())
    except VaultError as failure:
        return replace(found, problem=str(failure))
