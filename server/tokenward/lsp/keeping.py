"""The session's vault and records, opened when first needed, and what to do when there is no keyring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from lsprotocol import types

from tokenward.errors import PassphraseNeeded, PassphraseWrong, TokenwardError, VaultUnavailable
from tokenward.lsp import abilities
from tokenward.lsp.session import Session
from tokenward.model import Secret
from tokenward.names import METHOD_PASSPHRASE
from tokenward.operations.approval import Approver
from tokenward.operations.context import Context
from tokenward.operations.opening import encrypted_file, open_context, vault_config
from tokenward.presentation import wording
from tokenward.sources.documents import Document
from tokenward.vault.unlocking import Unlocking
from tokenward.vault.worker import VaultWorker

T = TypeVar("T")


class Keeping:
    """Opens Contexts for a session; the vault's worker lives as long as its configuration stays the same."""

    def __init__(self, session: Session, approver: Approver) -> None:
        self._session = session
        self._approver = approver
        self._passphrase: Secret | None = None
        self._worker: VaultWorker | None = None
        self._config: object = None

    def context(self, document: Document | None = None) -> Context:
        """What operations need that ask no vault; whatever else is running keeps its worker.

        Args:
            document: what the operation is for; its workspace's rules then hold.

        Raises:
            TokenwardError: the rules are not loaded yet.
        """
        session = self._session
        scanner = session.scanner if document is None else session.scanner_for(document)
        if scanner is None:
            raise TokenwardError("Tokenward is still starting; try again in a moment.")
        config = vault_config(session.places, session.settings, self._passphrase)
        worker = self._worker or VaultWorker(config)
        context = open_context(session.places, session.settings, lambda: scanner, worker)
        return replace(context, approver=self._approver, warn=session.tell_from_thread)

    async def run(self, operation: Callable[[Context], T], document: Document | None = None) -> T | None:
        """Run an operation in the keyring's thread; ask for a passphrase or offer an encrypted file if need be."""
        try:
            return await self._in_thread(operation, document)
        except (PassphraseNeeded, PassphraseWrong):
            if not self._can_ask or not await self._ask(wording.PASSPHRASE_PROMPT):
                raise
            return await self._in_thread(operation, document)
        except VaultUnavailable as error:
            if not self._can_ask or self._session.settings.vault != "auto":
                raise
            await self._offer_file(str(error))
            return None

    def close(self) -> None:
        if self._worker is not None:
            self._worker.close()

    async def _in_thread(self, operation: Callable[[Context], T], document: Document | None) -> T:
        return await self._session.in_keyring_thread(lambda: operation(self._renewed(document)))

    def _renewed(self, document: Document | None) -> Context:
        """The context with a worker for the settings as they are; no call is under way, for this is its thread."""
        config = vault_config(self._session.places, self._session.settings, self._passphrase)
        if self._worker is None or config != self._config:
            self.close()
            self._worker, self._config = VaultWorker(config), config
        return self.context(document)

    @property
    def _can_ask(self) -> bool:
        """Whether the client said that it can ask its user for a hidden text."""
        return abilities.says(self._session.capabilities, "passphrase")

    async def _ask(self, prompt: str) -> bool:
        answer = await self._session.server.protocol.send_request_async(METHOD_PASSPHRASE, {"prompt": prompt})
        given = answer.get("passphrase") if isinstance(answer, dict) else getattr(answer, "passphrase", None)
        self._passphrase = Secret(given, "passphrase") if isinstance(given, str) and given else None
        return self._passphrase is not None

    async def _ask_new(self) -> bool:
        """Ask for a new passphrase twice, for a hidden slip would lock the tokens in for good."""
        if not await self._ask(wording.NEW_PASSPHRASE_PROMPT):
            return False
        first = self._passphrase
        if await self._ask(wording.NEW_PASSPHRASE_AGAIN) and self._passphrase == first:
            return True
        self._passphrase = None
        raise PassphraseWrong("The two passphrases differ, so no file was made; choose the quick fix again.")

    async def _offer_file(self, reason: str) -> None:
        choice = types.MessageActionItem(wording.CREATE_ENCRYPTED_FILE)
        answer = await self._session.server.window_show_message_request_async(
            types.ShowMessageRequestParams(types.MessageType.Warning, wording.no_keyring(reason), [choice])
        )
        if answer is None or answer.title != choice.title or not await self._ask_new():
            return
        path = encrypted_file(self._session.places, self._session.settings)
        passphrase = self._passphrase
        assert passphrase is not None  # noqa: S101 - `_ask` said so
        # Imported here, since its cryptography loads slowly and few sessions need it.
        from tokenward.vault.encrypted_file import create  # noqa: PLC0415

        await self._session.in_keyring_thread(partial(create, path, Unlocking(passphrase)))
        self._session.tell(wording.encrypted_file_made(str(path)), types.MessageType.Info)
