"""Scanning one file as it is on the disk; what an unchanged one held comes from the cache, without reading it."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from pathlib import Path
from typing import NamedTuple

from tokenward.detection.suppress.suppressor import IgnoredDetection
from tokenward.findings.scan import Scanner
from tokenward.model import Finding
from tokenward.operations.scan.workspace_rules import RootRules, Rules
from tokenward.places import shown
from tokenward.sources.cache.cache import BINARY_ROW, EMPTY_ROW, CacheRow, IgnoredPlace, ScanCache
from tokenward.sources.candidate import Candidate, Identity, Trouble
from tokenward.sources.safe_read import NoText, read_content


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """What was found in one file.

    Attributes:
        place: where it is.
        size: in bytes.
        findings: in order of place, each with its `place`.
        silenced: what would be a finding but for the workspace's own configuration.
    """

    place: str
    size: int
    findings: tuple[Finding, ...]
    silenced: tuple[IgnoredDetection, ...] = ()

    @property
    def path(self) -> Path:
        return Path(self.place)


@dataclass(frozen=True, slots=True)
class FileScanner:
    """Scans files of the workspaces whose rules it has; safe to share between threads.

    Attributes:
        limit: the bytes of the largest file that is read.
        cache: what is known of unchanged files, if that may be used.
    """

    scanner: Scanner
    rules: RootRules
    limit: int
    cache: ScanCache | None = None

    def scan(self, candidate: Candidate) -> ScannedFile | Trouble | None:
        """What stands in a file, or why it was not scanned; None when it is gone by now, or no text."""
        return self.look(candidate).result

    def look(self, candidate: Candidate) -> Look:
        """The same, and what is kept of it."""
        try:
            return self._look(candidate, self.rules.of(candidate.root))
        except Exception as error:  # noqa: BLE001 - one file must not keep all others from being scanned
            return Look(_failed(candidate.path, error))

    def _look(self, candidate: Candidate, rules: Rules) -> Look:
        known = self.cache.get(candidate.identity, rules.version) if self.cache else None
        if known is not None:
            return Look(scanned_before(candidate, known) if known.is_text else None, known)
        content = read_content(candidate, self.limit)
        if content is None or isinstance(content, Trouble):
            return Look(content)
        if isinstance(content, NoText):
            return Look(None, self._keep(candidate, content.identity, rules, BINARY_ROW))
        try:
            found = self.scanner.scan_content(content.data, rules.prefix + candidate.name, rules.local)
        except TimeoutError:
            return Look(_too_slow(candidate.path))
        result = ScannedFile(candidate.place, len(content.data), *found)
        kept = _kept(*found) if any(found) else EMPTY_ROW
        return Look(result, self._keep(candidate, content.identity, rules, kept))

    def _keep(
        self, candidate: Candidate, identity: Identity | None, rules: Rules, kept: CacheRow
    ) -> CacheRow | None:
        """Keep what was found in a file as it was read; None when that may not be how the walk saw it, or not stay."""
        if self.cache is None or identity is None:
            return None
        self.cache.put(identity, rules.version, kept)
        return kept if identity == candidate.identity else None


class Look(NamedTuple):
    """What came of one file.

    Attributes:
        kept: what the cache has under the identity that the walk saw; None when it has nothing.
    """

    result: ScannedFile | Trouble | None
    kept: CacheRow | None = None


def scanned_before(candidate: Candidate, known: CacheRow) -> ScannedFile:
    """What was found in a file that has not changed since."""
    silenced = tuple(IgnoredDetection(*place) for place in known.ignored)
    return ScannedFile(candidate.place, candidate.identity.size, known.findings, silenced)


def _kept(findings: tuple[Finding, ...], silenced: tuple[IgnoredDetection, ...]) -> CacheRow:
    return CacheRow(findings, tuple(IgnoredPlace(*astuple(one)) for one in silenced))


def _too_slow(path: Path) -> Trouble:
    return Trouble(
        path, f"{shown(path)} took too long and was not scanned whole; scan it by itself.", is_failure=True
    )


def _failed(path: Path, error: Exception) -> Trouble:
    # Its text may hold a value.
    why = f"an unexpected {type(error).__name__}"
    sentence = f"{shown(path)} was not scanned because of {why}; look through it, and report that."
    return Trouble(path, sentence, is_failure=True)
