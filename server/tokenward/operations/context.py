"""What the operations work with, whoever asks for one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tokenward.custody.bindings.bindings import Bindings
from tokenward.custody.bindings.entries import Entries
from tokenward.custody.leases.leases import Leases
from tokenward.custody.ledger.ledger import Ledger
from tokenward.model import Reference, Secret
from tokenward.operations.approval.approval import Approver, Nobody
from tokenward.settings import Settings
from tokenward.vault.file_lock import held
from tokenward.vault.vault import Vault

if TYPE_CHECKING:
    from tokenward.findings.scan import Scanner
    from tokenward.operations.use import Use


class Keeper(Protocol):
    """Someone who finds out whether a use is allowed, tells the ledger of it, and gives the values."""

    def values(self, folder: Path, references: Collection[Reference], use: Use) -> Mapping[Reference, Secret]:
        """Return the values of all references.

        Raises:
            TokenwardError: one of them cannot be had; the text names which.
        """


def _say_nothing(_: str) -> None:
    """For tests and whoever has nobody to tell."""


@dataclass(frozen=True, slots=True)
class Context:
    """The parts that an operation may need, and the settings of its workspace.

    Attributes:
        load_scanner: gives the scanner; most of a start is the loading of it, which few commands need.
        moves_lock: the file by which the processes of this user take turns, as `turn` says.
        approver: asks a person where a lease wants that.
        keeper: who allows uses and gives values in place of this process, if it cannot have them by itself.
        warn: takes a sentence about what failed without stopping what the user asked for.
    """

    load_scanner: Callable[[], Scanner]
    vault: Vault
    bindings: Bindings
    entries: Entries
    leases: Leases
    ledger: Ledger
    settings: Settings
    moves_lock: Path
    approver: Approver = field(default_factory=Nobody)
    keeper: Keeper | None = None
    warn: Callable[[str], None] = field(default=_say_nothing)

    @property
    def scanner(self) -> Scanner:
        """Finds tokens, and fingerprints them."""
        return self.load_scanner()

    def scanning_with(self, scanner: Scanner) -> Context:
        """Return the same with another scanner, such as one that knows a workspace's rules."""
        return replace(self, load_scanner=lambda: scanner)

    def turn(self) -> AbstractContextManager[None]:
        """No two storings or puttings back of this user's processes interleave within such blocks.

        Raises:
            VaultTimeout: another process kept the turn for as long as a keyring may take.
        """
        return held(self.moves_lock, self.settings.keyring_timeout)
