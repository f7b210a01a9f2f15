"""Telling the ledger where tokens stand in open folders, each when it has come and when it has gone, in a thread."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import TypeAlias

from tokenward.custody.ledger.events import NewRecord
from tokenward.custody.ledger.ledger import Ledger
from tokenward.errors import StateDamaged
from tokenward.model import Finding, Surface
from tokenward.operations.logs.watch import LogFound, LogTrouble
from tokenward.operations.open_folder.events import FilesFound, FilesGone, Looked, News
from tokenward.operations.retention import keep_to_retention
from tokenward.operations.scan.file_scan import ScannedFile
from tokenward.operations.sightings.sightings import BATCH, Standing, too_many
from tokenward.settings import Settings

STANDING_SECONDS = 3.0
"""How long a token must have stood in a text, or been gone from it, so that typing fills no ledger."""
RETRY_SECONDS = 60.0
"""How long nothing is tried after the ledger could not be written."""

log = logging.getLogger("tokenward.journal")

_Message: TypeAlias = Callable[[], object]


class Journal:
    """Takes what is found from any thread, at once; one of its own records it.

    What was recorded by an earlier process and still stands is not recorded anew.
    """

    def __init__(self, ledger: Ledger, named: Callable[[str], str], tell: Callable[[str], None]) -> None:
        """Begin.

        Args:
            ledger: is told.
            named: gives what the ledger calls a path.
            tell: takes a sentence about what is not recorded, from the journal's thread.
        """
        self._ledger = ledger
        self._named = named
        self._tell = tell
        self._folders: dict[Path, Standing] = {}
        self._full: set[Path] = set()
        self._has_failed = False
        self._rests_until = 0.0
        self._messages: Queue[_Message | None] = Queue()
        Thread(target=self._run, name="tokenward-journal", daemon=True).start()

    def hear(self, folder: Path, news: News | LogFound | LogTrouble) -> None:
        """Take what was told of an open folder's files."""
        if isinstance(news, FilesFound | FilesGone | Looked | LogFound):
            self._messages.put(partial(self._take, folder, news))

    def document_found(self, folder: Path, path: Path, findings: Sequence[Finding]) -> None:
        """Take what stands in an open document of a folder."""
        self._messages.put(partial(self._document, folder, path, findings))

    def document_closed(self, folder: Path, path: Path) -> None:
        """Let the document's file say what stands there."""
        self._messages.put(partial(self._document, folder, path, None))

    def folder_closed(self, folder: Path) -> None:
        """Forget what stands in a folder; what is on record stays so."""
        self._messages.put(partial(self._forget, folder))

    def keep_to_retention(self, settings: Callable[[], Settings]) -> None:
        """Let go of what is older than settings want, which are read in the journal's thread."""
        self._messages.put(lambda: keep_to_retention(self._ledger, settings()))

    def close(self) -> None:
        """End soon; what has not stood long enough is not recorded."""
        self._messages.put(None)

    def _run(self) -> None:
        while True:
            try:
                message = self._messages.get(timeout=self._patience())
            except Empty:
                message = _nothing
            if message is None:
                return
            try:
                self._do(message)
            except Exception as error:  # noqa: BLE001 - what comes next is to be recorded; its text may hold a value
                log.error("unexpected %s in the journal", type(error).__name__)  # noqa: TRY400

    def _do(self, message: _Message) -> None:
        try:
            message()
            self._record_due()
        except StateDamaged as error:
            self._fail(error)

    def _patience(self) -> float | None:
        """For how long nothing is to be recorded; None for as long as nothing is heard."""
        waiting = [since for one in self._folders.values() if (since := one.next_change()) is not None]
        if not waiting:
            return None
        return max(
            0.0, min(waiting) + STANDING_SECONDS - time.monotonic(), self._rests_until - time.monotonic()
        )

    def _of(self, folder: Path) -> Standing:
        """What stands in a folder; where the ledger does not say what did, it is taken as new."""
        if folder not in self._folders:
            try:
                self._folders[folder] = Standing(self._ledger.present_tokens(folder))
            except StateDamaged as error:
                self._fail(error)
                self._folders[folder] = Standing({})
        return self._folders[folder]

    def _forget(self, folder: Path) -> None:
        self._folders.pop(folder, None)

    def _document(self, folder: Path, path: Path, findings: Sequence[Finding] | None) -> None:
        standing, name, now = self._of(folder), self._named(str(path)), time.monotonic()
        if findings is None:
            standing.closed(name, now)
        else:
            standing.document(name, findings, now)

    def _take(self, folder: Path, news: FilesFound | FilesGone | Looked | LogFound) -> None:
        standing, now = self._of(folder), time.monotonic()
        match news:
            case FilesFound(results):
                for result in results:
                    name = self._named(str(result.path))
                    if isinstance(result, ScannedFile):
                        standing.file(name, result.findings, Surface.FILE, now)
                    else:
                        standing.unsure(name)
            case FilesGone(paths):
                for path in paths:
                    standing.file(self._named(str(path)), (), Surface.FILE, now)
            case LogFound(path, findings) if path.is_relative_to(folder):
                standing.file(self._named(str(path)), findings, Surface.LOG, now)
            case Looked() if not news.was_cancelled:
                standing.looked(now)

    def _record_due(self) -> None:
        now = time.monotonic()
        if now < self._rests_until:
            return
        for folder, standing in self._folders.items():
            due = standing.due(now - STANDING_SECONDS)
            for start in range(0, len(due), BATCH):
                self._record(standing, due[start : start + BATCH])
            if standing.is_full and folder not in self._full:
                self._full.add(folder)
                self._tell(too_many(folder))

    def _record(self, standing: Standing, happenings: Sequence[NewRecord]) -> None:
        self._ledger.record_all(happenings)
        standing.recorded(happenings)
        self._has_failed = False

    def _fail(self, error: StateDamaged) -> None:
        self._rests_until = time.monotonic() + RETRY_SECONDS
        if not self._has_failed:
            self._has_failed = True
            self._tell(f"The ledger does not tell of the tokens that are found: {error}")


def _nothing() -> None:
    """For when nothing came but the time."""
