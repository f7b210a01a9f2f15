"""What every kind of scan on the command line needs, and the Report that comes of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path

from tokenward.cli.support.invocation import Setting
from tokenward.custody.store.fingerprints import Fingerprinter, load_key
from tokenward.detection.engine import Detector
from tokenward.findings.scan import Scanner
from tokenward.operations.scan.baseline import key_id, read_baseline
from tokenward.operations.scan.batch import CleanFiles
from tokenward.operations.scan.file_scan import ScannedFile
from tokenward.operations.scan.report import Report, assemble_report
from tokenward.sources.candidate import Trouble

Results = Iterable[ScannedFile | CleanFiles | Trouble]


class Work:
    """One scan, from when it began."""

    def __init__(
        self,
        setting: Setting,
        baseline: Path | None = None,
        watched: Callable[[Results], Results] = lambda results: results,
    ) -> None:
        """Begin.

        Args:
            setting: where the scan runs.
            baseline: an earlier report, whose findings are known.
            watched: gives results on as they come, and may show how many there are.

        Raises:
            BaselineUnusable: the baseline is none.
            StateDamaged: there is no usable key for fingerprints.
        """
        self._began = time.monotonic()
        self._watched = watched
        self.setting = setting
        fingerprint = Fingerprinter(load_key(setting.places.fingerprint_key))
        self._key = key_id(fingerprint)
        self._baseline = read_baseline(baseline, self._key) if baseline else None
        self.scanner = Scanner(Detector(setting.places.rules_cache), fingerprint)

    def report(self, results: Results, *, commits: int | None = None, named: Iterable[Path] = ()) -> Report:
        """What some results come to; as `assemble_report` has it."""
        return assemble_report(
            self._watched(results),
            self._began,
            key=self._key,
            baseline=self._baseline,
            commits=commits,
            named=named,
            generic=self.setting.settings.generic_severity,
        )
