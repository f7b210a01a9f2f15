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
from tokenward.language import said
from tokenward.lsp.client.convert import to_path, to_uri
from tokenward.lsp.client.guard import guard
from tokenward.lsp.client.progress import ProgressBar
from tokenward.lsp.client.session import Session
from tokenward.lsp.diagnostics.scheduler import ScanScheduler
from tokenward.lsp.diagnostics.shown_findings import ShownFindings
from tokenward.names import METHOD_LOOKED
from tokenward.operations.logs.watch import LogFound, LogNews, LogsFollowed, LogTrouble, LogWatch
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
from tokenward.phrases import counted, exposed
from tokenward.places import shown
from tokenward.presentation import wording
from tokenward.problem import Problem
from tokenward.records import dataclass
from tokenward.settings import Settings
from tokenward.sources.cache.cache import ScanCache
from tokenward.sources.candidate import Trouble

if TYPE_CHECKING:
    from tokenward.operations.transcripts.watch import TranscriptWatch


@dataclass(frozen=True, slots=True)
class _Reason:
    """What a scan of a folder depends on; if it changes, the scan starts again."""

    settings: Settings
    apart: tuple[Path, ...]


class OpenFolders:
    """Scans each open folder with its settings."""

    def __init__(
        self,
        session: Session,
        shown: ShownFindings,
        scheduler: ScanScheduler,
        read_settings: Callable[[], object],
    ) -> None:
        self._session = session
        self._shown = shown
        self._scheduler = scheduler
        self._read_settings = read_settings
        self._cache = ScanCache(session.places.scan_cache)
        self._reported_wide: set[Path] = set()
        self._scans: dict[Path, tuple[_Reason, FolderScan, _FolderEvents]] = {}
        self._logs: dict[Path, list[LogWatch | TranscriptWatch]] = {}

    def update(self) -> None:
        """Scan the open folders with their current settings."""
        session = self._session
        if session.scanner is None:
            return
        present = {
            folder: self._reason(folder) for folder in session.folders if folder in session.folder_settings
        }
        for folder in self._scans.keys() - present.keys():
            self._end(folder)
            session.scanners.pop(folder, None)
            session.journal.folder_closed(folder)
            self._shown.folder_closed(folder)
        for folder, reason in present.items():
            if folder not in self._scans or self._scans[folder][0] != reason:
                self._end(folder)
                self._begin(folder, reason)

    def scan_files(self, uris: Iterable[str]) -> None:
        """Scan files that may have changed."""
        paths = [path for uri in uris if (path := to_path(uri)) is not None]
        for _, scan, _ in self._scans.values():
            scan.rescan(paths)

    def scan_again(self) -> None:
        """Scan everything that has changed, and report the outcome to the user."""
        scanning = [
            (scan, events) for reason, scan, events in self._scans.values() if reason.settings.scan_workspace
        ]
        if not scanning:
            self._session.inform(said(wording.NO_SCANNED_FOLDER))
        for scan, events in scanning:
            events.is_requested = True
            scan.rescan_all()

    def close(self) -> None:
        """End every scan."""
        for folder in tuple(self._scans):
            self._end(folder)

    def _reason(self, folder: Path) -> _Reason:
        settings = self._session.folder_settings[folder]
        scans = settings.enabled and settings.scan_workspace and not self._is_too_wide(folder)
        apart = tuple(other for other in self._session.folders if other != folder)
        return _Reason(replace(settings, scan_workspace=scans), apart)

    def _is_too_wide(self, folder: Path) -> bool:
        """Return whether a folder is the whole home or disk, which is too much to read at each start."""
        is_wide = folder in (Path(folder.anchor), Path.home())
        if is_wide and folder not in self._reported_wide:
            self._reported_wide.add(folder)
            self._session.inform(wording.too_wide(str(folder)))
        return is_wide

    def _begin(self, folder: Path, reason: _Reason) -> None:
        session, settings = self._session, reason.settings
        assert session.scanner is not None  # noqa: S101 - checked is scanned without one
        rules = RootRules(session.scanner, settings, session.places)
        files = FileScanner(session.scanner, rules, settings.max_file_bytes, self._cache)
        events = _FolderEvents(session, self._shown, self._scheduler, folder, self._read_settings)
        # A scan that is switched off reports every file as gone.
        events.is_recorded = settings.scan_workspace
        scan = FolderScan(
            folder,
            _without_logs(settings, folder),
            files,
            events.receive,
            apart=(*reason.apart, *session.places.own_folders),
            settings_files=[p for p in (session.places.settings_file, session.places.policy_file) if p],
            known={p for p in self._shown.files_in(folder) if not any(map(p.is_relative_to, reason.apart))},
        )
        events.cancel = scan.cancel
        self._scans[folder] = reason, scan, events
        if settings.enabled and settings.log_files:
            watch = LogWatch(folder, settings.log_files, session.scanner, rules, events.receive)
            self._logs.setdefault(folder, []).append(watch)
        # Several open folders have the same user, whose transcripts are followed once.
        if settings.enabled and settings.watch_transcripts and folder == session.folders[0]:
            self._logs.setdefault(folder, []).append(self._transcripts(folder, rules, events))

    def _transcripts(self, folder: Path, rules: RootRules, events: _FolderEvents) -> TranscriptWatch:
        # Off by default, so that most starts need not wait for these modules.
        from tokenward.operations.agents_protection.places_of_agents import Ground  # noqa: PLC0415
        from tokenward.operations.transcripts.watch import TranscriptWatch  # noqa: PLC0415

        session = self._session
        assert session.scanner is not None  # noqa: S101 - a folder is scanned with one
        ground, ledger = Ground(Path.home(), folder, os.environ), Ledger(session.places.ledger)
        return TranscriptWatch(ground, session.scanner, rules, ledger, events.receive)

    def _end(self, folder: Path) -> None:
        if (running := self._scans.pop(folder, None)) is not None:
            _, scan, events = running
            events.close()
            scan.close()
            for watch in self._logs.pop(folder, ()):
                watch.close()
            self._shown.files_gone(events.logs)


