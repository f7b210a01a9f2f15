"""window/workDoneProgress: a progress bar, with a cancel button if there is something to cancel."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import Future

from lsprotocol import types
from pygls.progress import Progress

from tokenward.lsp.client.session import Session

PATIENCE = 0.3
"""Seconds before a bar is shown, because a shorter one would only flicker."""


class ProgressBar:
    """A progress bar; shows nothing if the client has no progress bars."""

    def __init__(self, session: Session, title: str, cancel: Callable[[], None] | None = None) -> None:
        self._session = session
        self._title = title
        self._cancel = cancel
        self._token = f"tokenward-{secrets.token_hex(8)}"
        self._message = ""
        self._is_begun = self._is_over = False
        if session.capabilities.shows_progress:
            asyncio.get_running_loop().call_later(PATIENCE, lambda: session.start_task(self._begin()))

    def report(self, message: str) -> None:
        """Show a message in the bar."""
        self._message = message
        if self._is_begun:
            self._bar.report(self._token, types.WorkDoneProgressReport(message=message))

    def end(self, message: str) -> None:
        """End the bar with a message."""
        self._is_over = True
        if self._is_begun:
            self._bar.end(self._token, types.WorkDoneProgressEnd(message=message))
            self._forget()

    def _forget(self) -> None:
        """Release what the button would cancel, because pygls keeps it for as long as it knows the progress token."""
        self._bar.tokens.pop(self._token, None)

    @property
    def _bar(self) -> Progress:
        return self._session.server.work_done_progress

    async def _begin(self) -> None:
        if self._is_over:
            return
        await self._bar.create_async(self._token)
        if self._is_over:
            self._forget()
            return
        self._is_begun = True
        self._bar.tokens[self._token].add_done_callback(self._pressed)
        begin = types.WorkDoneProgressBegin(
            title=self._title, cancellable=self._cancel is not None, message=self._message
        )
        self._bar.begin(self._token, begin)

    def _pressed(self, button: Future[None]) -> None:
        if button.cancelled() and self._cancel is not None:
            self._cancel()
