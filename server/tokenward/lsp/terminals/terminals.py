"""Terminals: scans the output of the client's terminals in a thread, and reports tokens in read-only transcripts.

Only `Execution.scan` runs off the event loop. If an execution prints too much, the rest is not scanned, so that
neither memory nor the queue grows with its output.
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
from tokenward.errors import CustodyError, TokenGone
from tokenward.findings.index import DocumentFindings
from tokenward.findings.scan import Scanner
from tokenward.language import said
from tokenward.lsp.client.convert import canonical
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.workspace_of import with_workspace
from tokenward.lsp.diagnostics.shown_findings import ShownFindings
from tokenward.lsp.terminals.execution import (
    MOST_CHARACTERS,
    Execution,
    ExecutionKey,
    PortionResult,
    TerminalData,
    TranscriptPage,
    exit_code,
)
from tokenward.model import Fingerprint, Secret, Surface
from tokenward.names import METHOD_CLEAR_TERMINAL, METHOD_TRANSCRIPT_CHANGED
from tokenward.operations.command_words import line_words
from tokenward.operations.context import Context
from tokenward.operations.terminal.output import OutputScanner, PrintedToken
from tokenward.operations.terminal.recent_values import RecentValues
from tokenward.operations.terminal.shown_tokens import record_shown
from tokenward.presentation import terminals as words
from tokenward.sources.source import Origin

log = logging.getLogger("tokenward.lsp")

MOST_EXECUTIONS = 64
RETRY_SECONDS = 0.1
MOST_WAITING = 8 * 2**20
"""The most bytes of an execution that may wait to be scanned."""
MOST_WAITING_IN_ALL = 4 * MOST_WAITING


class Terminals:
    """The last executions in a client's terminals."""

    def __init__(self, session: Session, shown: ShownFindings) -> None:
        self.session = session
        self._shown = shown
        self._executions: dict[ExecutionKey, Execution] = {}
        """Ordered by their last output."""
        self.others: dict[str, TranscriptPage] = {}
        """Transcripts of other shells, by uri."""
        self._recent_values = RecentValues()
        self._timer: asyncio.TimerHandle | None = None
        self._retry: asyncio.TimerHandle | None = None
        self._thread = ThreadPoolExecutor(1, "tokenward-terminals")
        # Transcripts of an earlier server, before a restart, must not be mistaken for ours.
        self._session_id = secrets.token_hex(4)
        self._numbers = count(1)

    def data(self, params: Any) -> None:
        """Scan the output of an execution."""
        data = TerminalData.of(params)
        if data is None:
            log.warning("a malformed message about a terminal was ignored")
            return
        execution = self._executions.pop(data.key, None)
        if execution is None:
            execution = Execution(data, f"{self._session_id}-{next(self._numbers)}")
            while len(self._executions) >= MOST_EXECUTIONS:
                self._drop(next(iter(self._executions.values())))
        self._executions[data.key] = execution
        if (
            execution.is_cut
            or execution.has_ended
            or not self.session.settings_in(self.folder(execution)).enabled
        ):
            return
        if data.data is None:
            self._cut(execution, words.too_large(MOST_CHARACTERS))
        elif (
            execution.waiting + len(data.data) > MOST_WAITING
            or sum(one.waiting for one in self._executions.values()) + len(data.data) > MOST_WAITING_IN_ALL
        ):
            self._cut(execution, said(words.TOO_FAST))
        else:
            execution.add(data.data, data.columns)
            self.scan_waiting()

    def end(self, params: Any) -> None:
        """Note that an execution has ended."""
        key = ExecutionKey.of(params)
        execution = self._executions.get(key) if key is not None else None
        if execution is not None:
            execution.end(exit_code(params))
            self.scan_waiting()

    def scan_waiting(self) -> None:
        """Scan waiting output, the oldest execution first."""
        for execution in tuple(self._executions.values()):
            self._run(execution)

    def close(self) -> None:
        """Stop scanning."""
        self._executions.clear()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def get(self, uri: str) -> TranscriptPage | None:
        """Return the transcript with a URI, if there is one."""
        own = canonical(uri)
        pages = (one for one in (*self._executions.values(), *self.others.values()) if one.uri == own)
        return next((page for page in pages if page.transcript is not None), None)

    def printed(self, uri: str, fingerprint: Fingerprint) -> tuple[TranscriptPage, PrintedToken]:
        """Return a token in a transcript, whatever its version, because transcripts are never edited.

        Raises:
            TokenGone: it is no longer reported.
        """
        if page := self.get(uri):
            for printed in page.printed:
                if printed.fingerprint == fingerprint:
                    return page, printed
        raise TokenGone("This output is no longer available; run the command again.")

    def secret(self, fingerprint: Fingerprint) -> Secret:
        """Return the value of a token.

        Raises:
            TokenGone: it is no longer remembered.
        """
        return self._recent_values.get(fingerprint)

    def folder(self, execution: TranscriptPage) -> Path | None:
        """Return the open folder that an execution runs in, or else the first."""
        around = execution.cwd and self.session.folder_around(execution.cwd)
        return around or next(iter(self.session.folders), None)

    def scanner(self, execution: TranscriptPage) -> Scanner | None:
        """Return a scanner with the rules of an execution's folder, once they are read; None until any are loaded."""
        folder = self.folder(execution)
        return (folder and self.session.scanners.get(folder)) or self.session.plain_scanner

    def in_workspace(self, page: TranscriptPage, context: Context) -> tuple[Context, Path | None]:
        """Return a context with the rules and settings of the workspace that a command ran in, and its folder, if any.

        Call this in a thread.
        """
        opened, cwd = self.folder(page), page.cwd
        folder = cwd if opened and cwd and cwd.is_relative_to(opened) else opened
        # A workspace is found by a file, so a file name is made up.
        place = Origin(page.uri, Surface.TERMINAL, folder and folder / "terminal")
        scanner = self.scanner(page) or context.scanner
        return with_workspace(self.session, context.scanning_with(scanner), place)

    def forget(self, page: TranscriptPage, fingerprint: Fingerprint) -> None:
        """Stop reporting a token, and drop its value."""
        self._recent_values.forget(fingerprint)
        page.forget(fingerprint)
        self.show(page)

    def clear(self, page: TranscriptPage) -> None:
        """Ask the client to clear the terminal."""
        if isinstance(page, Execution):
            self._notify(METHOD_CLEAR_TERMINAL, {"terminal": page.key.terminal})

    def _cut(self, execution: Execution, why: str) -> None:
        execution.cut(why)
        log.warning("a command in a terminal prints too much; the rest is not scanned")
        self.session.log(why)
        self.show(execution)

    def _run(self, execution: Execution) -> None:
        """Start to scan waiting output, unless a scan is running."""
        if execution.is_running or not execution.has_work:
            return
        if execution.output is None:
            scanner = self.scanner(execution)
            if scanner is None or not self._has_rules(execution):
                return
            execution.output = OutputScanner(scanner, execution.columns)
        execution.is_running = True
        self.session.start_task(self._scan(execution))

    def _has_rules(self, execution: Execution) -> bool:
        """Return whether the rules of its folder are read or no longer expected; otherwise try again in a moment."""
        folder = self.folder(execution)
        if folder is None or folder in self.session.scanners or execution.patience <= 0:
            return True
        execution.patience -= RETRY_SECONDS
        if self._retry is None:
            self._retry = asyncio.get_running_loop().call_later(RETRY_SECONDS, self._scan_again)
        return False

    def _scan_again(self) -> None:
        self._retry = None
        self.scan_waiting()

    async def _scan(self, execution: Execution) -> None:
        loop = asyncio.get_running_loop()
        try:
            while execution.has_work and self._executions.get(execution.key) is execution:
                portion = execution.take_portion()
                result = await loop.run_in_executor(self._thread, execution.scan, portion)
                self._apply(execution, result)
        finally:
            execution.is_running = False

    def _apply(self, execution: Execution, result: PortionResult) -> None:
        if self._executions.get(execution.key) is not execution:
            return
        execution.waiting -= result.size
        if result.failure:
            self._cut(execution, result.failure)
        execution.introduce(result)
        for printed, secret in result.found:
            self._recent_values.add(printed.fingerprint, secret)
            if self._timer is None:
                self._drop_values()
            known = [_without(one, [secret]) for one in execution.printed]
            execution.set_printed([*known, _without(printed, self._recent_values.all())])
        if result.found:
            self.session.start_task(self._record(execution, [printed for printed, _ in result.found]))
        if result.is_last or result.failure:
            execution.finish()
        self.show(execution)
        if result.is_last and not execution.printed:
            self._drop(execution)

    async def _record(self, execution: Execution, found: list[PrintedToken]) -> None:
        """Record the printed tokens in the ledger; only log a failure."""
        heading = execution.heading

        def record() -> None:
            ledger, command = Ledger(self.session.places.ledger), line_words(heading.command)
            for printed in found:
                record_shown(ledger, printed, heading.folder, command, is_masked=False)

        try:
            await self.session.in_edit_thread(record)
        except CustodyError as error:
            self.session.log(str(error))

    def _drop_values(self) -> None:
        """Drop the values that have been remembered long enough, and schedule the next round."""
        due = self._recent_values.drop_old()
        loop = asyncio.get_running_loop()
        self._timer = None if due is None else loop.call_later(due + 0.1, self._drop_values)

    def show(self, page: TranscriptPage) -> None:
        """Show the client the current state of a transcript."""
        if not page.compose():
            return
        transcript = page.transcript
        if transcript is None:
            self._shown.transcript_gone(page.uri)
        else:
            self._shown.transcript_found(page.uri, DocumentFindings(None, transcript.findings, page.note))
        if "terminal" in self.session.capabilities.extensions:
            self._notify(METHOD_TRANSCRIPT_CHANGED, {"uri": page.uri})

    def _drop(self, execution: Execution) -> None:
        self._executions.pop(execution.key, None)
        execution.set_printed([])
        self.show(execution)

    def _notify(self, method: str, params: dict[str, str]) -> None:
        self.session.server.protocol.notify(method, params)


def _without(printed: PrintedToken, known: Iterable[Secret]) -> PrintedToken:
    """Return a token with every other known token masked in its excerpt."""
    excerpt = printed.excerpt
    for secret in known:
        excerpt = excerpt.without(secret)
    return replace(printed, excerpt=excerpt)
