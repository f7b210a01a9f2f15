"""Commands that `tokenward shell` and `tokenward exec` watch in an open folder, told of as those of the client are."""

from __future__ import annotations

import asyncio

from tokenward.lsp import abilities
from tokenward.lsp.page import Page
from tokenward.lsp.session import Session
from tokenward.lsp.terminals import Terminals
from tokenward.lsp.transcript_uris import transcript_uri
from tokenward.operations.outside_shells import OutsideCommand, OutsideShells

POLL_SECONDS = 2.0
_NAME = "shell"


class Outside:
    """Looks for what they left word of, for a client that shows such texts."""

    def __init__(self, session: Session, terminals: Terminals) -> None:
        self._session = session
        self._terminals = terminals
        self._shells = OutsideShells(session.places.data_dir)
        self._timer: asyncio.TimerHandle | None = None
        self._is_closed = False

    def begin(self) -> None:
        """Look from now on; nothing is done for a client that could not show it."""
        if abilities.says(self._session.capabilities, "terminal"):
            self._session.start(self._look())

    def close(self) -> None:
        self._is_closed = True
        if self._timer is not None:
            self._timer.cancel()

    async def _look(self) -> None:
        try:
            self._take(await self._session.in_scan_thread(self._shells.commands))
        finally:
            self._wait()

    def _wait(self) -> None:
        if not self._is_closed:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(POLL_SECONDS, lambda: self._session.start(self._look()))

    def _take(self, commands: tuple[OutsideCommand, ...]) -> None:
        pages = self._terminals.others
        wanted = {
            transcript_uri(f"{command.id}-0", _NAME): command
            for command in commands
            if any(command.cwd.is_relative_to(folder) for folder in self._session.folders)
        }
        for uri in pages.keys() - wanted.keys():
            page = pages.pop(uri)
            page.tell([])
            self._terminals.show(page)
        for uri, command in wanted.items():
            page = pages.setdefault(uri, Page(uri, command.cwd, command.heading, has_values=False))
            page.tell(command.printed)
            self._terminals.show(page)
