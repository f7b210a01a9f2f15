"""Looking at all files of an open folder, and again at what changes, in a thread of its own."""

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

from tokenward.operations.file_scan import FileScanner, ScannedFile
from tokenward.operations.folder_news import (
    FilesFound,
    FilesGone,
    Looked,
    Looking,
    News,
    RulesRead,
    SettingsChanged,
    Told,
)
from tokenward.operations.scan import in_order, walk_choice
from tokenward.settings import WORKSPACE_FILE, Settings
from tokenward.sources.candidate import Candidate, Trouble
from tokenward.sources.memory import give_back
from tokenward.sources.walk import walk
from tokenward.sources.watch import Batch, Watcher

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
        self._root = os.path.abspath(folder)  # noqa: PTH100
        self._settings = settings
        self._files = files
        self._tell = tell
        self._choice = replace(walk_choice(settings), apart=apart)
        self._settings_files = frozenset((*settings_files, folder / WORKSPACE_FILE))
        self._rule_files: frozenset[Path] = frozenset()
        self._rules_state: object = None
        self._is_quiet = False
        self._known = set(known)
        self._batches: Queue[Batch | None] = Queue()
        self._closed, self._cancelled = Event(), Event()
        self._watcher: Watcher | None = None
        Thread(target=self._run, name="tokenward-folder", daemon=True).start()

    def look(self, paths: Iterable[Path]) -> None:
        """Look at some paths, as if a change of them had been heard."""
        if self._watcher is not None:
            self._watcher.look(map(str, paths))

    def look_again(self) -> None:
        """Look at everything again."""
        self._is_quiet = False
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
        if not self._settings.scan_workspace:
            self._drop(set(self._known))
        self._watcher = Watcher(self._roots(), self._choice, self._batches.put)
        with closing(self._watcher), ThreadPoolExecutor(THREADS, "tokenward-files") as threads:
            while (batch := self._batches.get()) is not None and not self._closed.is_set():
                try:
                    self._handle(batch, threads)
                except Exception as error:  # noqa: BLE001 - the next change must be heard; its text may hold a value
                    if self._closed.is_set():
                        return
                    log.error("unexpected %s while looking at a folder", type(error).__name__)  # noqa: TRY400

    def _roots(self) -> list[Path]:
        """What is watched: the folder, and the files elsewhere that say what is looked for in it."""
        files = sorted(self._rule_files | self._settings_files)
        if not self._settings.scan_workspace:
            return files
        return [self._folder, *(file for file in files if not file.is_relative_to(self._folder))]

    def _handle(self, batch: Batch, threads: ThreadPoolExecutor) -> None:
        for trouble in batch.troubles:
            self._tell(Told(trouble.sentence))
        self._drop({path for path in self._known if batch.is_gone(path)})
        if batch.rescan or _touches(batch, self._settings_files):
            self._tell(SettingsChanged())
        has_new_rules = (batch.rescan or _touches(batch, self._rule_files)) and self._read_rules()
        if self._settings.scan_workspace and (batch.rescan or has_new_rules):
            # A look that nobody asked for, just to be sure, is not worth a word.
            self._look_at_all(threads, is_quiet=self._is_quiet and not has_new_rules)
        else:
            self._look_at(batch.changed, threads)

    def _read_rules(self) -> bool:
        """Let the rules hold as they stand in their files now; whether they are new."""
        self._files.rules.forget()
        rules = self._files.rules.of(str(self._folder))
        self._rule_files = rules.files
        state = (rules.version, rules.problems)
        is_new, self._rules_state = state != self._rules_state, state
        if is_new:
            self._tell(RulesRead(rules))
        return is_new

    def _look_at(self, candidates: Sequence[Candidate], threads: ThreadPoolExecutor) -> None:
        # What else is watched only says what to look for.
        own = [candidate for candidate in candidates if candidate.root == self._root]
        gathered = _Gathered(self._known)
        for result in in_order(threads, self._files, own, self._closed.is_set):
            gathered.take(result)
        self._tell_found(gathered)
        # Of what is no text any longer nothing comes.
        self._drop({candidate.path for candidate in own} & self._known - gathered.held)
        self._known |= gathered.held

    def _look_at_all(self, threads: ThreadPoolExecutor, *, is_quiet: bool) -> None:
        self._cancelled.clear()
        began = due = time.monotonic()
        if not is_quiet:
            self._tell(Looking(0))
        gathered = _Gathered(self._known)
        found = walk([self._folder], self._choice, self._is_stopped)
        for result in in_order(threads, self._files, found, self._is_stopped):
            gathered.take(result)
            if time.monotonic() > due + NEWS_SECONDS:
                due = time.monotonic()
                self._tell_found(gathered)
                if not is_quiet:
                    self._tell(Looking(gathered.files))
        self._tell_found(gathered)
        if self._is_stopped():
            self._known = (self._known - gathered.empty) | gathered.held
        else:
            self._drop(self._known - gathered.held)
            self._known = gathered.held
        if self._files.cache is not None:
            self._files.cache.save()
        give_back()
        self._is_quiet = True
        if not is_quiet:
            self._tell(gathered.looked(time.monotonic() - began, was_cancelled=self._is_stopped()))

    def _is_stopped(self) -> bool:
        return self._cancelled.is_set() or self._closed.is_set()

    def _tell_found(self, gathered: _Gathered) -> None:
        if gathered.news:
            self._tell(FilesFound(tuple(gathered.news)))
            gathered.news.clear()

    def _drop(self, paths: set[Path]) -> None:
        if paths:
            self._known -= paths
            self._tell(FilesGone(frozenset(paths)))


class _Gathered:
    """Results, counted, and those of them that are news.

    Attributes:
        news: what is to be told.
        files: how many were looked at.
        held: files of which something is to be known.
        empty: those of which something was known, and nothing is any longer.
    """

    def __init__(self, known: AbstractSet[Path]) -> None:
        self._known = known
        self._findings = 0
        self._silenced: Counter[str] = Counter()
        self._left_out: list[str] = []
        self.news: list[ScannedFile | Trouble] = []
        self.files = 0
        self.held: set[Path] = set()
        self.empty: set[Path] = set()

    def take(self, result: ScannedFile | Trouble) -> None:
        if self._count(result):
            self.held.add(result.path)
            self.news.append(result)
        elif result.path in self._known:
            self.empty.add(result.path)
            self.news.append(result)

    def looked(self, seconds: float, *, was_cancelled: bool) -> Looked:
        return Looked(
            self.files, self._findings, seconds, was_cancelled, self._silenced, tuple(self._left_out)
        )

    def _count(self, result: ScannedFile | Trouble) -> bool:
        """Count a result; whether there is something to know of its file."""
        if isinstance(result, Trouble):
            self._left_out.append(result.sentence)
            return result.path.is_file()
        self.files += 1
        self._findings += len(result.findings)
        self._silenced.update(one.by.partition(":")[0] for one in result.silenced)
        return bool(result.findings)


def _touches(batch: Batch, files: AbstractSet[Path]) -> bool:
    changed = (candidate.path for candidate in batch.changed)
    return any(map(batch.is_gone, files)) or any(path in files or path.parent in files for path in changed)
