"""The Context of a workspace, opened from the user's places and settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tokenward.custody.bindings.bindings import Bindings
from tokenward.custody.bindings.entries import Entries
from tokenward.custody.leases.leases import Leases
from tokenward.custody.leases.sessions import Sessions
from tokenward.custody.ledger.ledger import Ledger
from tokenward.custody.store.private_file import ensure_private_file
from tokenward.model import Secret
from tokenward.operations.context import Context
from tokenward.places import Places
from tokenward.settings import Settings
from tokenward.vault.config import VaultConfig
from tokenward.vault.vault import Vault

if TYPE_CHECKING:
    from tokenward.findings.scan import Scanner


def open_context(
    places: Places, settings: Settings, load_scanner: Callable[[], Scanner], vault: Vault
) -> Context:
    """Everything that operations need; nothing is read or asked before an operation does."""
    ledger = Ledger(places.ledger)
    return Context(
        load_scanner,
        vault,
        Bindings(places.custody, ledger),
        Entries(places.custody),
        Leases(places.custody, Sessions(places.sessions)),
        ledger,
        settings,
        places.moves_lock,
    )


def vault_config(places: Places, settings: Settings, passphrase: Secret | None = None) -> VaultConfig:
    """Which vault the user chose: the setting, else the encrypted file or the editor if chosen, else the keyring."""
    file = encrypted_file(places, settings)
    kind = settings.vault if settings.vault != "auto" else _chosen(places, file)
    return VaultConfig(
        kind, places.vault_lock, file, settings.keyring_timeout, settings.allowed_backends, passphrase
    )


def choose_editor(places: Places) -> None:
    """Let tokens be kept by the editor from now on, as every later command and session is to know.

    Raises:
        StateDamaged: that cannot be written down.
    """
    ensure_private_file(places.editor_vault)


def encrypted_file(places: Places, settings: Settings) -> Path:
    return settings.vault_file or places.vault_file


def _chosen(places: Places, file: Path) -> Literal["keyring", "file", "editor"]:
    if file.is_file():
        return "file"
    return "editor" if places.editor_vault.is_file() else "keyring"
