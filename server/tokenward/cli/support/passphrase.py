"""Prompting for the passphrase of the encrypted file when the vault needs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from tokenward.cli.support.person import ask_hidden, has_terminal
from tokenward.custody.callers.asker import require_own_command
from tokenward.errors import PassphraseNeeded, PassphraseWrong
from tokenward.model import Reference, Secret
from tokenward.places import shown
from tokenward.vault.quick_reader import QuickReader
from tokenward.vault.vault import PutOutcome, VaultConfig
from tokenward.vault.worker import VaultWorker

T = TypeVar("T")


class PromptingVault:
    """A VaultWorker that prompts for its passphrase once, if a person is at the terminal."""

    def __init__(self, config: VaultConfig) -> None:
        self._config = config
        self._worker = VaultWorker(config)
        self._quick = QuickReader(config)

    def begin(self) -> None:
        """Start the worker, unless this process may read values itself."""
        if not self._quick.is_usable:
            self._worker.begin()

    @property
    def description(self) -> str:
        return self._worker.description

    def get(self, reference: Reference) -> Secret | None:
        return self._quick.get(reference) or self._unlocked(lambda worker: worker.get(reference))

    def get_all(self, references: Sequence[Reference]) -> list[Secret | None]:
        return self._unlocked(lambda worker: worker.get_all(references))

    def put(self, reference: Reference, secret: Secret) -> bool:
        return self._unlocked(lambda worker: worker.put(reference, secret))

    def put_all(self, values: Sequence[tuple[Reference, Secret]]) -> list[PutOutcome]:
        return self._unlocked(lambda worker: worker.put_all(values))

    def replace(self, reference: Reference, secret: Secret) -> None:
        self._unlocked(lambda worker: worker.replace(reference, secret))

    def delete(self, reference: Reference) -> bool:
        return self._unlocked(lambda worker: worker.delete(reference))

    def references(self) -> frozenset[Reference] | None:
        return self._unlocked(lambda worker: worker.references())

    def close(self) -> None:
        """End the worker's process and the connection."""
        self._quick.close()
        self._worker.close()

    def _unlocked(self, call: Callable[[VaultWorker], T]) -> T:
        # The worker may prompt and take long.
        require_own_command()
        try:
            return call(self._worker)
        except (PassphraseNeeded, PassphraseWrong):
            if self._config.passphrase is not None or not has_terminal():
                raise
        passphrase = _ask_passphrase(f"Passphrase of {shown(self._config.file)}: ")
        self._worker.close()
        self._config = replace(self._config, passphrase=passphrase)
        self._worker = VaultWorker(self._config)
        return call(self._worker)


def new_passphrase() -> Secret:
    """Return a new passphrase, asked for twice.

    Raises:
        PassphraseWrong: the two differ or are empty.
    """
    first, second = _ask_passphrase("New passphrase: "), _ask_passphrase("Repeat the passphrase: ")
    if first != second or not first.reveal():
        raise PassphraseWrong("The passphrases differ or are empty; try again.")
    return first


def _ask_passphrase(prompt: str) -> Secret:
    return Secret(ask_hidden(prompt), "passphrase")
