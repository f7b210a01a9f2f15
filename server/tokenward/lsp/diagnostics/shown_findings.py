"""ShownFindings: the findings in every document and file, and which of them the client shows.

The buffer of an open document takes precedence over its file, whose findings are shown only once the document
is closed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

from lsprotocol import types

from tokenward.findings.index import NO_FINDINGS, DocumentFindings
from tokenward.lsp.client.convert import is_transcript, to_file_range, to_path, to_range, to_uri
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.vault_access import VaultAccess
from tokenward.lsp.diagnostics.delivery import Delivery
from tokenward.lsp.diagnostics.lease_notes import LeaseNotes
from tokenward.lsp.diagnostics.notebook_outputs import NotebookOutputs
from tokenward.model import Finding, Problem
from tokenward.presentation import wording
from tokenward.presentation.diagnostics import (
    MOST_IN_A_FILE,
    DiagnosticOptions,
    LatestDiagnostics,
    diagnostics,
    of_problems,
)
from tokenward.presentation.terminals import terminal_diagnostics
from tokenward.sources.documents import Document

LONGEST_WAIT = 3_600.0
"""Seconds by which the timer may be late after the machine has slept."""
MOST_FILES = 1_000
"""The most closed files whose findings are shown; more would hide the ones that matter."""
MOST_RELATED = 10
MOST_HOLDERS = 20
"""A token in more documents and files than this is updated in each only when its position there changes."""
RELATED_SECONDS = 0.5
"""Seconds for which changes are collected before the other places of a token are updated."""


class ExpiryTimer:
    """Has each URI shown again once a token in it has expired; for the event loop only."""

    def __init__(self, show: Callable[[set[str]], None]) -> None:
        self._show = show
        self._due: dict[str, int] = {}
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, uri: str, findings: Iterable[Finding]) -> None:
        """Set the next expiry of a URI from its current findings."""
        now = time.time()
        ends = (finding.claims.expires for finding in findings)
        due = min((end for end in ends if end is not None and end > now), default=None)
        if due is None:
            self._due.pop(uri, None)
            return
        self._due[uri] = due
        if self._timer is None or due - now < self._timer.when() - asyncio.get_running_loop().time():
            self._wait(due - now)

    def _wait(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        wait = max(0.0, min(seconds, LONGEST_WAIT))
        self._timer = asyncio.get_running_loop().call_later(wait, self._show_due)

    def _show_due(self) -> None:
        self._timer = None
        now = time.time()
        due = {uri for uri, end in self._due.items() if end <= now}
        for uri in due:
            del self._due[uri]
        if self._due:
            self._wait(min(self._due.values()) - now)
        self._show(due)


class ShownFindings:
    """Combines the findings in open documents and in files on disk, and passes those to show to the Delivery."""

    def __init__(self, session: Session, delivery: Delivery, vault: VaultAccess) -> None:
        self._session = session
        self._index = session.index
        self._delivery = delivery
        self.lease_notes = LeaseNotes(session, vault, self.notes_found)
        self._files: dict[Path, DocumentFindings] = {}
        self._outputs = NotebookOutputs(session, self._show_file)
        self._shown_files: set[Path] = set()
        self._problems: dict[Path, dict[Path, tuple[Problem, ...]]] = {}
        self._outdated: set[str] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._has_shown_limit = False
        self._expiries = ExpiryTimer(self._show_again)
        self._notes: dict[str, tuple[int, list[types.Diagnostic]]] = {}
        self._latest: dict[str, LatestDiagnostics] = {}

    def document_found(self, document: Document, found: DocumentFindings) -> None:
        """Show the findings in the current version of an open document."""
        uri = document.origin.uri
        self._put(uri, found)
        self._session.hints.findings_changed(uri, found.findings)
        folder, path = document.folder, document.origin.path
        is_whole = found.note is None and self._session.settings_in(document.folder).enabled
        if is_whole and folder is not None and path is not None:
            self._session.journal.document_found(folder, path, found.findings)
        self._show(uri)
        self.lease_notes.schedule(document)

    def notes_found(self, uri: str, version: int, notes: list[types.Diagnostic]) -> None:
        """Show the notes on the references in a version of an open document."""
        before = self._notes.get(uri, (0, []))
        self._notes[uri] = version, notes
        if (notes or before[1]) and before != (version, notes):
            self._show_again([uri])

    def opened(self, document: Document) -> None:
        """Let a document replace its file."""
        path = document.origin.path
        if path is not None and self._outputs.is_open(path):
            self._show_file(path)
        elif path is not None and path in self._shown_files:
            self._hide(path, replaced_by=document.origin.uri)

    def closed(self, document: Document) -> None:
        """Show the file of a closed document again, as far as it is known."""
        uri, path = document.origin.uri, document.origin.path
        self._drop(uri)
        self._session.hints.forget(uri)
        self._notes.pop(uri, None)
        self._latest.pop(uri, None)
        self._delivery.withdraw(uri)
        if path is not None:
            if document.folder is not None:
                self._session.journal.document_closed(document.folder, path)
            self._show_file(path)

    def files_found(self, found: Mapping[Path, DocumentFindings]) -> None:
        """Show the findings in files on disk."""
        for path, one in found.items():
            if one == NO_FINDINGS:
                self._files.pop(path, None)
            else:
                self._files[path] = one
            self._show_file(path)

    def files_gone(self, paths: Iterable[Path]) -> None:
        """Withdraw files, and show in their stead others that were over the limit."""
        self.files_found(dict.fromkeys(paths, NO_FINDINGS))
        if self._has_shown_limit and len(self._shown_files) < MOST_FILES:
            for path in self._files.keys() - self._shown_files:
                self._show_file(path)

    def when_known(self, notify: Callable[[], None]) -> None:
        """Call `notify` once the client has everything that is shown now."""
        self._delivery.when_known(notify)

    def files_in(self, folder: Path) -> set[Path]:
        """Return the files of a folder with known findings."""
        return {path for path in self._files if path.is_relative_to(folder)}

    def transcript_found(self, uri: str, found: DocumentFindings) -> None:
        """Show the tokens in the output of a terminal."""
        self._put(uri, found)
        self._show(uri)

    def transcript_gone(self, uri: str) -> None:
        """Withdraw the diagnostics of a transcript."""
        self._drop(uri)
        self._delivery.withdraw(uri)

    def folder_closed(self, folder: Path) -> None:
        """Forget the files of a folder and the problems in its configuration."""
        self.problems_found(folder, {})
        self.files_gone(self.files_in(folder))

    def problems_found(self, folder: Path, problems: Mapping[Path, tuple[Problem, ...]]) -> None:
        """Show the problems in the configuration files of a folder."""
        before = self._problems.get(folder, {})
        self._problems[folder] = dict(problems)
        for path in {*before, *problems}:
            documents = self._session.documents.of_path(path)
            for document in documents:
                if self._index.get(document.origin.uri) != NO_FINDINGS:
                    self._show(document.origin.uri)
            if not documents:
                self._show_file(path)

    def _show_file(self, path: Path) -> None:
        found = self._files.get(path, NO_FINDINGS)
        if self._outputs.is_open(path):
            found = self._outputs.of(path, found)
        elif self._session.documents.of_path(path):
            return
        else:
            self._outputs.forget(path)
        problems = self._problems_of(path)
        if found == NO_FINDINGS and not problems:
            self._hide(path)
            return
        if path not in self._shown_files and len(self._shown_files) >= MOST_FILES:
            if not self._has_shown_limit:
                self._has_shown_limit = True
                self._session.show_message(wording.too_many_files(MOST_FILES))
            return
        self._shown_files.add(path)
        uri = to_uri(path)
        self._put(uri, found)
        self._show(uri)

    def _hide(self, path: Path, replaced_by: str = "") -> None:
        """Withdraw a file, unless a document with the same URI replaces it."""
        self._shown_files.discard(path)
        uri = to_uri(path)
        self._drop(uri)
        if uri != replaced_by:
            self._delivery.withdraw(uri)

    def _show(self, uri: str) -> None:
        """Pass on the diagnostics of an open document, a file or a transcript."""
        found, document = self._index.get(uri), self._session.documents.get(uri)
        self._expiries.watch(uri, found.findings)
        options = DiagnosticOptions(
            now=time.time(),
            generic=self._session.settings.generic_severity,
            opens_pages=self._session.capabilities.links_rules,
            strikes_through=self._session.capabilities.strikes_through,
        )
        make = partial(diagnostics, found, options, self._ranges(uri), partial(self._related, uri))
        if document is not None:
            latest = self._latest.setdefault(uri, LatestDiagnostics())
            version, notes = self._notes.get(uri, (0, []))
            own = notes if version == document.version else []
            problems = of_problems(self._problems_of(document.origin.path))
            self._delivery.show_document(uri, document.version, make(latest=latest) + problems + own)
        elif is_transcript(uri):
            shown = terminal_diagnostics(found, options, self._ranges(uri), partial(self._related, uri))
            self._delivery.show_file(uri, shown)
        else:
            path, shown = to_path(uri), make(most=MOST_IN_A_FILE)
            if path is not None and self._outputs.is_open(path):
                self._outputs.advise(shown)
            self._delivery.show_file(uri, shown + of_problems(self._problems_of(path)))

    def _problems_of(self, path: Path | None) -> list[Problem]:
        return (
            [] if path is None else [one for known in self._problems.values() for one in known.get(path, ())]
        )

    def _related(self, uri: str, finding: Finding) -> list[types.Location]:
        if not self._session.capabilities.shows_related:
            return []
        places = self._index.elsewhere(uri, finding, MOST_RELATED)
        return [types.Location(other, self.range_of(other, place)) for other, place in places]

    def range_of(self, uri: str, finding: Finding) -> types.Range:
        """Return the location of a finding, in the client's positions."""
        return self._ranges(uri)(finding)

    def _ranges(self, uri: str) -> Callable[[Finding], types.Range]:
        document, encoding = self._session.documents.get(uri), self._session.encoding
        if document is None:
            return partial(to_file_range, encoding=encoding)
        return partial(to_range, document.lines, encoding=encoding)

    def _put(self, uri: str, found: DocumentFindings) -> None:
        before = self._index.get(uri)
        self._index.put(uri, found)
        if before.findings != found.findings:
            kept = {id(one) for one in before.findings} & {id(one) for one in found.findings}
            changed = (one for one in (*before.findings, *found.findings) if id(one) not in kept)
            self._outdate(uri, changed)

    def _drop(self, uri: str) -> None:
        before = self._index.get(uri)
        self._expiries.watch(uri, ())
        self._index.drop(uri)
        self._outdate(uri, before.findings)

    def _outdate(self, uri: str, findings: Iterable[Finding]) -> None:
        """Mark as out of date the URIs whose diagnostics refer to these findings."""
        if not self._session.capabilities.shows_related:
            return
        for fingerprint in {finding.fingerprint for finding in findings}:
            holders = self._index.holders(fingerprint)
            if len(holders) <= MOST_HOLDERS:
                self._outdated |= holders - {uri}
        if self._outdated and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(RELATED_SECONDS, self._show_outdated)

    def _show_outdated(self) -> None:
        outdated, self._outdated, self._timer = self._outdated, set(), None
        self._show_again(outdated)

    def _show_again(self, uris: Iterable[str]) -> None:
        """Rebuild the diagnostics of some URIs, unless they are known of another version."""
        for uri in uris:
            document, found = self._session.documents.get(uri), self._index.get(uri)
            if found != NO_FINDINGS if document is None else found.version == document.version:
                self._show(uri)
