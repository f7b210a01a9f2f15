"""Follows the logs that the settings name in a thread, and reports the tokens in them."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

from tokenward.fast_dataclasses import dataclass
from tokenward.findings.scan import Scanner
from tokenward.model import Finding
from tokenward.operations.logs.scan import LogScan, LogToken
from tokenward.operations.scan.workspace_rules import RootRules
from tokenward.sources.candidate import Trouble
from tokenward.sources.logs.follow import Follower

POLL_SECONDS = 0.5
MOST_FINDINGS = 1_000
"""The most tokens of a log that are reported."""

log = logging.getLogger("tokenward.logs")


@dataclass(frozen=True, slots=True)
class LogsFollowed:
    """The number of files followed; text written from now on is read."""

    files: int


@dataclass(frozen=True, slots=True)
class LogFound:
    """The tokens now in a log, in order of place."""

    path: Path
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class LogTrouble:
    """Why a log or a part of it was not read, in a sentence."""

    sentence: str


LogNews = LogsFollowed | LogFound | LogTrouble


class LogWatch:
    """Reports the tokens in logs until it is closed, each at its first place."""

    def __init__(
        self,
        folder: Path,
        patterns: Iterable[str],
        scanner: Scanner,
        rules: RootRules,
        report: Callable[[LogNews], None],
        *,
        from_start: bool = True,
    ) -> None:
        """Begin, on request with what the logs already contain.

        The patterns, as for LogPaths, are relative to the folder. `report` is called from a thread and must not raise.
        """
        self._paths = [os.path.join(folder, pattern) for pattern in patterns]  # noqa: PTH118 - `**` stays
        self._scan = LogScan(scanner, rules, self._found, lambda sentence: report(LogTrouble(sentence)))
        self._report = report
        self._from_start = from_start
        self._findings: dict[str, list[Finding]] = {}
        self._changed: set[str] = set()
        self._closed = Event()
        Thread(target=self._run, name="tokenward-logs", daemon=True).start()

    def close(self) -> None:
        """Stop reporting, without waiting for the thread."""
        self._closed.set()

    def _run(self) -> None:
        try:
            with closing(Follower(self._paths, from_start=self._from_start)) as follower:
                self._send(LogsFollowed(follower.files))
                while not self._closed.is_set():
                    self._poll(follower)
        except Exception as error:  # noqa: BLE001 - its text may hold a value
            log.error("logs are no longer followed: unexpected %s", type(error).__name__)  # noqa: TRY400
            self._send(
                LogTrouble(
                    f"Logs are no longer followed because of an unexpected {type(error).__name__}; please report this."
                )
            )

    def _poll(self, follower: Follower) -> None:
        for news in follower.poll():
            if self._closed.is_set():
                return
            if isinstance(news, Trouble):
                self._send(LogTrouble(news.sentence))
            else:
                if news.begins and self._findings.pop(news.path, []):
                    self._changed.add(news.path)
                if news.begins:
                    self._scan.forget(news.path)
                self._scan.feed(news)
        for path in [path for path in self._findings if not os.path.exists(path)]:  # noqa: PTH110
            del self._findings[path]
            self._changed.add(path)
        if follower.is_behind:
            return
        self._scan.scan_pending(time.monotonic())
        changed, self._changed = self._changed, set()
        for path in changed:
            findings = sorted(self._findings.get(path, ()), key=lambda finding: finding.start)
            self._send(LogFound(Path(path), tuple(findings)))
        self._closed.wait(POLL_SECONDS)

    def _found(self, path: str, token: LogToken) -> None:
        findings = self._findings.setdefault(path, [])
        if len(findings) < MOST_FINDINGS:
            findings.append(token.finding)
            self._changed.add(path)

    def _send(self, news: LogNews) -> None:
        if not self._closed.is_set():
            self._report(news)
