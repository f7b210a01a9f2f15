"""The Report of a scan, the source of every format, and the baseline whose findings it leaves out."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from tokenward import model
from tokenward.detection.pieces import MOST_FOUND
from tokenward.detection.rules.providers import finding_severity, profile_of
from tokenward.errors import BaselineUnusable
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Fingerprint, Profile
from tokenward.operations.scan.file_scan import CleanFiles, ScannedFile
from tokenward.places import shown
from tokenward.sources.candidate import Trouble
from tokenward.sources.safe_read import read_small

LARGEST_BASELINE = 50_000_000
"""Bytes of a report, which is parsed as a whole."""
_KEY_TEXT = "tokenward: which key is this?"
_KEY_CHARACTERS = 16
Severity = Literal["error", "warning", "information"]


@dataclass(frozen=True, slots=True)
class Baseline:
    """The findings of an earlier report.

    Attributes:
        findings: the place (as `_place` spells it) and the fingerprint of each.
    """

    name: str
    findings: frozenset[tuple[str, str]]

    def knows(self, path: Path, fingerprint: Fingerprint) -> bool:
        """Return whether the report has a token anywhere in a file."""
        return (_place(path), fingerprint) in self.findings


def key_id(fingerprint: Callable[[str], Fingerprint]) -> str:
    """Return the id of the fingerprint key, which reveals nothing about the key.

    It is the fingerprint of a text that is not a token, so it reveals as little as any fingerprint.
    """
    return fingerprint(_KEY_TEXT)[:_KEY_CHARACTERS]


def read_baseline(path: Path, key: str) -> Baseline:
    """Read the baseline in a report of `tokenward scan --format json`, made with the fingerprint key of this id.

    Its relative paths count both from the current folder, where the report was probably made, and from its own.

    Raises:
        BaselineUnusable: it cannot be read, is not such a report, or was made with another key.
    """
    name = shown(path)
    recorded = _findings_in(_parsed(path, name))
    if recorded is None:
        raise BaselineUnusable(
            f"{name} is not a report of Tokenward; make one with `tokenward scan --format json`."
        )
    made_with, pairs = recorded
    if made_with != key:
        raise BaselineUnusable(
            f"{name} was made on another machine or by another user, whose fingerprints differ; "
            "`tokenward ignore` accepts a token for everybody, in .tokenwardignore."
        )
    folders = (Path.cwd(), path.absolute().parent)
    places = ((_place(folder / found), token) for found, token in pairs for folder in folders)
    return Baseline(name, frozenset(places))


def _parsed(path: Path, name: str) -> Any:
    try:
        content = read_small(path.resolve(), LARGEST_BASELINE)
    except (OSError, RuntimeError, ValueError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise BaselineUnusable(f"{name} cannot be read ({why}); check its permissions.") from None
    if content is None:
        raise BaselineUnusable(f"{name} does not exist or is not a file; check the path.")
    try:
        # The shells of Windows write redirected output as UTF-16.
        return json.loads(content)
    except (ValueError, RecursionError):
        raise BaselineUnusable(f"{name} is not valid JSON; make it again.") from None


def _findings_in(report: Any) -> tuple[str, list[tuple[str, Fingerprint]]] | None:
    """Return the id of a report's key, and the path and fingerprint of each finding; None if it is not a report."""
    try:
        key, findings = report["summary"]["fingerprint_key"], report["findings"]
        pairs = [(found["path"], found["fingerprint"]) for found in findings]
    except (KeyError, TypeError):
        return None
    texts = (key, *(text for pair in pairs for text in pair))
    is_report = isinstance(findings, list) and all(isinstance(text, str) for text in texts)
    return (key, pairs) if is_report else None


def _place(path: Path) -> str:
    """Return the canonical spelling of a place, without accessing the disk, because the paths come from a file."""
    return os.path.normcase(os.path.normpath(path))


@dataclass(frozen=True, slots=True)
class Report:
    """The findings and figures of a scan, without values."""

    findings: tuple[ReportedFinding, ...]
    summary: Summary


