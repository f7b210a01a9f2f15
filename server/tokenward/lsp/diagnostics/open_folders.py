"""The files of the open folders: what is found in them goes to the View, what is told of them to the user."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from lsprotocol import types

from tokenward.detection.problem import Problem
from tokenward.findings.index import NOTHING, Found
from tokenward.lsp.client.capabilities import says
from tokenward.lsp.client.guard import guard
from tokenward.lsp.client.progress import ScanProgress
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.uris import to_path, to_uri
from tokenward.lsp.diagnostics.scheduler import Publisher
from tokenward.lsp.diagnostics.shown_findings import View
from tokenward.names import METHOD_LOOKED
from tokenward.operations.logs.watch import LogFound, LogTrouble, LogWatch
from tokenward.operations.open_folder.events import (
    FilesFound,
    FilesGone,
    Looked,
    Looking,
    News,
    RulesRead,
    SettingsChanged,
    Told,
)
from tokenward.operations.open_folder.folder_scan import FolderScan
from tokenward.operations.scan.file_scan import FileScanner, ScannedFile
from tokenward.operations.scan.workspace_rules import RootRules, Rules
from tokenward.phrases import counted
from tokenward.places import shown
from tokenward.presentation import wording
from tokenward.settings import Settings
from tokenward.sources.cache.cache import ScanCache
from tokenward.sources.candidate import Trouble


@dataclass(frozen=True, slots=True)
class _Reason:
    """What a scan of a folder depends on; with another one it is begun anew."""

    settings: Settings
    apart: tuple[Path, ...]


class Workspace:
    """Scans each open folder, in the way that its settings say."""

    def __init__(
        self, session: Session, view: View, publisher: Publisher, read_settings: Callable[[], None]
    ) -> None:
        self._session = session
        self._view = view
        self._publisher = publisher
        self._read_settings = read_settings
        self._cache = ScanCache(session.places.scan_cache)
        self._told_wide: set[Path] = set()
        self._scans: dict[Path, tuple[_Reason, FolderScan, _Ear]] = {}
        self._logs: dict[Path, LogWatch] = {}

    def update(self) -> None:
        """Scan the folders that are open now, as their settings are now."""
        session = self._session
        if session.scanner is None:
            return
        wanted = {
            folder: self._reason(folder) for folder in session.folders if folder in session.folder_settings
        }
        for folder in self._scans.keys() - wanted.keys():
            self._end(folder)
            session.scanners.pop(folder, None)
            session.journal.folder_closed(folder)
            self._view.folder_closed(folder)
        for folder, reason in wanted.items():
            if folder not in self._scans or self._scans[folder][0] != reason:
                self._end(folder)
                self._begin(folder, reason)

    def look(self, uris: Iterable[str]) -> None:
        """Look at files that may have changed."""
        paths = [path for uri in uris if (path := to_path(uri)) is not None]
        for _, scan, _ in self._scans.values():
            scan.look(paths)

    def look_again(self) -> None:
        """Look at everything again, as far as it has changed, and tell the user what that came to."""
        scanning = [
            (scan, ear) for reason, scan, ear in self._scans.values() if reason.settings.scan_workspace
        ]
        if not scanning:
            self._session.tell(wording.NO_SCANNED_FOLDER, types.MessageType.Info)
        for scan, ear in scanning:
            ear.is_asked = True
            scan.look_again()

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
        """Whether a folder is no project: all that the user or the machine has would be read at each start."""
        is_wide = folder in (Path(folder.anchor), Path.home())
        if is_wide and folder not in self._told_wide:
            self._told_wide.add(folder)
            self._session.tell(wording.too_wide(str(folder)), types.MessageType.Info)
        return is_wide

    def _begin(self, folder: Path, reason: _Reason) -> None:
        session, settings = self._session, reason.settings
        assert session.scanner is not None  # noqa: S101 - asked by `update`
        rules = RootRules(session.scanner, settings, session.places)
        files = FileScanner(session.scanner, rules, settings.max_file_bytes, self._cache)
        ear = _Ear(session, self._view, self._publisher, folder, self._read_settings)
        # Switched off, a scan tells of every file as gone, which none is.
        ear.is_recorded = settings.scan_workspace
        scan = FolderScan(
            folder,
            _without_logs(settings, folder),
            files,
            ear.hear,
            apart=reason.apart,
            settings_files=[p for p in (session.places.settings_file, session.places.policy_file) if p],
            known={p for p in self._view.files_in(folder) if not any(map(p.is_relative_to, reason.apart))},
        )
        ear.cancel = scan.cancel
        self._scans[folder] = reason, scan, ear
        if settings.enabled and settings.log_files:
            self._logs[folder] = LogWatch(folder, settings.log_files, session.scanner, rules, ear.hear)

    def _end(self, folder: Path) -> None:
        if (running := self._scans.pop(folder, None)) is not None:
            _, scan, ear = running
            ear.close()
            scan.close()
            if (logs := self._logs.pop(folder, None)) is not None:
                logs.close()
            self._view.files_gone(ear.logs)


class _Ear:
    """Hears the news of one folder, in its thread, and lets them take effect on the event loop."""

    def __init__(
        self,
        session: Session,
        view: View,
        publisher: Publisher,
        folder: Path,
        read_settings: Callable[[], None],
    ) -> None:
        self._session = session
        self._view = view
        self._publisher = publisher
        self._folder = folder
        self._read_settings = read_settings
        self._loop = asyncio.get_running_loop()
        self._progress: ScanProgress | None = None
        self._is_closed = False
        self.is_asked = False
        """Whether the user waits for what the next look comes to."""
        self.is_recorded = False
        """Whether the ledger is to tell of what is heard."""
        self.logs: set[Path] = set()
        """The logs of which something was told."""
        self.cancel: Callable[[], None] = lambda: None

    def hear(self, news: News | LogFound | LogTrouble) -> None:
        if self.is_recorded and not self._is_closed:
            self._session.journal.hear(self._folder, news)
        # The loop is closed when the client has gone.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(guard(self._take, self._session.tell), news)

    def close(self) -> None:
        """Let nothing that is heard take effect any longer."""
        self._is_closed = True
        if self._progress is not None:
            self._progress.end("")

    def _take(self, news: News | LogFound | LogTrouble) -> None:
        if self._is_closed:
            return
        match news:
            case RulesRead(rules):
                self._rules_read(rules)
            case SettingsChanged():
                self._read_settings()
            case FilesFound(results):
                self._view.files_found({result.path: _found(result) for result in results})
            case FilesGone(paths):
                self._view.files_gone(paths)
            case Looking(files):
                self._looking(files)
            case Looked():
                self._looked(news)
            case LogFound(path, findings):
                self.logs.add(path)
                self._view.files_found({path: Found(None, findings) if findings else NOTHING})
            case LogTrouble(sentence):
                self._session.log(sentence)
            case Told(sentence):
                self._session.tell(sentence)

    def _rules_read(self, rules: Rules) -> None:
        session = self._session
        assert session.scanner is not None  # noqa: S101 - nothing is scanned without one
        before = session.scanners.get(self._folder)
        session.scanners[self._folder] = replace(session.scanner, local=rules.local, prefix=rules.prefix)
        session.homes[self._folder] = rules.home
        problems: defaultdict[Path, tuple[Problem, ...]] = defaultdict(tuple)
        for problem in rules.problems:
            problems[rules.home / problem.path] += (problem,)
        self._view.problems_found(self._folder, problems)
        if before is None or (before.local.identity, before.prefix) != (rules.local.identity, rules.prefix):
            self._publisher.again(self._folder)

    def _looking(self, files: int) -> None:
        if self._progress is None:
            title = wording.scanning_title(self._folder.name)
            self._progress = ScanProgress(self._session, title, self.cancel)
        self._progress.report(counted(files, "file"))

    def _looked(self, looked: Looked) -> None:
        outcome = wording.scanned(
            looked.files, looked.findings, looked.seconds, was_cancelled=looked.was_cancelled
        )
        if self._progress is not None:
            self._progress.end(outcome)
            self._progress = None
        if self.is_asked:
            self.is_asked = False
            self._session.tell(f"{shown(self._folder.name)}: {outcome}", types.MessageType.Info)
        if says(self._session.capabilities, "looked"):
            self._view.when_known(self._tell_looked)
        details = wording.scan_details(str(self._folder), outcome, looked.silenced, looked.left_out)
        for sentence in details:
            self._session.log(sentence)

    def _tell_looked(self) -> None:
        if not self._is_closed:
            self._session.server.protocol.notify(METHOD_LOOKED, {"uri": to_uri(self._folder)})


def _without_logs(settings: Settings, folder: Path) -> Settings:
    """Settings by which the logs that are followed are not scanned as files as well."""
    inside = [os.path.relpath(folder / pattern, folder) for pattern in settings.log_files]
    logs = (f"/{Path(pattern).as_posix()}" for pattern in inside if not pattern.startswith(os.pardir))
    return replace(settings, exclude=(*settings.exclude, *logs))


def did_change_watched_files(workspace: Workspace, params: types.DidChangeWatchedFilesParams) -> None:
    """What the client heard is looked at together with what was heard here, once."""
    workspace.look(change.uri for change in params.changes)


def _found(result: ScannedFile | Trouble) -> Found:
    if isinstance(result, Trouble):
        return Found(None, (), result.sentence)
    return Found(None, result.findings)
