"""Scans all files of an open folder, and changed files again, in a separate thread."""

from __future__ import annotations

import logging
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from queue import Queue
from threading import Event, Thread

from tokenward.detection.rules.providers import finding_severity
from tokenward.model import Fingerprint, Severity
from tokenward.operations.open_folder.events import (
    FilesFound,
    FilesGone,
    FilesScanned,
    FolderEvent,
    RulesRead,
    ScanFinished,
    SettingsChanged,
    UserNotice,
)
from tokenward.operations.scan.file_scan import FileScanner, ScannedFile
from tokenward.operations.scan.scan import in_order, walk_choice
from tokenward.places import shown
from tokenward.settings import WORKSPACE_FILE, Settings
from tokenward.sources.candidate import Candidate, Trouble
from tokenward.sources.malloc import release_freed_memory
from tokenward.sources.walk.walk import walk
from tokenward.sources.watch.watcher import Batch, Watcher, drain, merged

THREADS = 2
"""The number of threads. The engine lets the event loop run meanwhile; the rest of the machine is the user's."""
REPORT_SECONDS = 0.1
"""Seconds for which findings are collected before they are reported."""

log = logging.getLogger("tokenward.scan")


class FolderScan:
    """Reports the findings in a folder's files until it is closed."""

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        files: FileScanner,
        report: Callable[[FolderEvent], None],
        *,
        apart: tuple[Path, ...] = (),
        settings_files: Iterable[Path] = (),
        known: AbstractSet[Path] = frozenset(),
    ) -> None:
        """Begin.

        Args:
            folder: the open folder.
            settings: the folder's settings; with `scan_workspace` off, only its rules are read and watched.
            files: scans the folder's files.
            report: called from the folder's own thread; must not raise, and should be quick.
            apart: other open folders, which are scanned separately.
            settings_files: settings files outside the folder whose changes are also reported.
            known: files that an earlier scan reported; those without findings now are reported as gone.
        """
        self._folder = folder
        self._settings = settings
        self._files = files
        self._report = report
        self._choice = replace(walk_choice(settings), apart=apart)
        self._settings_files = frozenset((*settings_files, folder / WORKSPACE_FILE))
        self._rule_files: frozenset[Path] = frozenset()
        self._rules_state: object = None
        self._known = set(known)
        self._batches: Queue[Batch | None] = Queue()
        self._closed, self._cancelled, self._requested = Event(), Event(), Event()
        self._requested.set()
        self._watcher: Watcher | None = None
        Thread(target=self._run, name="tokenward-folder", daemon=True).start()

    def rescan(self, paths: Iterable[Path]) -> None:
        """Scan some paths as if they had changed."""
        if self._watcher is not None:
            self._watcher.report_changes(map(str, paths))

    def rescan_all(self) -> None:
        """Scan everything again, and report progress and the end."""
        self._requested.set()
        self._batches.put(Batch(rescan=True))

    def cancel(self) -> None:
        """End the current scan of the whole folder; changed files are still scanned."""
        self._cancelled.set()

    def close(self) -> None:
        """End soon, and report nothing more."""
        self._closed.set()
        self._cancelled.set()
        self._batches.put(None)

    def _run(self) -> None:
        self._read_rules()
        roots = [self._folder] if self._settings.scan_workspace else []
        if not roots:
            self._drop(set(self._known))
        self._watcher = Watcher(roots, self._choice, self._batches.put, polled=self._configuration_files)
        with closing(self._watcher), ThreadPoolExecutor(THREADS, "tokenward-files") as threads:
            while not self._closed.is_set():
                # One scan of the whole folder serves many changes.
                batches = drain(self._batches)
                changes = [batch for batch in batches if batch is not None]
                if len(changes) < len(batches) or self._closed.is_set():
                    return
                try:
                    self._handle(merged(changes), threads)
                except Exception as error:  # noqa: BLE001 - the next change must be seen; its text may hold a value
                    if self._closed.is_set():
                        return
                    log.error("unexpected %s while scanning a folder", type(error).__name__)  # noqa: TRY400

    @property
    def _configuration_files(self) -> frozenset[Path]:
        """Return the files of rules and settings, some of which lie elsewhere or are ignored by Git."""
        return self._rule_files | self._settings_files

    def _handle(self, batch: Batch, threads: ThreadPoolExecutor) -> None:
        for trouble in batch.troubles:
            self._report(UserNotice(trouble.sentence))
        self._drop({path for path in self._known if batch.is_gone(path)})
        if batch.rescan or not batch.polled.isdisjoint(self._settings_files):
            self._report(SettingsChanged())
        concerns_rules = batch.rescan or not batch.polled.isdisjoint(self._rule_files)
        has_new_rules = concerns_rules and self._read_rules()
        if not self._settings.scan_workspace:
            return
        if batch.rescan or has_new_rules:
            is_requested = self._requested.is_set()
            if is_requested:
                self._requested.clear()
            # A precautionary scan that nobody requested is not worth a message.
            if self._scan_all(threads, is_quiet=not (is_requested or has_new_rules)):
                return
        self._scan(batch.changed, threads)

    def _read_rules(self) -> bool:
        """Apply the current rules; return whether they have changed."""
        self._files.rules.forget()
        rules = self._files.rules.of(str(self._folder))
        self._rule_files = rules.files
        if self._watcher is not None:
            self._watcher.poll_files(self._configuration_files)
        state = (rules.version, rules.problems, rules.fault)
        is_new, self._rules_state = state != self._rules_state, state
        if is_new:
            self._report(RulesRead(rules))
            if rules.fault is not None:
                self._report(UserNotice(rules.fault))
        return is_new

    def _scan(self, candidates: Sequence[Candidate], threads: ThreadPoolExecutor) -> None:
        # The cache has no result of a changed file, and a lookup would load all of it into memory.
        results = _Results(self._known, self._settings.generic_severity)
        scan = replace(self._files, cache=None).scan
        try:
            for result in in_order(threads, scan, candidates, self._closed.is_set):
                results.add(result)
            # A file that is no longer text has no result.
            self._drop({candidate.path for candidate in candidates} & self._known - results.held)
        finally:
            self._report_found(results)
            self._known = (self._known - results.empty) | results.held

    def _scan_all(self, threads: ThreadPoolExecutor, *, is_quiet: bool) -> bool:
        """Scan the whole folder; return False if the scan was ended early."""
        self._cancelled.clear()
        began = time.monotonic()
        results = _Results(self._known, self._settings.generic_severity)
        is_whole = False
        try:
            self._collect(results, threads, is_quiet=is_quiet)
            is_whole = not self._is_stopped()
        except Exception as error:  # noqa: BLE001 - reported findings must be withdrawn one day; its text may hold a value
            name = type(error).__name__
            results.left_out.append(
                f"The scan of {shown(self._folder)} ended early because of an unexpected {name}; scan again, and "
                "please report this."
            )
            log.error("unexpected %s while scanning a folder", name)  # noqa: TRY400
        self._report_found(results)
        if is_whole:
            self._drop(self._known - results.held)
        self._known = (self._known - results.empty) | results.held
        release_freed_memory()
        if not is_quiet:
            self._report(results.finished(time.monotonic() - began, was_cancelled=not is_whole))
        return is_whole

    def _collect(self, results: _Results, threads: ThreadPoolExecutor, *, is_quiet: bool) -> None:
        last_report = time.monotonic()
        if not is_quiet:
            self._report(FilesScanned(0))
        walked, scan = walk([self._folder], self._choice, self._is_stopped), self._files.scan
        for result in in_order(threads, scan, walked, self._is_stopped):
            results.add(result)
            if time.monotonic() > last_report + REPORT_SECONDS:
                last_report = time.monotonic()
                self._report_found(results)
                if not is_quiet:
                    self._report(FilesScanned(results.files))
        if self._files.cache is not None:
            self._files.cache.save()

    def _is_stopped(self) -> bool:
        return self._cancelled.is_set() or self._closed.is_set()

    def _report_found(self, results: _Results) -> None:
        if results.unreported:
            self._report(FilesFound(tuple(results.unreported)))
            results.unreported.clear()

    def _drop(self, paths: set[Path]) -> None:
        if paths:
            self._known -= paths
            self._report(FilesGone(frozenset(paths)))


