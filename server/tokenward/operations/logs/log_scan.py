"""Scans what is appended to log files with the rules of their folders, and follows those that the settings name."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple

from tokenward.detection.claims.claims import read_claims
from tokenward.detection.detection import Detection
from tokenward.detection.log_identifiers import identifiers
from tokenward.fast_dataclasses import dataclass
from tokenward.findings.scan import Scanner
from tokenward.findings.stream.stream_scan import StreamScanner
from tokenward.model import FilePlace, Finding, Fingerprint, Point
from tokenward.operations.scan.workspace_rules import RootRules
from tokenward.places import shown
from tokenward.sources.candidate import Trouble
from tokenward.sources.logs.follow import Follower
from tokenward.sources.logs.log_file import LogPortion
from tokenward.text import Encoding, to_units

LATE_SECONDS = 1.0
"""Seconds after which a token at the very end of a file counts as whole."""
MOST_SEARCHED = 64
"""The most files whose last lines are kept to find tokens that continue in the next lines."""
MOST_KNOWN = 2_000
"""The most files whose tokens are remembered so as not to be reported again."""
MOST_REMEMBERED = 10_000
"""The most tokens of a file that are remembered for the same purpose."""
POLL_SECONDS = 0.5
MOST_FINDINGS = 1_000
"""The most tokens of a log that are reported."""
log = logging.getLogger("tokenward.logs")


class LogScan:
    """Scans log files, by path, the most recently changed last."""

    def __init__(
        self,
        scanner: Scanner,
        rules: RootRules,
        report: Callable[[str, LogToken], None],
        warn: Callable[[str], None],
    ) -> None:
        """Take the scanner, the rules, and functions for each token and for a sentence about what was not scanned."""
        self._scanner = scanner
        self._rules = rules
        self._report = report
        self._warn = warn
        self._logs: dict[str, _FollowedLog] = {}
        self._searched: dict[str, _FollowedLog] = {}
        self._new: set[str] = set()
        self._unsure: dict[str, float] = {}
        self._warned: set[str] = set()

    def feed(self, portion: LogPortion) -> None:
        """Scan what was appended to a file."""
        path = portion.path
        log = self._logs.pop(path, None) or self._log(path)
        self._searched.pop(path, None)
        self._logs[path] = self._searched[path] = log
        self._new.add(path)
        self._report_all(path, lambda: log.feed(portion))
        while len(self._searched) > MOST_SEARCHED:
            oldest = next(iter(self._searched))
            self._report_all(oldest, self._searched.pop(oldest).finish)
        while len(self._logs) > MOST_KNOWN:
            del self._logs[next(iter(self._logs))]

    def forget(self, path: str) -> None:
        """Report the next tokens under a path as if nothing had come before."""
        self._logs.pop(path, None)
        self._searched.pop(path, None)

    def scan_pending(self, now: float) -> None:
        """Report tokens in the latest bytes, and one at the very end that has not continued for LATE_SECONDS."""
        for path in self._new & self._searched.keys():
            self._report_all(path, self._searched[path].scan_pending)
        self._unsure |= dict.fromkeys(self._new, now)
        self._new.clear()
        late = [path for path, since in self._unsure.items() if now - since >= LATE_SECONDS]
        for path in late:
            del self._unsure[path]
            if path in self._searched:
                self._report_all(path, self._searched[path].scan_end)

    def _report_all(self, path: str, tokens: Callable[[], Iterable[LogToken]]) -> None:
        try:
            for token in tokens():
                self._report(path, token)
        except TimeoutError:
            self._warn(
                f"{shown(path)} took too long to search, so a part of it was not scanned; scan it by itself."
            )
            self._logs.pop(path, None)
            self._searched.pop(path, None)

    def _log(self, path: str) -> _FollowedLog:
        place = Path(os.path.abspath(path))  # noqa: PTH100 - a link is named by its own folder
        rules = self._rules.of(str(place.parent))
        for trouble in self._rules.troubles():
            if trouble.sentence not in self._warned:
                self._warned.add(trouble.sentence)
                self._warn(trouble.sentence)
        name = rules.prefix + place.name
        return _FollowedLog(
            lambda: StreamScanner(self._scanner.detector, local=rules.local, name=name),
            self._scanner.fingerprint,
        )


@dataclass(frozen=True, slots=True)
class LogToken:
    """A token in a log file.

    Attributes:
        line: the line of the file that it starts in, from 1; None if unknown.
        finding: the token, with its place in the file as far as that is known.
    """

    line: int | None
    finding: Finding


class _FollowedLog:
    """Portions in, tokens out, in bounded memory. Its methods raise TimeoutError if it takes too long to search."""

    def __init__(
        self, scanner: Callable[[], StreamScanner], fingerprint: Callable[[str], Fingerprint]
    ) -> None:
        """Take functions that create a scanner with the file's rules, and that fingerprint a value."""
        self._new_scanner = scanner
        self._fingerprint = fingerprint
        self._scanner: StreamScanner | None = None
        self._known: dict[Fingerprint, None] = {}
        self._recent = bytearray()
        """At least the bytes that the scanner may return to."""
        self._start = 0
        """The number of bytes that the scanner got before those."""
        self._at = 0
        """The offset in the file at which the scanner started."""
        self._line: int | None = 0
        """The number of line feeds before that offset."""

    def feed(self, portion: LogPortion) -> Iterator[LogToken]:
        """Scan more of the file; yield the certainly whole tokens, except those that `scan_pending` finds."""
        if portion.begins:
            yield from self.finish()
        scanner = self._scanner
        if scanner is None:
            self._scanner = scanner = self._new_scanner()
            self._recent.clear()
            self._start, self._line, self._at = 0, portion.line, portion.at
        self._recent += portion.data
        for sighting in scanner.feed(portion.data):
            yield from self._token(sighting.detection, sighting.received)
        count = scanner.stream.oldest - self._start
        if self._line is not None:
            self._line += self._recent.count(b"\n", 0, count)
        del self._recent[:count]
        self._start += count

    def scan_pending(self) -> Iterator[LogToken]:
        """Yield the tokens in the latest bytes, except one that the next byte may continue."""
        for sighting in self._scanner.preview_sightings() if self._scanner else ():
            yield from self._token(sighting.detection, sighting.received)

    def scan_end(self) -> Iterator[LogToken]:
        """Yield that one too, because it has not continued for a while."""
        if self._scanner is not None:
            segment, found = self._scanner.preview()
            for detection in found:
                yield from self._token(detection, segment.received(detection.span))

    def finish(self) -> Iterator[LogToken]:
        """Yield the remaining tokens, and forget the earlier bytes; the next ones are searched by themselves."""
        scanner, self._scanner = self._scanner, None
        for sighting in scanner.finish() if scanner else ():
            yield from self._token(sighting.detection, sighting.received)

    def _token(self, found: Detection, received: Iterable[tuple[int, int]]) -> Iterator[LogToken]:
        value = found.secret.reveal()
        fingerprint = self._fingerprint(value)
        if fingerprint in self._known:
            return
        self._known[fingerprint] = None
        if len(self._known) > MOST_REMEMBERED:
            del self._known[next(iter(self._known))]
        yield self._placed(found, fingerprint, sorted(received))

    def _placed(
        self, found: Detection, fingerprint: Fingerprint, received: Sequence[tuple[int, int]]
    ) -> LogToken:
        first, last = (received[0][0], received[-1][1]) if received else (self._start, self._start)
        line, start = self._point(first)
        end_line, end = self._point(last)
        finding = Finding(
            rule=found.rule,
            provider=found.provider.name,
            label=found.label,
            start=Point(line or 0, start.points),
            end=Point(end_line or 0, end.points),
            fingerprint=fingerprint,
            # A program writes the file, so nobody edits it.
            whole=False,
            place=FilePlace(
                self._at + first, self._at + last, start.characters, end.characters, start.bytes, end.bytes
            ),
            claims=read_claims(found.rule, found.secret.reveal()),
            traces=tuple(map(self._fingerprint, identifiers(found.secret.reveal()))),
        )
        return LogToken(line + 1 if line is not None and received else None, finding)

    def _point(self, place: int) -> tuple[int | None, _Column]:
        """Return the line of a byte, from 0, and its column, counted from the oldest byte still in memory."""
        head = self._recent[: max(0, place - self._start)]
        line = None if self._line is None else self._line + head.count(b"\n")
        before = bytes(head[head.rfind(b"\n") + 1 :])
        text = before.decode("utf-8", "replace")
        return line, _Column(len(text), to_units(text, len(text), Encoding.UTF16), len(before))


class _Column(NamedTuple):
    """The same column in code points, UTF-16 units and bytes."""

    points: int
    characters: int
    bytes: int


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
