"""The logs that somebody's settings name, followed in a thread: what stands in them, and what comes."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

from tokenward.findings.scan import Scanner
from tokenward.model import Finding
from tokenward.operations.logs.followed_log import LogToken
from tokenward.operations.logs.scan import LogScan
from tokenward.operations.scan.workspace_rules import RootRules
from tokenward.sources.candidate import Trouble
from tokenward.sources.logs.follow import Follower
from tokenward.sources.logs.log_file import LogPortion

POLL_SECONDS = 0.5
MOST_FINDINGS = 1_000
"""Tokens of one log that are told."""

log = logging.getLogger("tokenward.logs")


@dataclass(frozen=True, slots=True)
class LogFound:
    """The tokens that stand in a log now, in order of place."""

    path: Path
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class LogTrouble:
    """Why a log, or a part of one, was not read, in a sentence."""

    sentence: str


class LogWatch:
    """Tells what stands in logs until it is closed. Each token is told at the first place where it stands."""

    def __init__(
        self,
        folder: Path,
        patterns: Iterable[str],
        scanner: Scanner,
        rules: RootRules,
        tell: Callable[[LogFound | LogTrouble], None],
    ) -> None:
        """Begin.

        Args:
            folder: what the patterns are relative to.
            patterns: as LogPaths takes them.
            scanner: finds tokens.
            rules: hold in the folders of the logs.
            tell: is called from a thread, and must not raise.
        """
        self._paths = [os.path.join(folder, pattern) for pattern in patterns]  # noqa: PTH118 - `**` stays
        self._scan = LogScan(scanner, rules, self._found, lambda sentence: tell(LogTrouble(sentence)))
        self._tell = tell
        self._findings: dict[str, list[Finding]] = {}
        self._changed: set[str] = set()
        self._closed = Event()
        Thread(target=self._run, name="tokenward-logs", daemon=True).start()

    def close(self) -> None:
        """Tell nothing more; it is not waited for."""
        self._closed.set()

    def _run(self) -> None:
        try:
            with closing(Follower(self._paths, from_start=True)) as follower:
                while not self._closed.is_set():
                    self._poll(follower)
        except Exception as error:  # noqa: BLE001 - its text may hold a value
            log.error("logs are no longer followed: unexpected %s", type(error).__name__)  # noqa: TRY400
            self._say(
                LogTrouble(
                    f"Logs are no longer followed because of an unexpected {type(error).__name__}; report that."
                )
            )

    def _poll(self, follower: Follower) -> None:
        for news in follower.poll():
            if self._closed.is_set():
                return
            if isinstance(news, Trouble):
                self._say(LogTrouble(news.sentence))
            else:
                self._take(news)
        self._forget_gone()
        if not follower.is_behind:
            self._scan.look(time.monotonic())
            self._tell_changed()
            self._closed.wait(POLL_SECONDS)

    def _take(self, portion: LogPortion) -> None:
        if portion.begins and self._findings.pop(portion.path, []):
            self._changed.add(portion.path)
        if portion.begins:
            self._scan.forget(portion.path)
        self._scan.take(portion)

    def _forget_gone(self) -> None:
        for path in [path for path in self._findings if not os.path.exists(path)]:  # noqa: PTH110
            del self._findings[path]
            self._changed.add(path)

    def _found(self, path: str, token: LogToken) -> None:
        findings = self._findings.setdefault(path, [])
        if len(findings) < MOST_FINDINGS:
            findings.append(token.finding)
            self._changed.add(path)

    def _tell_changed(self) -> None:
        changed, self._changed = self._changed, set()
        for path in changed:
            findings = sorted(self._findings.get(path, ()), key=lambda finding: finding.start)
            self._say(LogFound(Path(path), tuple(findings)))

    def _say(self, news: LogFound | LogTrouble) -> None:
        if not self._closed.is_set():
            self._tell(news)
