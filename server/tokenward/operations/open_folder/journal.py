"""Records in the ledger which tokens appear in and disappear from open folders, in a thread."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

from tokenward.custody.ledger.ledger import Ledger
from tokenward.errors import StateDamaged
from tokenward.model import Finding, Surface
from tokenward.operations.logs.log_scan import LogFound, LogNews
from tokenward.operations.open_folder.events import FilesFound, FilesGone, FolderEvent, ScanFinished
from tokenward.operations.scan.file_scan import ScannedFile
from tokenward.operations.sightings import BATCH, Sightings, too_many
from tokenward.settings import Settings

SETTLE_SECONDS = 3.0
"""Seconds for which a token must have been in a text, or gone from it, so that typing does not fill the ledger."""
RETRY_SECONDS = 60.0
"""Seconds to wait after the ledger could not be written."""

log = logging.getLogger("tokenward.journal")


class Journal:
    """Accepts findings from any thread without blocking; a separate thread records them.

    Findings that an earlier process recorded are not recorded again while they still apply.
    """

    def __init__(self, ledger: Ledger, named: Callable[[str], str], warn: Callable[[str], None]) -> None:
        """Begin; `named` returns the ledger's name of a path, and `warn` is called in the journal's own thread."""
        self._ledger = ledger
        self._named = named
        self._warn = warn
        self._folders: dict[Path, Sightings] = {}
        self._full: set[Path] = set()
        self._has_failed = False
        self._rests_until = 0.0
        self._tasks: Queue[Callable[[], object] | None] = Queue()
        Thread(target=self._run, name="tokenward-journal", daemon=True).start()

    def record_event(self, folder: Path, event: FolderEvent | LogNews) -> None:
        """Record an event of an open folder's files."""
        if isinstance(event, FilesFound | FilesGone | ScanFinished | LogFound):
            self._tasks.put(partial(self._handle, folder, event))

    def document_found(self, folder: Path, path: Path, findings: Sequence[Finding]) -> None:
        """Record the findings in an open document of a folder."""
        self._tasks.put(partial(self._document, folder, path, findings))

    def document_closed(self, folder: Path, path: Path) -> None:
        """Let the findings in the document's file count again."""
        self._tasks.put(partial(self._document, folder, path, None))

    def folder_closed(self, folder: Path) -> None:
        """Forget a folder; its records stay."""
        self._tasks.put(lambda: self._folders.pop(folder, None))

    def apply_retention(self, settings: Callable[[], Settings]) -> None:
        """Remove the records that the settings say are too old; the settings are read in the journal's thread."""
        self._tasks.put(lambda: self._ledger.remove_older(settings().ledger_retention_days))

    def close(self) -> None:
        """End soon; findings that have not lasted long enough are not recorded."""
        self._tasks.put(None)

    def _run(self) -> None:
        while True:
            task: Callable[[], object] | None
            try:
                task = self._tasks.get(timeout=self._timeout())
            except Empty:
                task = _no_task
            if task is None:
                return
            try:
                task()
                self._record_due()
            except StateDamaged as error:
                self._fail(error)
            except Exception as error:  # noqa: BLE001 - later findings are to be recorded; its text may hold a value
                log.error("unexpected %s in the journal", type(error).__name__)  # noqa: TRY400

    def _timeout(self) -> float | None:
        """Return the seconds until something is to be recorded; None if not before the next task."""
        since = [since for one in self._folders.values() if (since := one.next_change()) is not None]
        if not since:
            return None
        return max(0.0, min(since) + SETTLE_SECONDS - time.monotonic(), self._rests_until - time.monotonic())

    def _sightings(self, folder: Path) -> Sightings:
        """Return the sightings in a folder; all of them count as new if the ledger cannot be read."""
        if folder not in self._folders:
            try:
                self._folders[folder] = Sightings(self._ledger.present_tokens(folder))
            except StateDamaged as error:
                self._fail(error)
                self._folders[folder] = Sightings({})
        return self._folders[folder]

    def _document(self, folder: Path, path: Path, findings: Sequence[Finding] | None) -> None:
        sightings, name, now = self._sightings(folder), self._named(str(path)), time.monotonic()
        if findings is None:
            sightings.close_document(name, now)
        else:
            sightings.set_document(name, findings, now)

    def _handle(self, folder: Path, event: FilesFound | FilesGone | ScanFinished | LogFound) -> None:
        sightings, now = self._sightings(folder), time.monotonic()
        match event:
            case FilesFound(results):
                for result in results:
                    name = self._named(str(result.path))
                    if isinstance(result, ScannedFile):
                        sightings.set_file(name, result.findings, Surface.FILE, now)
                    else:
                        sightings.set_unknown(name)
            case FilesGone(paths):
                for path in paths:
                    sightings.set_file(self._named(str(path)), (), Surface.FILE, now)
            case LogFound(path, findings) if path.is_relative_to(folder):
                sightings.set_file(self._named(str(path)), findings, Surface.LOG, now)
            case ScanFinished() if not event.was_cancelled:
                sightings.finish_scan(now)

    def _record_due(self) -> None:
        now = time.monotonic()
        if now < self._rests_until:
            return
        for folder, sightings in self._folders.items():
            due = sightings.due(now - SETTLE_SECONDS)
            for start in range(0, len(due), BATCH):
                batch = due[start : start + BATCH]
                self._ledger.record_all(batch)
                sightings.mark_recorded(batch)
                self._has_failed = False
            if sightings.is_full and folder not in self._full:
                self._full.add(folder)
                self._warn(too_many(folder))

    def _fail(self, error: StateDamaged) -> None:
        self._rests_until = time.monotonic() + RETRY_SECONDS
        if not self._has_failed:
            self._has_failed = True
            self._warn(f"The ledger does not record the tokens that were found: {error}")


def _no_task() -> None:
    """Do nothing; only time has passed."""