class _Results:
    """Counts results, and keeps those to report.

    Attributes:
        unreported: the results to report.
        left_out: a sentence for each thing that was not scanned.
        files: the number of scanned files.
        held: files with something to report.
        empty: files with earlier reported results, none of which applies any longer.
    """

    def __init__(self, known: AbstractSet[Path], generic: Severity) -> None:
        self._known = known
        self._generic = generic
        self._warned: list[Fingerprint] = []
        self._ignored: Counter[str] = Counter()
        self.unreported: list[ScannedFile | Trouble] = []
        self.left_out: list[str] = []
        self.files = 0
        self.held: set[Path] = set()
        self.empty: set[Path] = set()

    def add(self, result: ScannedFile | Trouble) -> None:
        """Count a result, and keep it if it says something new."""
        if isinstance(result, Trouble):
            self.left_out.append(result.sentence)
            # Unknown for a path that is too long, or in a folder that may not be entered.
            is_held = os.path.isfile(result.path)  # noqa: PTH113 - pathlib raises there
        else:
            self.files += 1
            now = time.time()
            self._warned += [
                one.fingerprint
                for one in result.findings
                if finding_severity(one.rule, one.claims, now, self._generic) is not Severity.INFORMATION
            ]
            self._ignored.update(one.source for one in result.silenced)
            is_held = bool(result.findings)
        if is_held:
            self.held.add(result.path)
            self.unreported.append(result)
        elif result.path in self._known:
            self.empty.add(result.path)
            self.unreported.append(result)

    def finished(self, seconds: float, *, was_cancelled: bool) -> ScanFinished:
        """Return the figures of the whole scan."""
        return ScanFinished(
            self.files,
            len(set(self._warned)),
            len(self._warned),
            seconds,
            was_cancelled,
            self._ignored,
            tuple(self.left_out),
        )
