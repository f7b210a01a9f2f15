"""VaultAccess: runs operations on the session's vault; offers alternatives if there is no keyring."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, wait
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from tokenward.errors import (
    PassphraseNeeded,
    PassphraseWrong,
    StateDamaged,
    TokenwardError,
    VaultTimeout,
    VaultUnavailable,
)
from tokenward.findings.scan import Scanner
from tokenward.language import phrase, said
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.workspace_of import workspace_of
from tokenward.model import Secret
from tokenward.names import METHOD_PASSPHRASE, METHOD_SECRET_DELETE, METHOD_SECRET_GET, METHOD_SECRET_STORE
from tokenward.operations.approval.approval import Approver
from tokenward.operations.context import Context, choose_editor, open_context
from tokenward.operations.vault_choice import encrypted_file, vault_config
from tokenward.presentation import wording
from tokenward.settings import Settings
from tokenward.sources.documents import Document
from tokenward.vault.editor_vault import EditorVault
from tokenward.vault.unlocking import Unlocking
from tokenward.vault.vault import Vault, VaultConfig
from tokenward.vault.worker import VaultWorker

T = TypeVar("T")


class VaultAccess:
    """Opens Contexts; the vault's worker lives as long as its configuration stays the same."""

    def __init__(self, session: Session, approver: Approver) -> None:
        self._session = session
        self._approver = approver
        self._passphrase: Secret | None = None
        self._storage = ClientStorage(session)
        self._vault: VaultWorker | EditorVault | None = None
        self._config: object = None

    def context(self, document: Document | None = None) -> Context:
        """Return a context for operations that need no vault; running operations keep their worker.

        Args:
            document: the document whose workspace's rules apply.

        Raises:
            TokenwardError: the rules are not loaded yet.
        """
        scanner = self._scanner(document)
        vault = self._vault or self._open(self._vault_config())
        return self._context(self._session.settings, lambda: scanner, vault)

    def editor_vault_context(self, folder: Path) -> Context | None:
        """Return a context for a workspace's tokens if this client keeps them; None if it keeps none."""
        config = self._vault_config()
        if config.kind != "editor" or not self._storage.is_offered:
            return None
        return self._context(self._session.settings_of(folder), self._scanner, self._open(config))

    def _context(self, settings: Settings, load_scanner: Callable[[], Scanner], vault: Vault) -> Context:
        session = self._session
        return replace(
            open_context(session.places, settings, load_scanner, vault),
            approver=self._approver,
            editor=session.client_process or os.getppid(),
            warn=session.show_message_from_thread,
        )

    async def run(self, operation: Callable[[Context], T], document: Document | None = None) -> T | None:
        """Run an operation in the keyring's thread; ask for a passphrase or offer an encrypted file if necessary."""
        try:
            return await self._in_thread(operation, document)
        except (PassphraseNeeded, PassphraseWrong):
            if not self.can_ask_hidden or not await self._ask(said(wording.PASSPHRASE_PROMPT)):
                raise
            return await self._in_thread(operation, document)
        except VaultUnavailable as error:
            if not await self._offer_alternatives(str(error)):
                raise
            return None

    async def run_in(self, folder: Path, operation: Callable[[Context], T]) -> T | None:
        """Run an operation in the same way, with the settings of a workspace."""
        settings_of = self._session.settings_of
        return await self.run(lambda context: operation(replace(context, settings=settings_of(folder))))

    async def read(self, document: Document, work: Callable[[Context, Path], T]) -> T | None:
        """Run work that needs no vault in the workspace of a document; return None if it has none or the work fails.

        It is for requests at each key press or move of the cursor, where a message would be noise; a hover says why.
        """

        def in_workspace(context: Context) -> T | None:
            found = workspace_of(self._session, context, document.origin)
            return None if found is None else work(*found)

        try:
            return await self._session.in_scan_thread(partial(in_workspace, self.context(document)))
        except TokenwardError:
            return None

    def close(self) -> None:
        """End the vault's worker."""
        self._storage.close()
        self._close_worker()

    def _scanner(self, document: Document | None = None) -> Scanner:
        session = self._session
        scanner = session.scanner if document is None else session.scanner_for(document)
        if scanner is None:
            raise TokenwardError("Tokenward is still starting; try again in a moment.")
        return scanner

    async def _in_thread(self, operation: Callable[[Context], T], document: Document | None) -> T:
        return await self._session.in_keyring_thread(lambda: operation(self._renewed(document)))

    def _renewed(self, document: Document | None) -> Context:
        """Return the context with a worker for the current settings; runs in the worker's only thread."""
        config = self._vault_config()
        if self._vault is None or config != self._config:
            self._close_worker()
            self._vault, self._config = self._open(config), config
            if config.kind == "editor" and self._storage.is_offered:
                # Commands do not know an editor's settings, so record for them where the tokens are.
                with contextlib.suppress(StateDamaged):
                    choose_editor(self._session.places)
        return self.context(document)

    def _vault_config(self) -> VaultConfig:
        return vault_config(self._session.places, self._session.settings, self._passphrase)

    def _open(self, config: VaultConfig) -> VaultWorker | EditorVault:
        if config.kind == "editor":
            return EditorVault(self._storage, config.lock, config.timeout)
        return VaultWorker(config)

    def _close_worker(self) -> None:
        if isinstance(self._vault, VaultWorker):
            self._vault.close()

    @property
    def can_ask_hidden(self) -> bool:
        """Return whether the client can ask its user for a hidden text."""
        return "passphrase" in self._session.capabilities.extensions

    async def _ask(self, prompt: str) -> bool:
        self._passphrase = await self.ask_hidden(prompt, "passphrase")
        return self._passphrase is not None

    async def ask_hidden(self, prompt: str, label: str = "token") -> Secret | None:
        """Return a text that the user enters hidden, or None."""
        answer = await self._session.server.protocol.send_request_async(METHOD_PASSPHRASE, {"prompt": prompt})
        given = answer.get("passphrase") if isinstance(answer, dict) else getattr(answer, "passphrase", None)
        return Secret(given, label) if isinstance(given, str) and given else None

    async def _ask_new(self) -> bool:
        """Ask for a new passphrase twice, because a typing error would lock the tokens forever."""
        if not await self._ask(said(wording.NEW_PASSPHRASE_PROMPT)):
            return False
        first = self._passphrase
        if await self._ask(said(wording.NEW_PASSPHRASE_AGAIN)) and self._passphrase == first:
            return True
        self._passphrase = None
        raise PassphraseWrong(
            "The two passphrases differ, so no file was created; choose the quick fix again."
        )

    async def _offer_alternatives(self, reason: str) -> bool:
        """Offer alternatives to a keyring; return False if none exists or one was already chosen."""
        has_file, has_editor = self.can_ask_hidden, self._storage.is_offered
        if self._session.settings.vault != "auto" or self._vault_config().kind == "editor":
            return False
        if not has_file and not has_editor:
            return False
        titles = [
            *([wording.CREATE_ENCRYPTED_FILE] if has_file else []),
            *([wording.KEEP_IN_EDITOR] if has_editor else []),
        ]
        text = wording.no_keyring(reason, has_file=has_file, has_editor=has_editor)
        chosen = await self._session.choose(text, titles)
        if chosen == wording.CREATE_ENCRYPTED_FILE:
            await self._make_file()
        elif chosen == wording.KEEP_IN_EDITOR:
            await self._session.in_keyring_thread(partial(choose_editor, self._session.places))
            self._session.inform(said(wording.KEPT_IN_EDITOR))
        return True

    async def _make_file(self) -> None:
        if not await self._ask_new():
            return
        path = encrypted_file(self._session.places, self._session.settings)
        passphrase = self._passphrase
        assert passphrase is not None  # noqa: S101 - set by `_ask_new`
        # Imported here, because its cryptography loads slowly and few sessions need it.
        from tokenward.vault.encrypted_file import create  # noqa: PLC0415

        await self._session.in_keyring_thread(partial(create, path, Unlocking(passphrase)))
        self._session.inform(wording.encrypted_file_made(str(path)))


