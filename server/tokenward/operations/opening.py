"""The Context of a workspace, opened from the user's places and settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tokenward.custody.bindings.bindings import Bindings
from tokenward.custody.bindings.entries import Entries
from tokenward.custody.bindings.replacements import Replacements
from tokenward.custody.credentials import CredentialRecords
from tokenward.custody.leases.leases import Leases
from tokenward.custody.leases.sessions import Sessions
from tokenward.custody.ledger.ledger import Ledger
from tokenward.model import Secret
from tokenward.operations.context import Context
from tokenward.places import Places
from tokenward.safe_files import ensure_private_file
from tokenward.settings import Settings
from tokenward.vault.vault import Vault, VaultConfig

if TYPE_CHECKING:
    from tokenward.findings.scan import Scanner


def open_context(
    places: Places, settings: Settings, load_scanner: Callable[[], Scanner], vault: Vault
) -> Context:
    """Return everything that operations need; each part is read when an operation needs it."""
    ledger = Ledger(places.ledger)
    return Context(
        load_scanner,
        vault,
        Bindings(places.custody, ledger),
        Entries(places.custody),
        Replacements(places.custody),
        Leases(places.custody, Sessions(places.sessions)),
        ledger,
        CredentialRecords(places.custody),
        settings,
        places.moves_lock,
    )


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


def choose_editor(places: Places) -> None:
    """Record for every later command and session that the editor stores the tokens from now on.

    Raises:
        StateDamaged: that cannot be recorded.
    """
    ensure_private_file(places.editor_vault)


def encrypted_file(places: Places, settings: Settings) -> Path:
    """Return the path of the encrypted file."""
    return settings.vault_file or places.vault_file
