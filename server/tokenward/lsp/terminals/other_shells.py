"""Commands that `tokenward shell` and `tokenward exec` watch in an open folder, told of as those of the client are."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from pathlib import Path

from tokenward.lsp.client.session import Session
from tokenward.lsp.client.transcript_uris import transcript_uri
from tokenward.lsp.terminals.terminals import Terminals
from tokenward.lsp.terminals.transcript_page import Page
from tokenward.operations.terminal.other_shells import OutsideCommand, OutsideShells
from tokenward.places import canonical
from tokenward.presentation import terminals as words

POLL_SECONDS = 2.0
_NAME = "shell"


class Outside:
    """Looks for what they left word of. A client that shows no such texts is told in a sentence, once a command."""

    def __init__(self, session: Session, terminals: Terminals) -> None:
        self._session = session
        self._terminals = terminals
        self._shells = OutsideShells(session.places.data_dir)
        self._timer: asyncio.TimerHandle | None = None
        self._is_closed = False
        self._began = time.time()
        self._old: dict[str, int] | None = None
        """How many tokens were shown before the server began, by the ids of the commands."""
        self._told: set[str] = set()
        """The commands of which a sentence was said."""

    def begin(self) -> None:
        """Look from now on."""
        self._session.start(self._look())

    def close(self) -> None:
        self._is_closed = True
        if self._timer is not None:
            self._timer.cancel()

    async def _look(self) -> None:
        try:
            folders = tuple(self._session.folders)
            self._take(await self._session.in_scan_thread(partial(self._commands_in, folders)))
        finally:
            self._wait()

    def _wait(self) -> None:
        if not self._is_closed:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(POLL_SECONDS, lambda: self._session.start(self._look()))

    def _commands_in(self, folders: tuple[Path, ...]) -> list[OutsideCommand]:
        """The commands of some folders, whatever the shell and the client call a folder; blocks."""
        real = [canonical(str(folder)) for folder in folders]
        commands = self._shells.commands()
        return [one for one in commands if any(one.cwd.is_relative_to(folder) for folder in real)]

    def _take(self, here: list[OutsideCommand]) -> None:
        if "terminal" in self._session.capabilities.extensions:
            self._show(here)
        else:
            self._tell(here)

    def _tell(self, commands: list[OutsideCommand]) -> None:
        if self._old is None:
            self._old = {one.id: len(one.printed) for one in commands if one.started < self._began}
        for command in commands:
            new = command.printed[self._old.get(command.id, 0) :]
            if new and command.id not in self._told:
                self._told.add(command.id)
                labels = [printed.label for printed in new]
                self._session.tell(words.shown_outside(command.heading.command, labels))

    def _show(self, commands: list[OutsideCommand]) -> None:
        pages = self._terminals.others
        wanted = {transcript_uri(f"{command.id}-0", _NAME): command for command in commands}
        for uri in pages.keys() - wanted.keys():
            page = pages.pop(uri)
            page.tell([])
            self._terminals.show(page)
        for uri, command in wanted.items():
            page = pages.setdefault(uri, Page(uri, command.cwd, command.heading, has_values=False))
            page.tell(command.printed)
            self._terminals.show(page)
