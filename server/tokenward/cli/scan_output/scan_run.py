"""One scan on the command line: its scanner, its baseline, and the Report of its results."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from pathlib import Path

from tokenward.cli.support.invocation import Invocation
from tokenward.cli.support.terminal import note
from tokenward.custody.callers.asker import LeftToCommand
from tokenward.detection.engine import Detector
from tokenward.errors import StateDamaged
from tokenward.operations.scan.baseline import key_id, read_baseline
from tokenward.operations.scan.file_scan import CleanFiles, ScannedFile
from tokenward.operations.scan.report import Report, assemble_report
from tokenward.operations.scan.skipped import SkippedFiles
from tokenward.operations.sightings import ScanRecorder
from tokenward.sources.candidate import Trouble

Results = Iterable[ScannedFile | CleanFiles | Trouble]


MOST_FILES, MOST_BYTES = 200, 4_000_000
"""What the daemon scans for a command, which waits only for a while."""
_loaded: list[Detector] = []
"""The detector of the daemon for scans."""


def load_rules(rules_cache: Path) -> None:
    """Load the rules for the scans of the processes that this one forks."""
    detector = Detector(rules_cache)
    detector.load_whole()
    _loaded.append(detector)


def _few(results: Results) -> Results:
    """Pass on the results of a few files.

    Raises:
        LeftToCommand: there are more, or they are large.
    """
    files = size = 0
    for result in results:
        if not isinstance(result, Trouble):
            files += result.files if isinstance(result, CleanFiles) else 1
            size += result.size
        if files > MOST_FILES or size > MOST_BYTES:
            raise LeftToCommand
        yield result


def _announce() -> None:
    note("Compiling the rules, once; this takes a few seconds.")


class ScanRun:
    """One scan, from its start to its report."""

    def __init__(
        self,
        invocation: Invocation,
        baseline: Path | None = None,
        with_progress: Callable[[Results], Results] | None = None,
    ) -> None:
        """Start the scan.

        Args:
            invocation: where the scan runs.
            baseline: an earlier report with known findings.
            with_progress: passes results on, and may show their number.

        Raises:
            BaselineUnusable: the baseline cannot be used.
            StateDamaged: there is no usable key for fingerprints.
        """
        self._started = time.monotonic()
        self._with_progress = with_progress or (_few if _loaded else iter)
        self.invocation = invocation
        self.scanner = invocation.scanner(_loaded[-1] if _loaded else None, announce=_announce)
        self._key = key_id(self.scanner.fingerprint)
        self._baseline = read_baseline(baseline, self._key) if baseline else None

    def report(self, results: Results, *, commits: int | None = None, named: Iterable[Path] = ()) -> Report:
        """Return the report of some results, with the arguments of `assemble_report`."""
        return assemble_report(
            self._with_progress(results),
            self._started,
            key=self._key,
            baseline=self._baseline,
            commits=commits,
            named=named,
            generic=self.invocation.settings.generic_severity,
        )

    def record_and_report(
        self, results: Results, roots: Sequence[Path], *, named: Iterable[Path], skipped: SkippedFiles
    ) -> Report:
        """Return the report of a scan of folders, and record its findings; a damaged ledger does not change it."""
        journal = ScanRecorder(self.scanner)
        # Not collected, because a notice about several files must not make the ledger unsure of others.
        unread = skipped.troubles(self.invocation.folder)
        report = self.report(chain(journal.collected(results), unread), named=named)
        try:
            for remark in journal.record(self.invocation.places.ledger, roots):
                note(remark)
        except StateDamaged as error:
            note(f"The findings were not recorded in the ledger: {error}")
        return report
