"""What the client is shown: pushed to it, or kept until it pulls; never both."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from lsprotocol import types

from tokenward.lsp.client.protocol import TokenwardServer

REFRESH_SECONDS = 0.2
"""How long news that the client did not cause is gathered before it is asked to pull again."""
GATHER_SECONDS = 0.2
"""How long a pull of the workspace gathers what else changes."""
PULL_SECONDS = 0.2
"""How long a document waits for its first pull before it is pushed."""
EMPTY = "empty"

WorkspaceItem = types.WorkspaceFullDocumentDiagnosticReport | types.WorkspaceUnchangedDocumentDiagnosticReport


@dataclass(frozen=True, slots=True)
class Shown:
    """The diagnostics of one uri.

    Attributes:
        version: of the open document that they are for; None for a file that is not open.
        items: maybe none.
        result_id: another one for other items.
    """

    version: int | None
    items: list[types.Diagnostic]
    result_id: str


class Display:
    """The diagnostics of every uri, and how they get to the client.

    A client that pulls is pushed what it has not asked for yet: a document until that was pulled once, since Neovim
    pulls only what a window shows, and everything until it has pulled the workspace, since many pull documents alone.
    """

    def __init__(self, server: TokenwardServer) -> None:
        self._server = server
        self._shown: dict[str, Shown] = {}
        self._pushed: set[str] = set()
        self._pulled: set[str] = set()
        """Open documents that the client has asked for."""
        self._awaited: set[str] = set()
        """Documents that are pushed soon if they are not pulled."""
        self._news = asyncio.Event()
        self._refresh: asyncio.TimerHandle | None = None
        # Another server's ids, of before a restart, must not be taken for ours.
        self._session = secrets.token_hex(4)
        self._count = 0
        self.pulls_documents = False
        self._pulls_workspace = False
        self._has_given_up = False
        self._until_known: list[Callable[[], None]] = []
        self._opened_texts: set[str] = set()
        """Texts of ours that the client has open, whose documents nobody scans."""

    def show_document(self, uri: str, version: int, items: list[types.Diagnostic]) -> None:
        """Show what stands in an open document at a version."""
        if not self.pulls_documents:
            self._push(uri, version, items)
            return
        before = self._shown.get(uri)
        changed = self._keep(uri, version, items)
        if not self._is_pulled(uri):
            self._push_soon(uri)
        elif changed and before is not None and before.version == version:
            self._ask_to_pull_again()

    def show_file(self, uri: str, items: list[types.Diagnostic]) -> None:
        """Show what stands in a file that is not open."""
        if not items:
            self.withdraw(uri)
        elif self._keep(uri, None, items):
            if self.pulls_documents and uri in self._opened_texts:
                self._ask_to_pull_again()
            elif not self._pulls_workspace:
                self._push(uri, None, items)

    def text_opened(self, uri: str) -> None:
        """Let the client pull a text of ours that it has opened."""
        self._opened_texts.add(uri)
        if self.pulls_documents:
            self._withdraw_pushed(uri)

    def text_closed(self, uri: str) -> None:
        """Show a text of ours as a file that is not open again."""
        self._opened_texts.discard(uri)
        shown = self._shown.pop(uri, None) if self.pulls_documents else None
        if shown is not None:
            self.show_file(uri, shown.items)

    def withdraw(self, uri: str) -> None:
        """Show nothing more of a uri."""
        self._pulled.discard(uri)
        if self._shown.pop(uri, None) is not None:
            self._wake()
        if uri in self._pushed:
            self._push(uri, None, [])

    def document_pulled(self, uri: str) -> None:
        """Push an open document no longer: the client asks for it."""
        self._pulled.add(uri)

    def when_known(self, tell: Callable[[], None]) -> None:
        """Call as soon as the client knows all that is shown; what it knows of the workspace it says when it pulls."""
        if not self._pulls_workspace:
            tell()
        elif tell not in self._until_known:
            self._until_known.append(tell)
            self._wake()

    def give_up(self) -> None:
        """Let no pull wait for what will never be known."""
        self._has_given_up = True
        self._wake()

    async def document_report(
        self, uri: str, previous: str | None, is_current: Callable[[Shown | None], bool]
    ) -> types.DocumentDiagnosticReport:
        """What is shown of a uri, as soon as that is current."""
        while not (is_current(self._shown.get(uri)) or self._has_given_up):
            await self._news.wait()
        if uri in self._pulled:
            self._withdraw_pushed(uri)
        shown = self._shown.get(uri)
        if shown is None:
            return types.RelatedFullDocumentDiagnosticReport(items=[])
        if shown.result_id == previous:
            return types.RelatedUnchangedDocumentDiagnosticReport(result_id=previous)
        return types.RelatedFullDocumentDiagnosticReport(items=shown.items, result_id=shown.result_id)

    async def workspace_report(self, previous: Mapping[str, str]) -> types.WorkspaceDiagnosticReport:
        """What is shown otherwise than before; waits until there is something."""
        if not self._pulls_workspace:
            self._pulls_workspace = True
            for uri in tuple(self._pushed):
                self._push(uri, None, [])
        while not (items := list(self._differences(previous))):
            self._tell_known()
            await self._news.wait()
            await asyncio.sleep(GATHER_SECONDS)
        return types.WorkspaceDiagnosticReport(items)

    def _tell_known(self) -> None:
        told, self._until_known = self._until_known, []
        for tell in told:
            tell()

    def _differences(self, previous: Mapping[str, str]) -> Iterator[WorkspaceItem]:
        for uri, shown in self._shown.items():
            if previous.get(uri) != shown.result_id:
                yield types.WorkspaceFullDocumentDiagnosticReport(
                    uri=uri, items=shown.items, version=shown.version, result_id=shown.result_id
                )
        for uri, result_id in previous.items():
            if uri not in self._shown and result_id != EMPTY:
                yield types.WorkspaceFullDocumentDiagnosticReport(uri=uri, items=[], result_id=EMPTY)

    def _keep(self, uri: str, version: int | None, items: list[types.Diagnostic]) -> bool:
        """Keep what is shown; whether that is other than before."""
        before = self._shown.get(uri)
        changed = before is None or before.items != items
        if before is not None and not changed:
            result_id = before.result_id
        else:
            self._count += 1
            result_id = f"{self._session}.{self._count}"
        self._shown[uri] = Shown(version, items, result_id)
        self._wake()
        return changed

    def _is_pulled(self, uri: str) -> bool:
        return uri in self._pulled or self._pulls_workspace

    def _push_soon(self, uri: str) -> None:
        if uri not in self._awaited:
            self._awaited.add(uri)
            asyncio.get_running_loop().call_later(PULL_SECONDS, self._push_unpulled, uri)

    def _push_unpulled(self, uri: str) -> None:
        self._awaited.discard(uri)
        shown = self._shown.get(uri)
        if shown is not None and not self._is_pulled(uri) and (shown.items or uri in self._pushed):
            self._push(uri, shown.version, shown.items)

    def _withdraw_pushed(self, uri: str) -> None:
        """Let what is shown by other ways be shown no second time."""
        if uri in self._pushed:
            self._push(uri, None, [])

    def _push(self, uri: str, version: int | None, items: list[types.Diagnostic]) -> None:
        if items:
            self._pushed.add(uri)
        else:
            self._pushed.discard(uri)
        self._server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, items, version))

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    def _ask_to_pull_again(self) -> None:
        if self._refresh is None:
            self._refresh = asyncio.get_running_loop().call_later(REFRESH_SECONDS, self._send_refresh)

    def _send_refresh(self) -> None:
        self._refresh = None
        self._server.workspace_diagnostic_refresh(None)
