"""Scans a file on the disk; the results of an unchanged file come from the cache, without reading it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import field
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from threading import Lock
from typing import TypeVar

from tokenward.fast_dataclasses import dataclass
from tokenward.findings.scan import Scanner
from tokenward.model import Finding, IgnoredDetection
from tokenward.operations.scan.skipped import Reason, SkippedFiles
from tokenward.operations.scan.workspace_rules import RootRules, Rules
from tokenward.places import shown
from tokenward.sources.cache.cache import EMPTY_ROW, CacheRow, ScanCache
from tokenward.sources.candidate import Candidate, Identity, Trouble
from tokenward.sources.safe_read import Content, NoText, read_content

_Done = TypeVar("_Done")
MOST_READ = 1_000_000
"""Bytes after which files that were read are scanned before others are read."""
PATIENCE_SECONDS = 0.1
"""How long a thread waits for another that reads; a slow disk or network is read by several at once."""
MOST_CACHED = 5_000
"""Results of a file; to encode more takes more memory than the scan."""


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """The findings in a file.

    Attributes:
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


@dataclass(frozen=True, slots=True)
class CleanFiles:
    """The number of files without findings or ignored places, and their total size in bytes."""

    files: int
    size: int


_Content = Content | NoText | Trouble | None
_Outcome = CacheRow | Trouble | None
"""None if the file no longer exists."""


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
    _reading: Lock = field(default_factory=Lock, repr=False, compare=False)

    def scan(
        self, walked: Sequence[Candidate | Trouble], is_cancelled: Callable[[], bool] = lambda: False
    ) -> list[ScannedFile | Trouble]:
        """Return the results of files that exist and are text, beside what could not be read, until cancelled."""
        candidates = [one for one in walked if isinstance(one, Candidate)]
        scanned = map(self._result, candidates, self._outcomes(candidates, is_cancelled))
        results = [one if isinstance(one, Trouble) else next(scanned, None) for one in walked]
        return [one for one in results if one is not None]

    def scan_together(
        self, walked: Sequence[Candidate | Trouble], is_cancelled: Callable[[], bool]
    ) -> list[ScannedFile | CleanFiles | Trouble]:
        """Return the same, but out of order, and with the clean files counted together."""
        results: list[ScannedFile | CleanFiles | Trouble] = [
            one for one in walked if isinstance(one, Trouble)
        ]
        candidates = [one for one in walked if isinstance(one, Candidate)]
        files = size = 0
        for candidate, outcome in zip(candidates, self._outcomes(candidates, is_cancelled), strict=False):
            if outcome[0] is EMPTY_ROW:
                files += 1
                size += outcome[1]
            elif result := self._result(candidate, outcome):
                results.append(result)
        return [*results, CleanFiles(files, size)]

    def _outcomes(
        self, candidates: Sequence[Candidate], is_cancelled: Callable[[], bool]
    ) -> Iterator[tuple[_Outcome, int]]:
        """Yield the outcome of each file and its size in bytes."""
        for root, own in groupby(candidates, attrgetter("root")):
            yield from self._of_root([*own], self.rules.of(root), is_cancelled)

    def _of_root(
        self, candidates: Sequence[Candidate], rules: Rules, is_cancelled: Callable[[], bool]
    ) -> Iterable[tuple[_Outcome, int]]:
        """Return the outcomes and sizes of one root's files; of small ones, one scan shows which contain nothing."""
        if is_cancelled():
            return ()
        identities: list[Identity | None] = [one.identity for one in candidates]
        before = self.cache.rows([one.identity for one in candidates], rules.version) if self.cache else None
        outcomes: list[_Outcome] = [*before] if before else [None] * len(candidates)
        sizes = [one.identity.size for one in candidates]
        unknown = [number for number, known in enumerate(outcomes) if known is None]
        left = iter(unknown)
        while read := self._read(candidates, left):
            empty = self._without_tokens(candidates, read, rules) if len(read) > 1 else set()
            for number, content in read.items():
                if is_cancelled():
                    return zip(outcomes[:number], sizes, strict=False)
                if isinstance(content, Content):
                    identities[number], sizes[number] = content.identity, content.size
                else:
                    identities[number] = content.identity if isinstance(content, NoText) else None
                outcomes[number] = (
                    EMPTY_ROW if number in empty else self._outcome(candidates[number], content, rules)
                )
        if self.cache and any(identities[number] for number in unknown):
            self._put(candidates[0], rules, identities, outcomes)
        return zip(outcomes, sizes, strict=True)

    def _read(self, candidates: Sequence[Candidate], numbers: Iterator[int]) -> dict[int, _Content]:
        """Return the contents of the next files by number, up to a limited number of bytes."""
        read: dict[int, _Content] = {}
        size = 0
        # Threads that read at once just take turns at every system call.
        is_alone = self._reading.acquire(timeout=PATIENCE_SECONDS)
        try:
            for number in numbers:
                content = read[number] = self._guarded(read_content, candidates[number], self.limit)
                size += len(content.data) if isinstance(content, Content) else 0
                if size > MOST_READ:
                    break
        finally:
            if is_alone:
                self._reading.release()
        return read

    def _guarded(
        self, work: Callable[..., _Done], candidate: Candidate, *arguments: object
    ) -> _Done | Trouble:
        """Return what is done with a file; one file must not keep all others from being scanned."""
        try:
            return work(candidate, *arguments)
        except Exception as error:  # noqa: BLE001 - see above
            # The exception's text may contain a value.
            why = f"an unexpected {type(error).__name__}"
            sentence = f"{shown(candidate.path)} was not scanned because of {why}; please report this."
            return Trouble(candidate.path, sentence, is_failure=True)

    def _without_tokens(
        self, candidates: Sequence[Candidate], read: Mapping[int, _Content], rules: Rules
    ) -> set[int]:
        files = (
            (number, content.data, rules.prefix + candidates[number].name)
            for number, content in read.items()
            if isinstance(content, Content)
        )
        # If it fails, each file is scanned by itself.
        with suppress(Exception):
            return self.scanner.without_tokens(files, rules.local)
        return set()

    def _outcome(self, candidate: Candidate, content: _Content, rules: Rules) -> _Outcome:
        if isinstance(content, NoText):
            return CacheRow(unread=content.kind)
        return (
            self._guarded(self._scan, candidate, content, rules) if isinstance(content, Content) else content
        )

    def _scan(self, candidate: Candidate, content: Content, rules: Rules) -> _Outcome:
        try:
            findings, silenced = self.scanner.scan_content(
                content.data, rules.prefix + candidate.name, rules.local
            )
        except TimeoutError:
            sentence = (
                f"{shown(candidate.path)} took too long and was not scanned completely; scan it by itself."
            )
            return Trouble(candidate.path, sentence, is_failure=True)
        return CacheRow(findings, silenced) if findings or silenced else EMPTY_ROW

    def _put(
        self,
        first: Candidate,
        rules: Rules,
        identities: Sequence[Identity | None],
        outcomes: Sequence[_Outcome],
    ) -> None:
        """Cache the outcomes of files that were scanned and cannot change without another identity."""
        kept = [
            (identity, row)
            for identity, row in zip(identities, outcomes, strict=True)
            if identity and (row is EMPTY_ROW or _may_be_kept(row))
        ]
        if self.cache and kept:
            self.cache.put(first.identity, rules.version, *zip(*kept, strict=True))

    def _result(self, candidate: Candidate, found: tuple[_Outcome, int]) -> ScannedFile | Trouble | None:
        outcome, size = found
        if not isinstance(outcome, CacheRow):
            return outcome
        if outcome.unread:
            self.skipped.add(Reason[outcome.unread.name], candidate.place)
            return None
        return ScannedFile(candidate.place, size, outcome.findings, outcome.ignored)


def _may_be_kept(outcome: _Outcome) -> bool:
    return isinstance(outcome, CacheRow) and len(outcome.findings) + len(outcome.ignored) <= MOST_CACHED
