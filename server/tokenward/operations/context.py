"""Context: the parts that operations work with, opened from the user's places and settings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tokenward.custody.bindings.bindings import Bindings, slug
from tokenward.custody.bindings.entries import Entries
from tokenward.custody.callers.asker import require_own_command
from tokenward.custody.credentials import CredentialRecords
from tokenward.custody.leases.leases import Leases
from tokenward.custody.leases.sessions import Sessions
from tokenward.custody.ledger.ledger import Ledger
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Reference, Secret
from tokenward.operations.approval.approval import Approver, NoApprover
from tokenward.places import Places
from tokenward.safe_files import ensure_private_file
from tokenward.settings import Settings
from tokenward.vault.file_lock import hold_file_lock
from tokenward.vault.vault import Vault

if TYPE_CHECKING:
    from tokenward.findings.scan import Scanner
    from tokenward.operations.use import Use


class ValueSource(Protocol):
    """Decides whether to allow a use, records it, and returns the values."""

    def values(self, folder: Path, references: Collection[Reference], use: Use) -> Mapping[Reference, Secret]:
        """Return the values of all references.

        Raises:
            TokenwardError: one of them is not available; the text names which.
        """


@dataclass(frozen=True, slots=True)
class Context:
    """The parts that an operation may need, and the settings of its workspace.

    Attributes:
        load_scanner: loads the scanner, which few commands need and which takes most of the start-up time.
        moves_lock: the file with which the processes of this user take turns; see `turn`.
        approver: asks a person if a lease requires it.
        value_source: allows uses and returns values instead of this process, if that has no access itself.
        editor: the process id of the editor whose user works with these parts; 0 for none.
        warn: takes a sentence about a failure that does not stop the operation.
    """

    load_scanner: Callable[[], Scanner]
    vault: Vault
    bindings: Bindings
    entries: Entries
    leases: Leases
    ledger: Ledger
    credentials: CredentialRecords
    settings: Settings
    moves_lock: Path
    approver: Approver = field(default_factory=NoApprover)
    value_source: ValueSource | None = None
    editor: int = 0
    warn: Callable[[str], None] = lambda _: None

    @property
    def scanner(self) -> Scanner:
        """Return the scanner, which also fingerprints values."""
        return self.load_scanner()

    def scanning_with(self, scanner: Scanner) -> Context:
        """Return this context with another scanner, such as one with a workspace's rules."""
        return replace(self, load_scanner=lambda: scanner)

    def workspace_of(self, folder: Path) -> str:
        """Return the name of a folder's workspace, or the one that it would get with its first token."""
        return self.bindings.name_of(folder) or preferred_workspace(self.settings, folder)

    def claim_workspace(self, folder: Path) -> str:
        """Return the name of a folder's workspace, which this binds to it if it has none."""
        return self.bindings.claim(folder, preferred_workspace(self.settings, folder))

    def turn(self) -> AbstractContextManager[None]:
        """Keep other processes of this user from storing or restoring tokens during a block.

        Raises:
            VaultTimeout: another process held the lock for as long as a keyring may take.
            LeftToCommand: this is the daemon, which changes nothing.
        """
        require_own_command()
        return hold_file_lock(self.moves_lock, self.settings.keyring_timeout)


def preferred_workspace(settings: Settings, folder: Path) -> str:
    """Return the name that a workspace without a binding claims."""
    return settings.workspace_name or slug(folder.name)


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
        Leases(places.custody, Sessions(places.sessions)),
        ledger,
        CredentialRecords(places.custody),
        settings,
        places.moves_lock,
    )


def choose_editor(places: Places) -> None:
    """Record for every later command and session that the editor stores the tokens from now on.

    Raises:
        StateDamaged: that cannot be recorded.
    """
    ensure_private_file(places.editor_vault)
