"""Scanning some files at a time: of those that held nothing and have not changed since, little is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from tokenward.operations.scan.file_scan import FileScanner, ScannedFile, scanned_before
from tokenward.sources.cache.cache import ScanCache
from tokenward.sources.candidate import Candidate, Trouble


@dataclass(frozen=True, slots=True)
class ScannedFiles:
    """Files in which nothing was found and nothing silenced.

    Attributes:
        files: how many there are.
        size: of all of them, in bytes.
    """

    files: int
    size: int


def scan_each(
    files: FileScanner, met: Sequence[Candidate | Trouble], is_cancelled: Callable[[], bool]
) -> list[ScannedFile | Trouble]:
    """What stands in each of some files, until it is cancelled."""
    found: list[ScannedFile | Trouble] = []
    for one in met:
        if is_cancelled():
            break
        result = one if isinstance(one, Trouble) else files.scan(one)
        if result is not None:
            found.append(result)
    return found


def scan_together(
    files: FileScanner, met: Sequence[Candidate | Trouble], is_cancelled: Callable[[], bool]
) -> list[ScannedFile | ScannedFiles | Trouble]:
    """The same, but that files which hold nothing may be told together, and the others not in order.

    What is known of all of them is also remembered as one, so that the next scan of the very same ones need not look
    up each.
    """
    candidates = [one for one in met if isinstance(one, Candidate)]
    if files.cache is None or not candidates or is_cancelled():
        return list(scan_each(files, met, is_cancelled))
    group = _Group(files, files.cache, candidates)
    troubles = [one for one in met if isinstance(one, Trouble)]
    return [*troubles, *(group.known() or group.scanned(is_cancelled))]


class _Group:
    """Files that are scanned together."""

    def __init__(self, files: FileScanner, cache: ScanCache, candidates: Sequence[Candidate]) -> None:
        self._files, self._cache, self._candidates = files, cache, candidates
        self._identities = [one.identity for one in candidates]
        roots = sorted({one.root for one in candidates})
        self._version = "\n".join(files.rules.of(root).version for root in roots)

    def known(self) -> list[ScannedFile | ScannedFiles]:
        """What is remembered of all; empty when any has changed since, or nothing is."""
        group = self._cache.group(self._identities, self._version)
        if group is None:
            return []
        found = [scanned_before(self._candidates[number], kept) for number, kept in group.found.items()]
        return [ScannedFiles(group.quiet, group.quiet_size), *found]

    def scanned(self, is_cancelled: Callable[[], bool]) -> list[ScannedFile | Trouble]:
        """What stands in each."""
        met = takewhile(lambda _: not is_cancelled(), self._candidates)
        looks = [self._files.look(candidate) for candidate in met]
        kept = [look.kept for look in looks if look.kept is not None]
        # What was too young to be kept may yet change, and of what could not be scanned nothing is known.
        if len(kept) == len(self._candidates):
            self._cache.put_group(self._identities, self._version, kept)
        return [look.result for look in looks if look.result is not None]
