"""Scans what a walk found: files, beside what could not be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tokenward.operations.scan.file_scan import CleanFiles, FileScanner, ScannedFile
from tokenward.sources.candidate import Candidate, Trouble


def scan_each(
    files: FileScanner, walked: Sequence[Candidate | Trouble], is_cancelled: Callable[[], bool]
) -> list[ScannedFile | Trouble]:
    """Return the results of some files, until cancelled."""
    scanned = files.scan([one for one in walked if isinstance(one, Candidate)], is_cancelled)
    results = [one if isinstance(one, Trouble) else next(scanned, None) for one in walked]
    return [one for one in results if one is not None]


def scan_together(
    files: FileScanner, walked: Sequence[Candidate | Trouble], is_cancelled: Callable[[], bool]
) -> list[ScannedFile | CleanFiles | Trouble]:
    """Return the same, but with the clean files counted together, and out of order."""
    troubles = [one for one in walked if isinstance(one, Trouble)]
    candidates = [one for one in walked if isinstance(one, Candidate)]
    return [*troubles, *files.scan_together(candidates, is_cancelled)]
