"""What a session is asking providers: one question at a time for each token, each with a cancel button."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from tokenward.detection.rules.limits import Cancellation
from tokenward.errors import TokenwardError
from tokenward.lsp.client.progress import ScanProgress
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.vault_access import Keeping
from tokenward.lsp.terminals.terminals import Terminals
from tokenward.model import Fingerprint
from tokenward.presentation.provider import BUSY

T = TypeVar("T")


class Asking:
    """Runs what waits for a provider in threads of its own, so that neither typing nor the keyring waits for it."""

    def __init__(self, session: Session, keeping: Keeping, terminals: Terminals) -> None:
        self.session = session
        self.keeping = keeping
        self.terminals = terminals
        self._threads = ThreadPoolExecutor(2, "tokenward-asking")
        self._underway: dict[Fingerprint, Cancellation] = {}

    async def run(self, fingerprint: Fingerprint, title: str, work: Callable[[Cancellation], T]) -> T:
        """Do what asks about a token; its user can cancel it.

        Raises:
            TokenwardError: it is being asked about already.
        """
        if fingerprint in self._underway:
            raise TokenwardError(BUSY)
        cancellation = self._underway[fingerprint] = Cancellation()
        progress = ScanProgress(self.session, title, cancellation.cancel)
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, work, cancellation)
        finally:
            del self._underway[fingerprint]
            progress.end("")

    def close(self) -> None:
        """Cancel what is under way; a revocation that was sent stays announced, and the next start says so."""
        for cancellation in self._underway.values():
            cancellation.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)
