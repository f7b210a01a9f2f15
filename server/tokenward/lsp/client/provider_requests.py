"""Running requests to providers: at most one for each token, each with a cancel button."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from tokenward.detection.rules.engine_scan import Cancellation
from tokenward.errors import TokenwardError
from tokenward.lsp.client.progress import ProgressBar
from tokenward.lsp.client.session import Session
from tokenward.model import Fingerprint
from tokenward.presentation import wording

T = TypeVar("T")


class ProviderRequests:
    """Runs requests in separate threads, so that neither typing nor the keyring waits for a provider."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._threads = ThreadPoolExecutor(2, "tokenward-asking")
        self._underway: dict[Fingerprint, Cancellation] = {}

    async def run(self, fingerprint: Fingerprint, title: str, work: Callable[[Cancellation], T]) -> T:
        """Run a request about a token; the user can cancel it.

        Raises:
            TokenwardError: another request about it is running.
        """
        if fingerprint in self._underway:
            raise TokenwardError(wording.PROVIDER_BUSY)
        cancellation = self._underway[fingerprint] = Cancellation()
        progress = ProgressBar(self._session, title, cancellation.cancel)
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, work, cancellation)
        finally:
            del self._underway[fingerprint]
            progress.end("")

    def close(self) -> None:
        """Cancel all running requests; the next start reports a revocation that was sent but not answered."""
        for cancellation in self._underway.values():
            cancellation.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)
