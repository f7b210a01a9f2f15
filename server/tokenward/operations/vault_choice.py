"""Which vault a user has chosen."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from tokenward.model import Secret
from tokenward.places import Places
from tokenward.settings import Settings
from tokenward.vault.vault import VaultConfig


def vault_config(places: Places, settings: Settings, passphrase: Secret | None = None) -> VaultConfig:
    """Return the user's vault: the one in the settings, or else a chosen encrypted file or editor, or the keyring."""
    file = encrypted_file(places, settings)
    kind: Literal["keyring", "file", "editor"] = "keyring"
    if settings.vault != "auto":
        kind = settings.vault
    elif file.is_file():
        kind = "file"
    elif places.editor_vault.is_file():
        kind = "editor"
    return VaultConfig(
        kind, places.vault_lock, file, settings.keyring_timeout, settings.allowed_backends, passphrase
    )


def encrypted_file(places: Places, settings: Settings) -> Path:
    """Return the path of the encrypted file."""
    return settings.vault_file or places.vault_file
