"""Reports commands under `tokenward shell` or `tokenward exec` in an open folder like the client's own."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from tokenward.lsp.client.session import Session
from tokenward.lsp.client.transcript_uris import transcript_uri
from tokenward.lsp.terminals.terminals import Terminals
from tokenward.lsp.terminals.transcript_page import TranscriptPage
from tokenward.operations.terminal.other_shells import OtherCommand, OtherShellRecords
from tokenward.places import canonical
from tokenward.presentation import terminals as words

POLL_SECONDS = 2.0
_NAME = "shell"


class OtherShells:
    """Polls the records of these commands. A client that shows no transcripts gets one sentence for each command."""

    def __init__(self, session: Session, terminals: Terminals) -> None:
        self._session = session
        self._terminals = terminals
        self._shells = OtherShellRecords(session.places.data_dir)
        self._timer: asyncio.TimerHandle | None = None
        self._is_closed = False
        self._began = time.time()
        self._old: dict[str, int] | None = None
        """The number of tokens shown before the server started, by the ids of the commands."""
        self._reported: set[str] = set()
        """The commands that were reported to the user in a sentence."""

    def begin(self) -> None:
        """Start polling the records."""
        self._session.start_task(self._poll())

    def close(self) -> None:
        """Stop polling the records."""
        self._is_closed = True
        if self._timer is not None:
            self._timer.cancel()

    async def _poll(self) -> None:
        folders = tuple(self._session.folders)
        try:
            commands = await self._session.in_scan_thread(lambda: self._commands_in(folders))
            if "terminal" in self._session.capabilities.extensions:
                self._show_pages(commands)
            else:
                self._show_sentences(commands)
        finally:
            if not self._is_closed:
                loop = asyncio.get_running_loop()
                self._timer = loop.call_later(POLL_SECONDS, self.begin)

    def _commands_in(self, folders: tuple[Path, ...]) -> list[OtherCommand]:
        """Return the commands in folders, which are given as real paths; blocks."""
        real = [canonical(str(folder)) for folder in folders]
        commands = self._shells.commands()
        return [one for one in commands if any(one.cwd.is_relative_to(folder) for folder in real)]

    def _show_sentences(self, commands: list[OtherCommand]) -> None:
        if self._old is None:
            self._old = {one.id: len(one.printed) for one in commands if one.started < self._began}
        for command in commands:
            new = command.printed[self._old.get(command.id, 0) :]
            if new and command.id not in self._reported:
                self._reported.add(command.id)
                labels = [printed.label for printed in new]
                self._session.show_message(words.shown_outside(command.heading.command, labels))

    def _show_pages(self, commands: list[OtherCommand]) -> None:
        pages = self._terminals.others
        present = {transcript_uri(f"{command.id}-0", _NAME): command for command in commands}
        for uri in pages.keys() - present.keys():
            page = pages.pop(uri)
            page.set_printed([])
            self._terminals.show(page)
        for uri, command in present.items():
            page = pages.setdefault(uri, TranscriptPage(uri, command.cwd, command.heading, has_values=False))
            page.set_printed(command.printed)
            self._terminals.show(page)
