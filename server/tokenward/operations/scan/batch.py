"""Scans files in groups; unchanged files without findings cost little, because the cache has them together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tokenward.operations.scan.file_scan import FileResult, FileScanner, ScannedFile
from tokenward.records import dataclass
from tokenward.sources.candidate import Candidate, Trouble


@dataclass(frozen=True, slots=True)
class CleanFiles:
    """Files without findings or ignored places.

    Attributes:
        files: the number of files.
        size: their total size in bytes.
    """

    files: int
    size: int


def scan_each(
    files: FileScanner, walked: Sequence[Candidate | Trouble], is_cancelled: Callable[[], bool]
) -> list[ScannedFile | Trouble]:
    """Return the results of some files, until cancelled."""
    scanned = files.scan([one for one in walked if isinstance(one, Candidate)], is_cancelled)
    results = [one if isinstance(one, Trouble) else next(scanned, FileResult(None)).result for one in walked]
    return [one for one in results if one is not None]


def scan_together(
    files: FileScanner, walked: Sequence[Candidate | Trouble], is_cancelled: Callable[[], bool]
) -> list[ScannedFile | CleanFiles | Trouble]:
    """Return the same as `scan_each`, but clean files may be counted together, and the others may be out of order.

    The results are also cached as a group, so that the next scan of exactly these files needs one look-up.
    """
    candidates = [one for one in walked if isinstance(one, Candidate)]
    if files.cache is None or not candidates or is_cancelled():
        return list(scan_each(files, walked, is_cancelled))
    results: list[ScannedFile | CleanFiles | Trouble] = [one for one in walked if isinstance(one, Trouble)]
    identities = [one.identity for one in candidates]
    roots = sorted({one.root for one in candidates})
    version = "\n".join(files.rules.of(root).version for root in roots)
    group = files.cache.group(identities, version)
    if group is not None:
        before = (files.scanned_before(candidates[number], row) for number, row in group.found.items())
        return [*results, CleanFiles(group.quiet, group.quiet_size), *filter(None, before)]
    rows = []
    for scanned in files.scan(candidates, is_cancelled):
        if scanned.row is not None:
            rows.append(scanned.row)
        if scanned.result is not None:
            results.append(scanned.result)
    # A file without a row may still change, or could not be scanned.
    if len(rows) == len(candidates):
        files.cache.put_group(identities, version, rows)
    return results
