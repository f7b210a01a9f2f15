"""Reports commands under `tokenward shell` or `tokenward exec` in an open folder like the client's own."""

from __future__ import annotations

import time
from functools import partial

from tokenward.lsp.client.convert import transcript_uri
from tokenward.lsp.client.repeated_checks import RepeatedCheck
from tokenward.lsp.client.session import Session
from tokenward.lsp.terminals.execution import TranscriptPage
from tokenward.lsp.terminals.terminals import Terminals
from tokenward.operations.terminal.other_shells import OtherCommand, OtherShellRecords
from tokenward.places import canonical
from tokenward.presentation import terminals as words

_NAME = "shell"


class OtherShells(RepeatedCheck):
    """Checks the records of these commands, and wakes the event loop only for news.

    A client that shows no transcripts gets one sentence for each command.
    """

    def __init__(self, session: Session, terminals: Terminals) -> None:
        super().__init__("tokenward-shells", self._check)
        self._session = session
        self._terminals = terminals
        self._shells = OtherShellRecords(session.places.data_dir)
        self._seen: object = None
        self._began = time.time()
        self._old: dict[str, int] | None = None
        """The number of tokens shown before the server started, by the ids of the commands."""
        self._reported: set[str] = set()
        """The commands that were reported to the user in a sentence."""

    def _check(self) -> None:
        folders = tuple(self._session.folders)
        real = [canonical(str(folder)) for folder in folders]
        commands = [one for one in self._shells.commands() if any(map(one.cwd.is_relative_to, real))]
        if (folders, commands) != self._seen:
            self._seen = folders, commands
            self._session.on_loop(partial(self._show, commands))

    def _show(self, commands: list[OtherCommand]) -> None:
        if "terminal" in self._session.capabilities.extensions:
            self._show_pages(commands)
        else:
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