class _FolderEvents:
    """Receives the events of one folder in its thread and applies them on the event loop."""

    def __init__(
        self,
        session: Session,
        shown: ShownFindings,
        scheduler: ScanScheduler,
        folder: Path,
        read_settings: Callable[[], object],
    ) -> None:
        self._session = session
        self._shown = shown
        self._scheduler = scheduler
        self._folder = folder
        self._read_settings = read_settings
        self._loop = asyncio.get_running_loop()
        self._progress: ProgressBar | None = None
        self._is_closed = False
        self.is_requested = False
        """Whether the user waits for the outcome of the next scan."""
        self.is_recorded = False
        """Whether events are recorded in the ledger."""
        self.logs: set[Path] = set()
        """The logs that events came from."""
        self.cancel: Callable[[], None] = lambda: None

    def receive(self, news: FolderEvent | LogNews) -> None:
        if self.is_recorded and not self._is_closed:
            self._session.journal.record_event(self._folder, news)
        # The loop is closed once the client has disconnected.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(guard(self._apply, self._session.show_message), news)

    def close(self) -> None:
        """Ignore all further events."""
        self._is_closed = True
        if self._progress is not None:
            self._progress.end("")

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
                    self._progress = ProgressBar(self._session, title, self.cancel)
                self._progress.report(counted(files, "file"))
            case ScanFinished():
                self._scanned(news)
            case LogsFollowed(files):
                self._session.log(f"Following {counted(files, 'file')} that other programs write.")
            case LogFound(path, findings):
                self.logs.add(path)
                self._shown.files_found({path: DocumentFindings(None, findings) if findings else NO_FINDINGS})
            case LogTrouble(sentence):
                self._session.log(sentence)
            case UserNotice(sentence):
                self._session.show_message(sentence)

    def _rules_read(self, rules: Rules) -> None:
        session = self._session
        assert session.scanner is not None  # noqa: S101 - nothing is scanned without one
        before = session.scanners.get(self._folder)
        session.scanners[self._folder] = replace(session.scanner, local=rules.local, prefix=rules.prefix)
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