_MOMENT = 0.2
_NOTHING = object()
_ENDS = phrase("The editor is closing, so the tokens that it keeps are unavailable; start it again.")


class ClientStorage:
    """Implements `vault.editor_vault.Storage`; its methods block, so never call them on the event loop."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._is_closed = False

    @property
    def is_offered(self) -> bool:
        """Return whether the client offers a secret storage."""
        return "secretStorage" in self._session.capabilities.extensions

    def get(self, key: str) -> object:
        answer = self._ask(METHOD_SECRET_GET, {"key": key})
        # Distinct from an empty value, because a missing key says nothing about the token.
        return (
            answer.get("value", _NOTHING) if isinstance(answer, dict) else getattr(answer, "value", _NOTHING)
        )

    def store(self, key: str, value: str) -> None:
        self._ask(METHOD_SECRET_STORE, {"key": key, "value": value})

    def delete(self, key: str) -> None:
        self._ask(METHOD_SECRET_DELETE, {"key": key})

    def close(self) -> None:
        """End every wait."""
        self._is_closed = True

    def _ask(self, method: str, params: dict[str, str]) -> Any:
        if not self.is_offered:
            raise VaultUnavailable(
                "Your tokens are kept by another editor, and this one keeps none; open the folder in that, or choose "
                "another `vault` in the settings."
            )
        loop, limit = self._session.loop, self._session.settings.keyring_timeout
        if loop is None or self._is_closed:
            raise VaultUnavailable(_ENDS)
        deadline = time.monotonic() + limit
        future = asyncio.run_coroutine_threadsafe(self._send(method, params), loop)
        while not wait([future], _MOMENT).done:
            if self._is_closed:
                raise VaultUnavailable(_ENDS)
            if time.monotonic() > deadline:
                raise VaultTimeout(
                    "The editor's secret storage did not answer within {limit} seconds; answer what the editor "
                    "asks, and try again.",
                    limit=f"{limit:g}",
                )
        # A client's text may repeat a value, so no failure of it is chained.
        with contextlib.suppress(Exception, CancelledError):
            return future.result()
        if self._is_closed:
            raise VaultUnavailable(_ENDS)
        raise VaultUnavailable(
            "The editor's secret storage failed; check the editor's own messages, and try again."
        )

    async def _send(self, method: str, params: dict[str, str]) -> Any:
        # Never cancelled, because pygls fails at the answer to a cancelled request.
        return await asyncio.shield(self._session.server.protocol.send_request_async(method, params))
