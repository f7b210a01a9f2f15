"""Log files that are followed: what comes in each is scanned by the rules of its folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from tokenward.findings.scan import Scanner
from tokenward.findings.stream.stream_scan import StreamScanner
from tokenward.operations.logs.followed_log import LogToken, WatchedLog
from tokenward.operations.scan.workspace_rules import RootRules
from tokenward.places import shown
from tokenward.sources.logs.log_file import LogPortion

LATE_SECONDS = 1.0
"""After so long a token at the very end of a file counts as whole."""
MOST_SEARCHED = 64
"""Files whose last lines are kept, so that a token which goes on in the next ones is found."""
MOST_KNOWN = 2_000
"""Files whose tokens are known again."""


class LogScan:
    """The files that something came in, by path, that of which something came last at the end."""

    def __init__(
        self,
        scanner: Scanner,
        rules: RootRules,
        tell: Callable[[str, LogToken], None],
        complain: Callable[[str], None],
    ) -> None:
        """Take what scans, whose rules hold, who is told of each token, and who of what was not searched."""
        self._scanner = scanner
        self._rules = rules
        self._tell = tell
        self._complain = complain
        self._logs: dict[str, WatchedLog] = {}
        self._searched: dict[str, WatchedLog] = {}
        self._new: set[str] = set()
        self._unsure: dict[str, float] = {}
        self._said: set[str] = set()

    def take(self, portion: LogPortion) -> None:
        path = portion.path
        log = self._logs.pop(path, None) or self._log(path)
        self._searched.pop(path, None)
        self._logs[path] = self._searched[path] = log
        self._new.add(path)
        self._tell_all(path, lambda: log.take(portion))
        self._forget_some()

    def forget(self, path: str) -> None:
        """Let what comes next under a path be told as if nothing had come before."""
        self._logs.pop(path, None)
        self._searched.pop(path, None)

    def look(self, now: float) -> None:
        """Tell of what came last, and of a token at the very end once it has not gone on for LATE_SECONDS."""
        for path in self._new & self._searched.keys():
            self._tell_all(path, self._searched[path].look)
        self._unsure |= dict.fromkeys(self._new, now)
        self._new.clear()
        late = [path for path, since in self._unsure.items() if now - since >= LATE_SECONDS]
        for path in late:
            del self._unsure[path]
            if path in self._searched:
                self._tell_all(path, self._searched[path].late_look)

    def _forget_some(self) -> None:
        while len(self._searched) > MOST_SEARCHED:
            path = next(iter(self._searched))
            self._tell_all(path, self._searched.pop(path).rest)
        while len(self._logs) > MOST_KNOWN:
            del self._logs[next(iter(self._logs))]

    def _tell_all(self, path: str, tokens: Callable[[], Iterable[LogToken]]) -> None:
        try:
            for token in tokens():
                self._tell(path, token)
        except TimeoutError:
            self._complain(
                f"{shown(path)} took too long to search, and a part of it was not; scan it by itself."
            )
            self._logs.pop(path, None)
            self._searched.pop(path, None)

    def _log(self, path: str) -> WatchedLog:
        place = Path(os.path.abspath(path))  # noqa: PTH100 - a link is named by its own folder
        rules = self._rules.of(str(place.parent))
        for trouble in self._rules.troubles():
            if trouble.sentence not in self._said:
                self._said.add(trouble.sentence)
                self._complain(trouble.sentence)
        name = rules.prefix + place.name
        return WatchedLog(
            lambda: StreamScanner(self._scanner.detector, local=rules.local, name=name),
            self._scanner.fingerprint,
        )
