"""Looking at all files of an open folder, and again at what changes, in a thread of its own."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from queue import Queue
from threading import Event, Thread

from tokenward.operations.open_folder.events import (
    FilesFound,
    FilesGone,
    Looking,
    News,
    RulesRead,
    SettingsChanged,
    Told,
)
from tokenward.operations.open_folder.results import FolderResults
from tokenward.operations.scan.batch import scan_each
from tokenward.operations.scan.file_scan import FileScanner
from tokenward.operations.scan.scan import in_order, walk_choice
from tokenward.places import shown
from tokenward.settings import WORKSPACE_FILE, Settings
from tokenward.sources.candidate import Candidate
from tokenward.sources.malloc import release_freed_memory
from tokenward.sources.walk.walk import walk
from tokenward.sources.watch.batches import drain, merged
from tokenward.sources.watch.watcher import Batch, Watcher

THREADS = 2
"""The engine lets the event loop run while it scans; the rest of the machine is the user's."""
NEWS_SECONDS = 0.1
"""How long findings are gathered before they are told."""

log = logging.getLogger("tokenward.scan")


class FolderScan:
    """Tells what stands in a folder's files until it is closed."""

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        files: FileScanner,
        tell: Callable[[News], None],
        *,
        apart: tuple[Path, ...] = (),
        settings_files: Iterable[Path] = (),
        known: AbstractSet[Path] = frozenset(),
    ) -> None:
        """Begin.

        Args:
            folder: the open folder.
            settings: what holds for it; with `scan_workspace` off only its rules are read and watched.
            files: scans the folder's files.
            tell: is called from the folder's own thread, must not raise, and should be quick.
            apart: other open folders, which are looked at on their own.
            settings_files: those outside the folder, whose change is told too.
            known: files of which an earlier scan told something; what no longer holds is told as gone.
        """
        self._folder = folder
        self._settings = settings
        self._files = files
        self._tell = tell
        self._choice = replace(walk_choice(settings), apart=apart)
        self._settings_files = frozenset((*settings_files, folder / WORKSPACE_FILE))
        self._rule_files: frozenset[Path] = frozenset()
        self._rules_state: object = None
        self._known = set(known)
        self._batches: Queue[Batch | None] = Queue()
        self._closed, self._cancelled, self._wished = Event(), Event(), Event()
        self._wished.set()
        self._watcher: Watcher | None = None
        Thread(target=self._run, name="tokenward-folder", daemon=True).start()

    def look(self, paths: Iterable[Path]) -> None:
        """Look at some paths, as if a change of them had been heard."""
        if self._watcher is not None:
            self._watcher.report_changes(map(str, paths))

    def look_again(self) -> None:
        """Look at everything again, and tell how far that is and what it came to."""
        self._wished.set()
        self._batches.put(Batch(rescan=True))

    def cancel(self) -> None:
        """End the look at the whole folder that is under way; changes are still looked at."""
        self._cancelled.set()

    def close(self) -> None:
        """End soon; what is still told is of no interest."""
        self._closed.set()
        self._cancelled.set()
        self._batches.put(None)

    def _run(self) -> None:
        self._read_rules()
        roots = [self._folder] if self._settings.scan_workspace else []
        if not roots:
            self._drop(set(self._known))
        self._watcher = Watcher(roots, self._choice, self._batches.put, polled=self._noticed)
        with closing(self._watcher), ThreadPoolExecutor(THREADS, "tokenward-files") as threads:
            while (batch := self._next_batch()) is not None and not self._closed.is_set():
                try:
                    self._handle(batch, threads)
                except Exception as error:  # noqa: BLE001 - the next change must be heard; its text may hold a value
                    if self._closed.is_set():
                        return
                    log.error("unexpected %s while looking at a folder", type(error).__name__)  # noqa: TRY400

    @property
    def _noticed(self) -> frozenset[Path]:
        """The files that say what is looked for, of which some lie elsewhere, and Git may ignore others."""
        return self._rule_files | self._settings_files

    def _next_batch(self) -> Batch | None:
        """All that was told since the last one, since one look at the whole folder does for many."""
        batches = drain(self._batches)
        told = [batch for batch in batches if batch is not None]
        return merged(told) if len(told) == len(batches) else None

    def _handle(self, batch: Batch, threads: ThreadPoolExecutor) -> None:
        for trouble in batch.troubles:
            self._tell(Told(trouble.sentence))
        self._drop({path for path in self._known if batch.is_gone(path)})
        if batch.rescan or not batch.polled.isdisjoint(self._settings_files):
            self._tell(SettingsChanged())
        concerns_rules = batch.rescan or not batch.polled.isdisjoint(self._rule_files)
        has_new_rules = concerns_rules and self._read_rules()
        if self._settings.scan_workspace:
            if batch.rescan or has_new_rules:
                # A look that nobody asked for, just to be sure, is not worth a word.
                is_quiet = not (self._takes_wish() or has_new_rules)
                if self._look_at_all(threads, is_quiet=is_quiet):
                    return
            self._look_at(batch.changed, threads)

    def _takes_wish(self) -> bool:
        """Whether somebody has asked for a look that has not begun since."""
        is_wished = self._wished.is_set()
        if is_wished:
            self._wished.clear()
        return is_wished

    def _read_rules(self) -> bool:
        """Let the rules hold as they stand in their files now; whether they are new."""
        self._files.rules.forget()
        rules = self._files.rules.of(str(self._folder))
        self._rule_files = rules.files
        if self._watcher is not None:
            self._watcher.poll_files(self._noticed)
        state = (rules.version, rules.problems, rules.fault)
        is_new, self._rules_state = state != self._rules_state, state
        if is_new:
            self._tell(RulesRead(rules))
            if rules.fault is not None:
                self._tell(Told(rules.fault))
        return is_new

    def _look_at(self, candidates: Sequence[Candidate], threads: ThreadPoolExecutor) -> None:
        # Of what has changed the cache knows nothing, and to ask it would bring all that it holds into memory.
        results, scan = FolderResults(self._known), partial(scan_each, replace(self._files, cache=None))
        try:
            for result in in_order(threads, scan, candidates, self._closed.is_set):
                results.take(result)
            # Of what is no text any longer nothing comes.
            self._drop({candidate.path for candidate in candidates} & self._known - results.held)
        finally:
            self._tell_found(results)
            self._known = (self._known - results.empty) | results.held

    def _look_at_all(self, threads: ThreadPoolExecutor, *, is_quiet: bool) -> bool:
        """Look at the whole folder; whether that was not ended early."""
        self._cancelled.clear()
        began = time.monotonic()
        results = FolderResults(self._known)
        is_whole = False
        try:
            self._gather(results, threads, is_quiet=is_quiet)
            is_whole = not self._is_stopped()
        except Exception as error:  # noqa: BLE001 - what was told must be withdrawn one day; its text may hold a value
            results.leave_out(_ended_early(self._folder, error))
            log.error("unexpected %s while looking at a folder", type(error).__name__)  # noqa: TRY400
        self._tell_found(results)
        if is_whole:
            self._drop(self._known - results.held)
        self._known = (self._known - results.empty) | results.held
        release_freed_memory()
        if not is_quiet:
            self._tell(results.looked(time.monotonic() - began, was_cancelled=not is_whole))
        return is_whole

    def _gather(self, results: FolderResults, threads: ThreadPoolExecutor, *, is_quiet: bool) -> None:
        due = time.monotonic()
        if not is_quiet:
            self._tell(Looking(0))
        found, scan = walk([self._folder], self._choice, self._is_stopped), partial(scan_each, self._files)
        for result in in_order(threads, scan, found, self._is_stopped):
            results.take(result)
            if time.monotonic() > due + NEWS_SECONDS:
                due = time.monotonic()
                self._tell_found(results)
                if not is_quiet:
                    self._tell(Looking(results.files))
        if self._files.cache is not None:
            self._files.cache.save()

    def _is_stopped(self) -> bool:
        return self._cancelled.is_set() or self._closed.is_set()

    def _tell_found(self, results: FolderResults) -> None:
        if results.news:
            self._tell(FilesFound(tuple(results.news)))
            results.news.clear()

    def _drop(self, paths: set[Path]) -> None:
        if paths:
            self._known -= paths
            self._tell(FilesGone(frozenset(paths)))


def _ended_early(folder: Path, error: Exception) -> str:
    why = f"an unexpected {type(error).__name__}"
    return f"The look at {shown(folder)} ended early because of {why}; look again, and report that."
