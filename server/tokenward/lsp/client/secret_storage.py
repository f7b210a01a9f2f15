"""ClientStorage: a client's secret storage, for threads that wait for its answers."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as NotYet
from typing import Any

from tokenward.errors import VaultTimeout, VaultUnavailable
from tokenward.language import phrase
from tokenward.lsp.client.session import Session
from tokenward.names import METHOD_SECRET_DELETE, METHOD_SECRET_GET, METHOD_SECRET_STORE

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
        while not self._is_closed:
            try:
                return future.result(_MOMENT)
            except NotYet:
                if time.monotonic() > deadline:
                    raise VaultTimeout(
                        "The editor's secret storage did not answer within {limit} seconds; answer what the editor "
                        "asks, and try again.",
                        limit=f"{limit:g}",
                    ) from None
            except (Exception, CancelledError):  # noqa: BLE001 - a client's text may repeat a value
                break
        raise self._failure()

    async def _send(self, method: str, params: dict[str, str]) -> Any:
        # Never cancelled, because pygls fails at the answer to a cancelled request.
        return await asyncio.shield(self._session.server.protocol.send_request_async(method, params))

    def _failure(self) -> VaultUnavailable:
        if self._is_closed:
            return VaultUnavailable(_ENDS)
        return VaultUnavailable(
            "The editor's secret storage failed; check the editor's own messages, and try again."
        )