@dataclass(frozen=True, slots=True)
class ReportedFinding:
    """A token in a place in a file.

    Attributes:
        path: relative to the scanned root, with `/`; may contain anything that a file name may.
        start_offset: the token's first byte in the file.
        end_offset: one past its last byte.
        rule: the full id of the rule that matched.
        provider: the token's provider, as people write it.
        fingerprint: the same for equal values, on the same machine.
        label: shown instead of the value.
        commit: the hash of the first commit with it, if all commits were scanned.
    """

    path: str
    start_offset: int
    end_offset: int
    start: Position
    end: Position
    rule: str
    provider: str
    severity: Severity
    fingerprint: str
    label: str
    profile: Profile
    commit: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A position in a file in LSP's default units: line and character from 0, characters in UTF-16 units."""

    line: int
    character: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a scan.

    Attributes:
        bytes: their total size.
        seconds: the duration.
        commits: the number of scanned commits; None for a scan of files.
        known: the findings in a baseline; None without one.
        left_out: a sentence for each thing that was not scanned.
        is_partial: something that the user named, or that should have been scanned, was not scanned.
        fingerprint_key: the id of the key that the fingerprints were made with.
        ended: when the scan ended, with a time zone.
    """

    files: int
    bytes: int
    seconds: float
    findings: int
    commits: int | None = None
    silenced: tuple[IgnoredCount, ...] = ()
    known: KnownFindings | None = None
    left_out: tuple[str, ...] = ()
    is_partial: bool = False
    fingerprint_key: str = ""
    ended: datetime = field(default_factory=lambda: datetime.now(UTC), compare=False)

    @property
    def started(self) -> datetime:
        """Return when the scan started."""
        return self.ended - timedelta(seconds=self.seconds)


@dataclass(frozen=True, slots=True)
class IgnoredCount:
    """The number of findings that a source such as `.tokenwardignore` has ignored."""

    source: str
    count: int


@dataclass(frozen=True, slots=True)
class KnownFindings:
    """The number of findings in a baseline."""

    baseline: str
    count: int


def assemble_report(
    results: Iterable[ScannedFile | CleanFiles | Trouble],
    began: float,
    *,
    key: str,
    baseline: Baseline | None = None,
    commits: int | None = None,
    named: Iterable[Path] = (),
    generic: model.Severity = model.Severity.INFORMATION,
) -> Report:
    """Return the report of a scan's results; count those without findings.

    Args:
        results: the results of the scan.
        began: when the scan started, on the monotonic clock.
        key: the id of the fingerprint key.
        baseline: the known findings, which are not reported.
        commits: the number of scanned commits, if any.
        named: the files that must be scanned, or the report is partial.
        generic: the severity of findings that only their names identify.
    """
    tally = _Tally(baseline, named, generic)
    for result in results:
        tally.add(result)
    if commits is None:
        # The order of a walk is that of the file system.
        tally.findings.sort(key=lambda one: (one.path, one.start_offset))
    return Report(tuple(tally.findings), tally.summary(began, key, commits))


class _Tally:
    """Counts results."""

    def __init__(self, baseline: Baseline | None, named: Iterable[Path], generic: model.Severity) -> None:
        self._baseline = baseline
        self._generic = generic
        self._named = set(map(os.path.realpath, named))
        self._files = self._size = self._found = 0
        self._ignored: Counter[str] = Counter()
        self._left_out: list[str] = []
        self._is_partial = False
        self.findings: list[ReportedFinding] = []

    def add(self, result: ScannedFile | CleanFiles | Trouble) -> None:
        if isinstance(result, CleanFiles):
            self._files += result.files
            self._size += result.size
            return
        place = os.path.realpath(result.path) if self._named else ""
        is_named = place in self._named
        self._named.discard(place)
        if isinstance(result, Trouble):
            self._left_out.append(result.sentence)
            self._is_partial |= is_named or result.is_failure
            return
        self._files += 1
        self._size += result.size
        if len(result.findings) + len(result.silenced) > MOST_FOUND:
            self._left_out.append(
                f"{shown(result.path)} has more than {MOST_FOUND:,} tokens, and its rest was not scanned; move some "
                "and scan again."
            )
            self._is_partial = True
        # Nearly all files have neither.
        if result.findings:
            self._found += len(result.findings)
            self.findings.extend(_reported(result, self._baseline, self._generic))
        if result.silenced:
            self._ignored.update(one.source for one in result.silenced)

    def summary(self, began: float, key: str, commits: int | None) -> Summary:
        """Return the figures, from the same arguments as for `assemble_report`."""
        known = self._found - len(self.findings)
        return Summary(
            files=self._files,
            bytes=self._size,
            seconds=time.monotonic() - began,
            findings=len(self.findings),
            commits=commits,
            silenced=tuple(IgnoredCount(*one) for one in sorted(self._ignored.items())),
            known=KnownFindings(self._baseline.name, known) if self._baseline else None,
            left_out=tuple(self._left_out),
            is_partial=self._is_partial,
            fingerprint_key=key,
        )


def _reported(
    file: ScannedFile, baseline: Baseline | None, generic: model.Severity
) -> Iterator[ReportedFinding]:
    now, here = time.time(), Path.cwd()
    path = (file.path.relative_to(here) if file.path.is_relative_to(here) else file.path).as_posix()
    for finding in file.findings:
        if baseline is not None and baseline.knows(file.path, finding.fingerprint):
            continue
        place = finding.place
        assert place is not None  # noqa: S101 - a scan of files gives each its place
        yield ReportedFinding(
            path=path,
            start_offset=place.start,
            end_offset=place.end,
            start=Position(finding.start.line, place.start_character),
            end=Position(finding.end.line, place.end_character),
            rule=finding.rule,
            provider=finding.provider,
            severity=finding_severity(finding.rule, finding.claims, now, generic).value,
            fingerprint=finding.fingerprint,
            label=finding.label,
            profile=profile_of(finding.rule, finding.claims),
            commit=file.commit or None,
        )
