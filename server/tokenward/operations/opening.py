"""The Context of a workspace, opened from the user's places and settings."""

from __future__ import annotations

from pathlib import Path

from tokenward.custody.bindings import Bindings
from tokenward.custody.entries import Entries
from tokenward.custody.ledger import Ledger
from tokenward.findings.scan import Scanner
from tokenward.model import Secret
from tokenward.operations.context import Context
from tokenward.places import Places
from tokenward.settings import Settings
from tokenward.vault.config import VaultConfig
from tokenward.vault.vault import Vault


def open_context(places: Places, settings: Settings, scanner: Scanner, vault: Vault) -> Context:
    """Everything that operations need; nothing is read or asked before an operation does."""
    return Context(
        scanner,
        vault,
        Bindings(places.custody),
        Entries(places.custody),
        Ledger(places.ledger),
        settings,
        places.moves_lock,
    )


def vault_config(places: Places, settings: Settings, passphrase: Secret | None = None) -> VaultConfig:
    """Which vault the user chose: the setting, else the encrypted file if they made one, else the keyring."""
    file = encrypted_file(places, settings)
    chosen = settings.vault
    kind = chosen if chosen != "auto" else "file" if file.is_file() else "keyring"
    return VaultConfig(
        kind, places.vault_lock, file, settings.keyring_timeout, settings.allowed_backends, passphrase
    )


def encrypted_file(places: Places, settings: Settings) -> Path:
    return settings.vault_file or places.vault_file
