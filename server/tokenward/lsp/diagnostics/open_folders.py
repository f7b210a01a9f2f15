"""OpenFolders: scans the open folders; findings go to ShownFindings, messages to the user."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tokenward.custody.ledger.ledger import Ledger
from tokenward.findings.index import NO_FINDINGS, DocumentFindings
from tokenward.findings.scan import Scanner
from tokenward.language import counted, exposed, said
from tokenward.lsp.client.convert import to_path, to_uri
from tokenward.lsp.client.guard import guard
from tokenward.lsp.client.progress import ProgressBar
from tokenward.lsp.client.session import Session
from tokenward.lsp.diagnostics.scheduler import ScanScheduler
from tokenward.lsp.diagnostics.shown_findings import ShownFindings
from tokenward.model import Problem
from tokenward.names import METHOD_LOOKED
from tokenward.operations.logs.log_scan import LogFound, LogNews, LogsFollowed, LogTrouble, LogWatch
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
from tokenward.operations.open_folder.folder_scan import FolderScan
from tokenward.operations.scan.file_scan import FileScanner, ScannedFile
from tokenward.operations.scan.workspace_rules import RootRules, Rules
from tokenward.places import shown
from tokenward.presentation import wording
from tokenward.settings import Settings
from tokenward.sources.cache.cache import ScanCache
from tokenward.sources.candidate import Trouble

if TYPE_CHECKING:
    from tokenward.operations.transcripts.watch import TranscriptWatch


class OpenFolders:
    """Scans each open folder with its settings."""

    def __init__(
        self,
        session: Session,
        shown: ShownFindings,
        scheduler: ScanScheduler,
        read_settings: Callable[[], object],
    ) -> None:
        self.session = session
        self.shown = shown
        self.scheduler = scheduler
        self.read_settings = read_settings
        self.cache = ScanCache(session.places.scan_cache)
        self._reported_wide: set[Path] = set()
        self._open: dict[Path, _OpenFolder] = {}

    def update(self) -> None:
        """Scan the open folders with their current settings."""
        session = self.session
        if session.scanner is None:
            return
        present = [folder for folder in session.folders if folder in session.folder_settings]
        for folder in self._open.keys() - set(present):
            self._open.pop(folder).close()
            session.scanners.pop(folder, None)
            session.journal.folder_closed(folder)
            self.shown.folder_closed(folder)
        for folder in present:
            basis = self._settings(folder), tuple(other for other in session.folders if other != folder)
            before = self._open.get(folder)
            if before is None or (before.settings, before.apart) != basis:
                if before is not None:
                    before.close()
                self._open[folder] = _OpenFolder(self, session.scanner, folder, *basis)

    def scan_files(self, uris: Iterable[str]) -> None:
        """Scan files that may have changed."""
        paths = [path for uri in uris if (path := to_path(uri)) is not None]
        for one in self._open.values():
            one.scan.rescan(paths)

    def scan_again(self) -> None:
        """Scan everything that has changed, and report the outcome to the user."""
        scanning = [one for one in self._open.values() if one.settings.scan_workspace]
        if not scanning:
            self.session.inform(said(wording.NO_SCANNED_FOLDER))
        for one in scanning:
            one.is_requested = True
            one.scan.rescan_all()

    def close(self) -> None:
        """End every scan."""
        while self._open:
            self._open.popitem()[1].close()

    def _settings(self, folder: Path) -> Settings:
        """Return a folder's settings; the whole home or disk is too much to read at each start."""
        settings = self.session.folder_settings[folder]
        scans = settings.enabled and settings.scan_workspace
        is_wide = folder in (Path(folder.anchor), Path.home())
        if scans and is_wide and folder not in self._reported_wide:
            self._reported_wide.add(folder)
            self.session.inform(wording.too_wide(str(folder)))
        return replace(settings, scan_workspace=scans and not is_wide)


