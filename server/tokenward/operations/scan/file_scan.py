"""Scans a file on the disk; the results of an unchanged file come from the cache, without reading it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import astuple, field
from functools import partial
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple, TypeVar

from tokenward.detection.suppress.suppressor import IgnoredDetection
from tokenward.findings.scan import Scanner
from tokenward.model import Finding
from tokenward.operations.scan.skipped import SkippedFiles
from tokenward.operations.scan.workspace_rules import RootRules, Rules
from tokenward.places import shown
from tokenward.records import dataclass
from tokenward.sources.cache.cache import EMPTY_ROW, CacheRow, IgnoredPlace, ScanCache
from tokenward.sources.candidate import Candidate, Identity, Trouble
from tokenward.sources.safe_read import Content, NoText, read_content

_Done = TypeVar("_Done")
MOST_CACHED = 5_000
"""Results of a file; to encode more takes more memory than the scan."""


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """The findings in a file.

    Attributes:
        place: where it is.
        size: in bytes.
        findings: in order of place, each with its `place`.
        silenced: detections that the workspace's own configuration ignores.
        commit: the hash of the commit that added this version; empty if commits are not scanned.
    """

    place: str
    size: int
    findings: tuple[Finding, ...]
    silenced: tuple[IgnoredDetection, ...] = ()
    commit: str = ""

    @property
    def path(self) -> Path:
        """Return the path of the file."""
        return Path(self.place)


class FileResult(NamedTuple):
    """The result of a file.

    Attributes:
        result: None if the file no longer exists or is not text.
        row: the cache entry for the identity that the walk saw, if any.
    """

    result: ScannedFile | Trouble | None
    row: CacheRow | None = None


@dataclass(frozen=True, slots=True)
class FileScanner:
    """Scans files with the rules of their workspaces; safe to share between threads.

    Attributes:
        limit: the most bytes of a file that is read.
        cache: the results of unchanged files, if they may be used.
        skipped: collects the files that are not text.
    """

    scanner: Scanner
    rules: RootRules
    limit: int
    cache: ScanCache | None = None
    skipped: SkippedFiles = field(default_factory=SkippedFiles)

    def scan(
        self, candidates: Sequence[Candidate], is_cancelled: Callable[[], bool] = lambda: False
    ) -> Iterator[FileResult]:
        """Yield the result of each file, until cancelled."""
        for root, own in groupby(candidates, attrgetter("root")):
            yield from self._scan_beside([*own], self.rules.of(root), is_cancelled)

    def _scan_beside(
        self, candidates: Sequence[Candidate], rules: Rules, is_cancelled: Callable[[], bool]
    ) -> Iterator[FileResult]:
        """Yield the results of one root's files; of small ones, one scan shows which contain nothing."""
        read = [] if is_cancelled() else [self._guarded(self._read, one, rules) for one in candidates]
        empty = self._without_tokens(candidates, read, rules) if len(read) > 1 else set()
        for number, (candidate, content) in enumerate(zip(candidates, read, strict=False)):
            if is_cancelled():
                return
            if isinstance(content, FileResult):
                yield content
            elif number in empty:
                yield self._result(candidate, rules, content)
            else:
                yield self._guarded(partial(self._scan, content), candidate, rules)

    def _guarded(
        self, work: Callable[[Candidate, Rules], _Done], candidate: Candidate, rules: Rules
    ) -> _Done | FileResult:
        """Return what is done with a file; one file must not keep all others from being scanned."""
        try:
            return work(candidate, rules)
        except Exception as error:  # noqa: BLE001 - see above
            # The exception's text may contain a value.
            why = f"an unexpected {type(error).__name__}"
            sentence = f"{shown(candidate.path)} was not scanned because of {why}; please report this."
            return FileResult(Trouble(candidate.path, sentence, is_failure=True))

    def _read(self, candidate: Candidate, rules: Rules) -> FileResult | Content:
        """Return the content of a file, or its result if that needs no scan."""
        known = self.cache.get(candidate.identity, rules.version) if self.cache else None
        if known is not None:
            return FileResult(self.scanned_before(candidate, known), known)
        content = read_content(candidate, self.limit)
        if isinstance(content, NoText):
            row = CacheRow(unread=content.kind)
            kept = self._put(candidate, content.identity, rules, row)
            return FileResult(self.scanned_before(candidate, row), kept)
        return content if isinstance(content, Content) else FileResult(content)

    def _without_tokens(
        self, candidates: Sequence[Candidate], read: Sequence[FileResult | Content], rules: Rules
    ) -> set[int]:
        files = (
            (number, content.data, rules.prefix + candidate.name)
            for number, (candidate, content) in enumerate(zip(candidates, read, strict=True))
            if isinstance(content, Content)
        )
        # If it fails, each file is scanned by itself.
        with suppress(Exception):
            return self.scanner.without_tokens(files, rules.local)
        return set()

    def _scan(self, content: Content, candidate: Candidate, rules: Rules) -> FileResult:
        try:
            found = self.scanner.scan_content(content.data, rules.prefix + candidate.name, rules.local)
        except TimeoutError:
            sentence = (
                f"{shown(candidate.path)} took too long and was not scanned completely; scan it by itself."
            )
            return FileResult(Trouble(candidate.path, sentence, is_failure=True))
        return self._result(candidate, rules, content, *found)

    def _result(
        self,
        candidate: Candidate,
        rules: Rules,
        content: Content,
        findings: tuple[Finding, ...] = (),
        silenced: tuple[IgnoredDetection, ...] = (),
    ) -> FileResult:
        places = tuple(IgnoredPlace(*astuple(one)) for one in silenced)
        row = CacheRow(findings, places) if findings or silenced else EMPTY_ROW
        result = ScannedFile(candidate.place, len(content.data), findings, silenced)
        return FileResult(result, self._put(candidate, content.identity, rules, row))

    def _put(
        self, candidate: Candidate, identity: Identity | None, rules: Rules, row: CacheRow
    ) -> CacheRow | None:
        """Cache the row of a file; return None if the file may change or is not the one that the walk saw."""
        is_large = len(row.findings) + len(row.ignored) > MOST_CACHED
        if self.cache is None or identity is None or is_large:
            return None
        self.cache.put(identity, rules.version, row)
        return row if identity == candidate.identity else None

    def scanned_before(self, candidate: Candidate, known: CacheRow) -> ScannedFile | None:
        """Return the cached findings of an unchanged file; None for one that is not text."""
        if known.unread:
            self.skipped.add_no_text(known.unread, candidate.place)
            return None
        silenced = tuple(IgnoredDetection(*place) for place in known.ignored)
        return ScannedFile(candidate.place, candidate.identity.size, known.findings, silenced)
