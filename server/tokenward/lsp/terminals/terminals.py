"""What the client's terminals print: looked at in a thread, and told of as texts that nobody can edit.

Everything here runs on the event loop but for `Execution.look_at`. Of an execution whose output is too much the rest is
left out, so that neither memory nor the queue grows with what a program prints.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

from tokenward.custody.ledger.ledger import Ledger
from tokenward.detection.custom.workspace import Local
from tokenward.errors import CustodyError
from tokenward.findings.index import Found
from tokenward.findings.scan import Scanner
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.terminal_params import MOST_CHARACTERS, Data, Key, exit_code
from tokenward.lsp.client.transcript_uris import canonical
from tokenward.lsp.diagnostics.shown_findings import View
from tokenward.lsp.terminals.execution import Execution, News
from tokenward.lsp.terminals.transcript_page import Page
from tokenward.model import Fingerprint, Secret
from tokenward.names import METHOD_CLEAR_TERMINAL, METHOD_TRANSCRIPT_CHANGED
from tokenward.operations.command_words import line_words
from tokenward.operations.terminal.output import Output
from tokenward.operations.terminal.printed import Printed
from tokenward.operations.terminal.recent_values import Remembered
from tokenward.operations.terminal.shown_tokens import record_shown
from tokenward.presentation import terminals as words

log = logging.getLogger("tokenward.lsp")

MOST_EXECUTIONS = 64
RETRY_SECONDS = 0.1
MOST_WAITING = 8 * 2**20
"""Bytes of one execution that wait to be looked at."""
MOST_WAITING_IN_ALL = 4 * MOST_WAITING


class Terminals:
    """The executions of a client's terminals, as far as they are of interest."""

    def __init__(self, session: Session, view: View) -> None:
        self.session = session
        self.view = view
        self._executions: dict[Key, Execution] = {}
        """The one that printed last is the last."""
        self.others: dict[str, Page] = {}
        """By uri, what was watched elsewhere."""
        self._remembered = Remembered()
        self._timer: asyncio.TimerHandle | None = None
        self._retry: asyncio.TimerHandle | None = None
        self._thread = ThreadPoolExecutor(1, "tokenward-terminals")
        # Another server's texts, of before a restart, must not be taken for ours.
        self._session_id = secrets.token_hex(4)
        self._numbers = count(1)

    def data(self, params: Any) -> None:
        """Take what an execution printed."""
        data = Data.of(params)
        if data is None:
            log.warning("a message about a terminal was not understood and ignored")
            return
        execution = self._execution(data)
        if execution.is_cut or execution.has_ended or not self._is_enabled(execution):
            return
        if data.data is None:
            self._cut(execution, words.too_large(MOST_CHARACTERS))
        elif self._is_too_much(execution, len(data.data)):
            self._cut(execution, words.TOO_FAST)
        else:
            execution.add(data.data, data.columns)
            self.ready()

    def end(self, params: Any) -> None:
        """Note that an execution has ended."""
        key = Key.of(params)
        execution = self._executions.get(key) if key is not None else None
        if execution is not None:
            execution.end(exit_code(params))
            self.ready()

    def ready(self) -> None:
        """Look at what waits, for the rules too, what came first before the rest."""
        for execution in tuple(self._executions.values()):
            self._run(execution)

    def close(self) -> None:
        """Look at nothing more."""
        self._executions.clear()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def get(self, uri: str) -> Page | None:
        """What is told under a uri; None when nothing is."""
        wanted = canonical(uri)
        pages = (one for one in (*self._executions.values(), *self.others.values()) if one.uri == wanted)
        return next((page for page in pages if page.transcript is not None), None)

    def secret(self, fingerprint: Fingerprint) -> Secret:
        """The value of a token.

        Raises:
            TokenGone: it is no longer kept.
        """
        return self._remembered.get(fingerprint)

    def folder(self, execution: Page) -> Path | None:
        """The open folder that an execution belongs to: where it runs, else the first."""
        folders = self.session.folders
        holding = [one for one in folders if execution.cwd is not None and execution.cwd.is_relative_to(one)]
        first = folders[0] if folders else None
        return max(holding, key=lambda folder: len(folder.parts), default=first)

    def scanner(self, execution: Page) -> Scanner | None:
        """The scanner with the rules of an execution's folder as far as they were read; None while none are loaded."""
        session, folder = self.session, self.folder(execution)
        if session.scanner is None:
            return None
        settings = session.settings
        plain = Local(comments=settings.allow_repository_ignores, generic=settings.looks_for_generic)
        known = session.scanners.get(folder) if folder is not None else None
        return known or replace(session.scanner, local=plain)

    def forget(self, page: Page, fingerprint: Fingerprint) -> None:
        """Tell no longer of a token, and drop its value."""
        self._remembered.forget(fingerprint)
        page.forget(fingerprint)
        self.show(page)

    def clear(self, page: Page) -> None:
        """Have the client clear the terminal."""
        if isinstance(page, Execution):
            self._notify(METHOD_CLEAR_TERMINAL, {"terminal": page.key.terminal})

    def _execution(self, data: Data) -> Execution:
        execution = self._executions.pop(data.key, None)
        if execution is None:
            execution = Execution(data, f"{self._session_id}-{next(self._numbers)}")
            while len(self._executions) >= MOST_EXECUTIONS:
                self._drop(next(iter(self._executions.values())))
        self._executions[data.key] = execution
        return execution

    def _is_enabled(self, execution: Execution) -> bool:
        folder = self.folder(execution)
        settings = self.session.folder_settings.get(folder) if folder is not None else None
        return (settings or self.session.settings).enabled

    def _is_too_much(self, execution: Execution, size: int) -> bool:
        waiting = sum(one.waiting for one in self._executions.values())
        return execution.waiting + size > MOST_WAITING or waiting + size > MOST_WAITING_IN_ALL

    def _cut(self, execution: Execution, why: str) -> None:
        execution.cut(why)
        log.warning("the rest of what a command prints in a terminal is not looked at: it is too much")
        self.session.log(why)
        self.show(execution)

    def _run(self, execution: Execution) -> None:
        """Look at what is waiting, unless that is being done."""
        if execution.is_running or not execution.has_work:
            return
        if execution.output is None:
            scanner = self.scanner(execution)
            if scanner is None or not self._has_rules(execution):
                return
            execution.output = Output(scanner, execution.columns)
        execution.is_running = True
        self.session.start(self._look(execution))

    def _has_rules(self, execution: Execution) -> bool:
        """Whether the rules of its folder were read, or will hardly be; if not, it is tried again in a moment."""
        folder = self.folder(execution)
        if folder is None or folder in self.session.scanners or execution.patience <= 0:
            return True
        execution.patience -= RETRY_SECONDS
        if self._retry is None:
            self._retry = asyncio.get_running_loop().call_later(RETRY_SECONDS, self._again)
        return False

    def _again(self) -> None:
        self._retry = None
        self.ready()

    async def _look(self, execution: Execution) -> None:
        loop = asyncio.get_running_loop()
        try:
            while execution.has_work and self._executions.get(execution.key) is execution:
                news = await loop.run_in_executor(self._thread, execution.look_at, execution.taken())
                self._take(execution, news)
        finally:
            execution.is_running = False

    def _take(self, execution: Execution, news: News) -> None:
        if self._executions.get(execution.key) is not execution:
            return
        execution.waiting -= news.size
        if news.failure:
            self._cut(execution, news.failure)
        execution.introduce(news)
        for printed, secret in news.found:
            self._remember(printed.fingerprint, secret)
            known = [_without(one, [secret]) for one in execution.printed]
            execution.tell([*known, _without(printed, self._remembered.all())])
        if news.found:
            self.session.start(self._record(execution, [printed for printed, _ in news.found]))
        if news.is_last or news.failure:
            execution.let_go()
        self.show(execution)
        if news.is_last and not execution.printed:
            self._drop(execution)

    async def _record(self, execution: Execution, found: list[Printed]) -> None:
        """Tell the ledger what was printed; that it cannot be told must not disturb anybody."""
        heading = execution.heading

        def record() -> None:
            ledger, command = Ledger(self.session.places.ledger), line_words(heading.command)
            for printed in found:
                record_shown(ledger, printed, heading.folder, command, is_masked=False)

        try:
            await self.session.in_edit_thread(record)
        except CustodyError as error:
            self.session.log(str(error))

    def _remember(self, fingerprint: Fingerprint, secret: Secret) -> None:
        self._remembered.keep(fingerprint, secret)
        if self._timer is None:
            self._drop_values()

    def _drop_values(self) -> None:
        """Drop the values that were kept long enough, and come back for the next."""
        due = self._remembered.drop_old()
        loop = asyncio.get_running_loop()
        self._timer = None if due is None else loop.call_later(due + 0.1, self._drop_values)

    def show(self, page: Page) -> None:
        """Let the client see what is to be told now."""
        if not page.compose():
            return
        transcript = page.transcript
        if transcript is None:
            self.view.transcript_gone(page.uri)
        else:
            self.view.transcript_found(page.uri, Found(None, transcript.findings, page.note))
        if "terminal" in self.session.capabilities.extensions:
            self._notify(METHOD_TRANSCRIPT_CHANGED, {"uri": page.uri})

    def _drop(self, execution: Execution) -> None:
        """Forget an execution."""
        self._executions.pop(execution.key, None)
        execution.tell([])
        self.show(execution)

    def _notify(self, method: str, params: dict[str, str]) -> None:
        self.session.server.protocol.notify(method, params)


def _without(printed: Printed, known: Iterable[Secret]) -> Printed:
    """A token of which no line shows another one that is known by now, though it did not look like one there."""
    excerpt = printed.excerpt
    for secret in known:
        excerpt = excerpt.without(secret)
    return replace(printed, excerpt=excerpt)