class _OpenFolder:
    """A folder that is scanned; receives events in the scan's thread and applies them on the event loop.

    The scan starts again, as another object, if the settings change or the other open folders, which stay apart.
    """

    def __init__(
        self, owner: OpenFolders, scanner: Scanner, folder: Path, settings: Settings, apart: tuple[Path, ...]
    ) -> None:
        self.settings = settings
        self.apart = apart
        self.is_requested = False
        """Whether the user waits for the outcome of the next scan."""
        self._session = session = owner.session
        self._shown = owner.shown
        self._scheduler = owner.scheduler
        self._read_settings = owner.read_settings
        self._folder = folder
        self._scanner = scanner
        self._loop = asyncio.get_running_loop()
        self._progress: ProgressBar | None = None
        self._is_closed = False
        self._logs: set[Path] = set()
        """The logs that events came from."""
        self._rules = RootRules(scanner, settings, session.places)
        known = self._shown.files_in(folder)
        self.scan = FolderScan(
            folder,
            _without_logs(settings, folder),
            FileScanner(scanner, self._rules, settings.max_file_bytes, owner.cache),
            self.receive,
            apart=(*apart, *session.places.own_folders),
            settings_files=[p for p in (session.places.settings_file, session.places.policy_file) if p],
            known={path for path in known if not any(map(path.is_relative_to, apart))},
        )
        self._watches: list[LogWatch | TranscriptWatch] = []
        if settings.enabled and settings.log_files:
            self._watches.append(LogWatch(folder, settings.log_files, scanner, self._rules, self.receive))
        # Several open folders have the same user, whose transcripts are followed once.
        if settings.enabled and settings.watch_transcripts and folder == session.folders[0]:
            self._watches.append(self._watch_transcripts())

    def _watch_transcripts(self) -> TranscriptWatch:
        # Off by default, so that most starts need not wait for these modules.
        from tokenward.operations.agents_protection.search_roots import SearchRoots  # noqa: PLC0415
        from tokenward.operations.transcripts.watch import TranscriptWatch  # noqa: PLC0415

        roots = SearchRoots(Path.home(), self._folder, os.environ)
        ledger = Ledger(self._session.places.ledger)
        return TranscriptWatch(roots, self._scanner, self._rules, ledger, self.receive)

    def close(self) -> None:
        """End the scan, ignore all further events, and withdraw the logs."""
        self._is_closed = True
        if self._progress is not None:
            self._progress.end("")
        self.scan.close()
        for watch in self._watches:
            watch.close()
        self._shown.files_gone(self._logs)

    def receive(self, news: FolderEvent | LogNews) -> None:
        """Record an event in the ledger, and have it applied."""
        # A scan that is switched off reports every file as gone.
        if self.settings.scan_workspace and not self._is_closed:
            self._session.journal.record_event(self._folder, news)
        # The loop is closed once the client has disconnected.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(guard(self._apply, self._session.show_message), news)

    def _apply(self, news: FolderEvent | LogNews) -> None:
        if self._is_closed:
            return
        match news:
            case RulesRead(rules):
                self._rules_read(rules)
            case SettingsChanged():
                self._read_settings()
            case FilesFound(results):
                self._shown.files_found({result.path: _found(result) for result in results})
            case FilesGone(paths):
                self._shown.files_gone(paths)
            case FilesScanned(files):
                if self._progress is None:
                    title = wording.scanning_title(self._folder.name)
                    self._progress = ProgressBar(self._session, title, self.scan.cancel)
                self._progress.report(counted(files, "file"))
            case ScanFinished():
                self._scanned(news)
            case LogsFollowed(files):
                self._session.log(f"Following {counted(files, 'file')} that other programs write.")
            case LogFound(path, findings):
                self._logs.add(path)
                self._shown.files_found({path: DocumentFindings(None, findings) if findings else NO_FINDINGS})
            case LogTrouble(sentence):
                self._session.log(sentence)
            case UserNotice(sentence):
                self._session.show_message(sentence)

    def _rules_read(self, rules: Rules) -> None:
        session = self._session
        before = session.scanners.get(self._folder)
        session.scanners[self._folder] = replace(self._scanner, local=rules.local, prefix=rules.prefix)
        session.homes[self._folder] = rules.home
        problems: defaultdict[Path, tuple[Problem, ...]] = defaultdict(tuple)
        for problem in rules.problems:
            problems[rules.home / problem.path] += (problem,)
        self._shown.problems_found(self._folder, problems)
        if before is None or (before.local.identity, before.prefix) != (rules.local.identity, rules.prefix):
            self._scheduler.scan_folder(self._folder)

    def _scanned(self, looked: ScanFinished) -> None:
        outcome = wording.scanned(
            looked.files,
            exposed(looked.tokens, looked.findings),
            looked.seconds,
            was_cancelled=looked.was_cancelled,
        )
        if self._progress is not None:
            self._progress.end(outcome)
            self._progress = None
        if self.is_requested:
            self.is_requested = False
            self._session.inform(f"{shown(self._folder.name)}: {outcome}")
        if "looked" in self._session.capabilities.extensions:
            self._shown.when_known(self._notify_scanned)
        details = wording.scan_details(str(self._folder), outcome, looked.silenced, looked.left_out)
        for sentence in details:
            self._session.log(sentence)

    def _notify_scanned(self) -> None:
        if not self._is_closed:
            self._session.server.protocol.notify(METHOD_LOOKED, {"uri": to_uri(self._folder)})


def _without_logs(settings: Settings, folder: Path) -> Settings:
    """Return settings that exclude followed logs from the scan of files."""
    inside = [os.path.relpath(folder / pattern, folder) for pattern in settings.log_files]
    logs = (f"/{Path(pattern).as_posix()}" for pattern in inside if not pattern.startswith(os.pardir))
    return replace(settings, exclude=(*settings.exclude, *logs))


def _found(result: ScannedFile | Trouble) -> DocumentFindings:
    if isinstance(result, Trouble):
        return DocumentFindings(None, (), result.sentence)
    return DocumentFindings(None, result.findings)
