"""Session: the state of a client that all parts share; each part has its own state besides."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from lsprotocol import types

from tokenward.custody.ledger.ledger import Ledger
from tokenward.detection.custom.workspace import LocalRules
from tokenward.findings.index import FindingIndex
from tokenward.findings.scan import Scanner
from tokenward.language import said
from tokenward.lsp.client.capabilities import ClientCapabilities
from tokenward.lsp.client.convert import terminal_name, to_path
from tokenward.lsp.client.guard import report
from tokenward.lsp.client.inlay_hint_refresh import HintRefresh
from tokenward.lsp.client.protocol import TokenwardServer
from tokenward.model import Finding, Point, Problem, Surface
from tokenward.operations.excerpts import ledger_name
from tokenward.operations.open_folder.journal import Journal
from tokenward.places import Places, canonical
from tokenward.settings import Settings, load_settings
from tokenward.sources.documents import Document, Documents
from tokenward.sources.source import Origin
from tokenward.text import Encoding

if TYPE_CHECKING:
    from tokenward.operations.move.offer import Offer

log = logging.getLogger("tokenward.lsp")
T = TypeVar("T")


class Session:
    """A client's documents, findings, folders and settings, and the threads that work for it.

    pygls reads stdin in its own pool, so long work has separate threads: a few for scanning, one for the keyring, one
    for edits that need no keyring and must not wait for one, and one for the settings of AI agents.
    """

    def __init__(self, server: TokenwardServer, places: Places) -> None:
        self.server = server
        self.places = places
        self.documents = Documents()
        self.index = FindingIndex()
        self.settings = Settings()
        self.sent_settings: object = None
        """Settings that the editor sends unrequested; its answers to requests take precedence."""
        self.editor_settings: dict[Path | None, object] = {}
        """The editor's settings for each open folder, and under None for documents outside all folders."""
        self.settings_requests = 0
        self.loop: asyncio.AbstractEventLoop | None = None
        """The loop that all handlers run on; None before the first has run."""
        self.shown_problems: tuple[Problem, ...] = ()
        self.capabilities = ClientCapabilities()
        self.client_process = 0
        """The process id that the client announces; 0 if it announces none."""
        self.is_neovim = False
        self.is_lsp_mode = False
        self.folders: list[Path] = []
        self.folder_settings: dict[Path, Settings] = {}
        """The settings of each open folder, as last read."""
        self.scanner: Scanner | None = None
        """The scanner without any workspace's rules; None until the catalog is loaded."""
        self.scanners: dict[Path, Scanner] = {}
        """The scanners with the rules of each open folder, once these are read."""
        self.homes: dict[Path, Path] = {}
        """The workspace whose rules apply to each open folder: the folder itself, or one around it."""
        self.scan_threads = ThreadPoolExecutor(2, "tokenward-scan")
        self.keyring_thread = ThreadPoolExecutor(1, "tokenward-keyring")
        self.edit_thread = ThreadPoolExecutor(1, "tokenward-edit")
        self.agents_thread = ThreadPoolExecutor(1, "tokenward-agents")
        self.journal = Journal(Ledger(places.ledger), self._ledger_name, self.show_message_from_thread)
        self.offers: dict[str, tuple[int, dict[Point, Offer]]] = {}
        """The quick fixes planned for a version of each document, because planning parses it and editors ask often."""
        self.hints = HintRefresh(self._ask_for_hints)
        self.is_closed = False
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def encoding(self) -> Encoding:
        """Return the unit of the client's columns."""
        return self.capabilities.encoding

    @property
    def plain_scanner(self) -> Scanner | None:
        """Return the scanner with the user's settings alone; None until the catalog is loaded."""
        comments, generic = self.settings.allow_repository_ignores, self.settings.looks_for_generic
        local = LocalRules(comments=comments, generic=generic)
        return self.scanner and replace(self.scanner, local=local)

    def scanner_for(self, document: Document) -> Scanner | None:
        """Return the scanner with the rules of a document's folder; None while they are not known."""
        return self.scanners.get(document.folder) if document.folder else self.plain_scanner

    def settings_in(self, folder: Path | None) -> Settings:
        """Return the settings of an open folder, or of documents outside all folders, as last read."""
        return self.settings if folder is None else self.folder_settings.get(folder, self.settings)

    def settings_of(self, folder: Path | None) -> Settings:
        """Read the settings of a workspace again; call this in a thread."""
        # The client may have opened a folder around this one through a link.
        holding = [
            opened
            for opened in self.folders
            if folder is not None
            and (folder.is_relative_to(opened) or _real(folder).is_relative_to(_real(opened)))
        ]
        innermost = max(holding, key=lambda opened: len(_real(opened).parts), default=None)
        editor = self.editor_settings.get(innermost, self.editor_settings.get(None))
        return load_settings(self.places, folder, editor)[0]

    def findings_in(self, document: Document) -> tuple[Finding, ...]:
        """Return the findings in the current version of a document; none until it is scanned."""
        found = self.index.get(document.origin.uri)
        return found.findings if found.version == document.version else ()

    def findings_within(self, document: Document, start: Point, end: Point) -> tuple[Finding, ...]:
        """Return those that touch a range, including its ends."""
        uri = document.origin.uri
        return self.index.within(uri, start, end) if self.index.get(uri).version == document.version else ()

    def show_message(self, message: str) -> None:
        """Warn the user with a sentence."""
        self.server.window_show_message(types.ShowMessageParams(types.MessageType.Warning, message))

    def inform(self, message: str) -> None:
        """Show the user a sentence that is no warning."""
        self.server.window_show_message(types.ShowMessageParams(types.MessageType.Info, message))

    def show_message_from_thread(self, message: str) -> None:
        """Show the user a sentence, from any thread."""
        self.on_loop(partial(self.show_message, message))

    def on_loop(self, work: Callable[[], object]) -> None:
        """Call something on the event loop, from any thread; do nothing once the client has disconnected."""
        if self.loop is not None:
            with contextlib.suppress(RuntimeError):
                self.loop.call_soon_threadsafe(work)

    async def choose(
        self, text: str, titles: Sequence[str], kind: types.MessageType = types.MessageType.Warning
    ) -> str:
        """Ask the user to choose a title; return "" if none was chosen."""
        spoken = {said(title): title for title in titles}
        items = [types.MessageActionItem(title) for title in spoken]
        params = types.ShowMessageRequestParams(kind, text, items)
        answer = await self.server.window_show_message_request_async(params)
        return spoken.get(answer.title, "") if answer is not None else ""

    def log(self, message: str) -> None:
        """Write a sentence to the client's log."""
        self.server.window_log_message(types.LogMessageParams(types.MessageType.Info, message))

    def start_task(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run a coroutine in the background, and report its failure."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            report(error, self.show_message)

    async def in_scan_thread(self, work: Callable[[], T]) -> T:
        """Run work in a thread for scanning."""
        return await asyncio.get_running_loop().run_in_executor(self.scan_threads, work)

    async def in_edit_thread(self, work: Callable[[], T]) -> T:
        """Run work in the thread for edits."""
        return await asyncio.get_running_loop().run_in_executor(self.edit_thread, work)

    async def in_agents_thread(self, work: Callable[[], T]) -> T:
        """Run work in the thread for agents, which starts their programs."""
        return await asyncio.get_running_loop().run_in_executor(self.agents_thread, work)

    async def in_keyring_thread(self, work: Callable[[], T]) -> T:
        """Run work in the thread for the keyring."""
        return await asyncio.get_running_loop().run_in_executor(self.keyring_thread, work)

    def document(self, item: types.TextDocumentItem, surface: Surface) -> Document:
        """Return our own document for one that the client opens."""
        path = to_path(item.uri)
        origin = Origin(item.uri, surface, path, item.language_id)
        name, folder = self.placed(path)
        return Document.opened(origin, item.version, item.text, name=name, folder=folder)

    def place_documents(self) -> None:
        """Update which open folder each document is in."""
        for document in self.documents:
            document.name, document.folder = self.placed(document.origin.path)

    def name_of(self, uri: str) -> str:
        """Return the name of a document or file for the user: its path in its folder, or the name of its terminal."""
        path = to_path(uri)
        return self.placed(path)[0] if path is not None else terminal_name(uri)

    def placed(self, path: Path | None) -> tuple[str, Path | None]:
        """Return a file's name in its open folder, and that folder, or None if it is in none."""
        if path is None:
            return "", None
        folder = self.folder_around(path)
        return path.relative_to(folder or path.parent).as_posix(), folder

    def folder_around(self, path: Path) -> Path | None:
        """Return the innermost open folder that contains a path."""
        holding = [folder for folder in self.folders if path.is_relative_to(folder)]
        return max(holding, key=lambda folder: len(folder.parts), default=None)

    def _ask_for_hints(self) -> None:
        if self.capabilities.refreshes_hints:
            self.server.workspace_inlay_hint_refresh(None)

    def _ledger_name(self, path: str) -> str:
        return canonical(path) if self.scanner is None else ledger_name(self.scanner, path)

    def close(self) -> None:
        """End the threads without waiting for their current work."""
        self.is_closed = True
        self.hints.close()
        self.journal.close()
        for threads in (self.scan_threads, self.keyring_thread, self.edit_thread, self.agents_thread):
            threads.shutdown(wait=False, cancel_futures=True)


def _real(path: Path) -> Path:
    # Unlike `resolve`, it never raises.
    return Path(os.path.realpath(path))
