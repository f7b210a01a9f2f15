"""Delivery: sends diagnostics to the client, pushed or pulled but never both."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterator, Mapping

from lsprotocol import types

from tokenward.fast_dataclasses import dataclass
from tokenward.lsp.client.protocol import TokenwardServer

REFRESH_SECONDS = 0.2
"""Seconds for which changes that the client did not cause are collected before it is asked to pull again."""
GATHER_SECONDS = 0.2
"""Seconds for which a pull of the workspace collects further changes."""
PULL_SECONDS = 0.2
"""Seconds for which a document waits for its first pull before it is pushed."""
EMPTY = "empty"

WorkspaceItem = types.WorkspaceFullDocumentDiagnosticReport | types.WorkspaceUnchangedDocumentDiagnosticReport


@dataclass(frozen=True, slots=True)
class ShownDiagnostics:
    """The diagnostics of a URI.

    Attributes:
        version: of the open document; None for a file that is not open.
        items: may be empty.
        result_id: changes with the items.
    """

    version: int | None
    items: list[types.Diagnostic]
    result_id: str


class Delivery:
    """Keeps the diagnostics of every URI and sends them to the client.

    A client that pulls is still pushed what it has not pulled yet: a document until its first pull, because Neovim
    pulls only what a window shows, and everything until the first pull of the workspace, because many clients pull
    only documents.
    """

    def __init__(self, server: TokenwardServer) -> None:
        self._server = server
        self._shown: dict[str, ShownDiagnostics] = {}
        self._pushed: set[str] = set()
        self._pulled: set[str] = set()
        """Open documents that the client has pulled."""
        self._awaited: set[str] = set()
        """Documents that are pushed soon unless they are pulled."""
        self._changed = asyncio.Event()
        self._refresh: asyncio.TimerHandle | None = None
        # Ids of an earlier server, before a restart, must not be mistaken for ours.
        self._session = secrets.token_hex(4)
        self._count = 0
        self.pulls_documents = False
        self._pulls_workspace = False
        self._has_given_up = False
        self._until_known: list[Callable[[], None]] = []
        self._opened_texts: set[str] = set()
        """Transcripts that the client has open, which are not scanned as documents."""

    def show_document(self, uri: str, version: int, items: list[types.Diagnostic]) -> None:
        """Show the diagnostics of a version of an open document."""
        if not self.pulls_documents:
            self._push(uri, version, items)
            return
        before = self._shown.get(uri)
        changed = self._store(uri, version, items)
        if not self._is_pulled(uri):
            if uri not in self._awaited:
                self._awaited.add(uri)
                asyncio.get_running_loop().call_later(PULL_SECONDS, self._push_unpulled, uri)
        elif changed and before is not None and before.version == version:
            self._ask_to_pull_again()

    def show_file(self, uri: str, items: list[types.Diagnostic]) -> None:
        """Show the diagnostics of a file that is not open."""
        if not items:
            self.withdraw(uri)
        elif self._store(uri, None, items):
            if self.pulls_documents and uri in self._opened_texts:
                self._ask_to_pull_again()
            elif not self._pulls_workspace:
                self._push(uri, None, items)

    def text_opened(self, uri: str) -> None:
        """Let the client pull a transcript that it has opened."""
        self._opened_texts.add(uri)
        if self.pulls_documents:
            self._withdraw_pushed(uri)

    def text_closed(self, uri: str) -> None:
        """Show a closed transcript like a file that is not open."""
        self._opened_texts.discard(uri)
        shown = self._shown.pop(uri, None) if self.pulls_documents else None
        if shown is not None:
            self.show_file(uri, shown.items)

    def withdraw(self, uri: str) -> None:
        """Remove the diagnostics of a URI."""
        self._pulled.discard(uri)
        if self._shown.pop(uri, None) is not None:
            self._wake()
        self._withdraw_pushed(uri)

    def document_pulled(self, uri: str) -> None:
        """Stop pushing an open document, because the client pulls it."""
        self._pulled.add(uri)

    def when_known(self, notify: Callable[[], None]) -> None:
        """Call `notify` once the client has everything that is shown; a pull of the workspace says what it has."""
        if not self._pulls_workspace:
            notify()
        elif notify not in self._until_known:
            self._until_known.append(notify)
            self._wake()

    def give_up(self) -> None:
        """Answer pulls with what there is, because no rules will be loaded."""
        self._has_given_up = True
        self._wake()

    async def document_report(
        self, uri: str, previous: str | None, is_current: Callable[[ShownDiagnostics | None], bool]
    ) -> types.DocumentDiagnosticReport:
        """Return the diagnostics of a URI once they are current."""
        while not (is_current(self._shown.get(uri)) or self._has_given_up):
            await self._changed.wait()
        if uri in self._pulled:
            self._withdraw_pushed(uri)
        shown = self._shown.get(uri)
        if shown is None:
            return types.RelatedFullDocumentDiagnosticReport(items=[])
        if shown.result_id == previous:
            return types.RelatedUnchangedDocumentDiagnosticReport(result_id=previous)
        return types.RelatedFullDocumentDiagnosticReport(items=shown.items, result_id=shown.result_id)

    async def workspace_report(self, previous: Mapping[str, str]) -> types.WorkspaceDiagnosticReport:
        """Return the differences from `previous`; wait until there are any."""
        if not self._pulls_workspace:
            self._pulls_workspace = True
            for uri in tuple(self._pushed):
                self._push(uri, None, [])
        while not (items := list(self._differences(previous))):
            waiting, self._until_known = self._until_known, []
            for notify in waiting:
                notify()
            await self._changed.wait()
            await asyncio.sleep(GATHER_SECONDS)
        return types.WorkspaceDiagnosticReport(items)

    def _differences(self, previous: Mapping[str, str]) -> Iterator[WorkspaceItem]:
        for uri, shown in self._shown.items():
            if previous.get(uri) != shown.result_id:
                yield types.WorkspaceFullDocumentDiagnosticReport(
                    uri=uri, items=shown.items, version=shown.version, result_id=shown.result_id
                )
        for uri, result_id in previous.items():
            if uri not in self._shown and result_id != EMPTY:
                yield types.WorkspaceFullDocumentDiagnosticReport(uri=uri, items=[], result_id=EMPTY)

    def _store(self, uri: str, version: int | None, items: list[types.Diagnostic]) -> bool:
        """Store what is shown, and return whether it has changed."""
        before = self._shown.get(uri)
        changed = before is None or before.items != items
        if before is not None and not changed:
            result_id = before.result_id
        else:
            self._count += 1
            result_id = f"{self._session}.{self._count}"
        self._shown[uri] = ShownDiagnostics(version, items, result_id)
        self._wake()
        return changed

    def _is_pulled(self, uri: str) -> bool:
        return uri in self._pulled or self._pulls_workspace

    def _push_unpulled(self, uri: str) -> None:
        self._awaited.discard(uri)
        shown = self._shown.get(uri)
        if shown is not None and not self._is_pulled(uri) and (shown.items or uri in self._pushed):
            self._push(uri, shown.version, shown.items)

    def _withdraw_pushed(self, uri: str) -> None:
        """Remove what was pushed."""
        if uri in self._pushed:
            self._push(uri, None, [])

    def _push(self, uri: str, version: int | None, items: list[types.Diagnostic]) -> None:
        if items:
            self._pushed.add(uri)
        else:
            self._pushed.discard(uri)
        self._server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, items, version))

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def _ask_to_pull_again(self) -> None:
        if self._refresh is None:
            self._refresh = asyncio.get_running_loop().call_later(REFRESH_SECONDS, self._send_refresh)

    def _send_refresh(self) -> None:
        self._refresh = None
        self._server.workspace_diagnostic_refresh(None)
