"""What the operations work with, whoever asks for one."""

from __future__ import annotations

from dataclasses import dataclass

from tokenward.custody.bindings import Bindings
from tokenward.custody.entries import Entries
from tokenward.custody.ledger import Ledger
from tokenward.findings.scan import Scanner
from tokenward.settings import Settings
from tokenward.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Context:
    """The parts that an operation may need, and the settings of its workspace."""

    scanner: Scanner
    vault: Vault
    bindings: Bindings
    entries: Entries
    ledger: Ledger
    settings: Settings
