"""Records the results of a scan in the ledger: new tokens, and those that are gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from tokenward.custody.ledger.ledger import Ledger
from tokenward.findings.scan import Scanner
from tokenward.model import Finding, Surface
from tokenward.operations.ledger_names import ledger_name
from tokenward.operations.scan.file_scan import ScannedFile
from tokenward.operations.sightings.sightings import BATCH, Sightings, too_many
from tokenward.places import canonical
from tokenward.sources.candidate import Trouble

Result = TypeVar("Result")


class ScanRecorder:
    """Collects the findings of a scan for the ledger."""

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self._found: dict[str, tuple[Finding, ...]] = {}
        self._unknown: set[str] = set()

    def collected(self, results: Iterable[Result]) -> Iterator[Result]:
        """Yield the results as they come, and collect their findings."""
        for result in results:
            if isinstance(result, ScannedFile) and result.findings:
                self._found[canonical(result.place)] = result.findings
            elif isinstance(result, Trouble):
                self._unknown.add(canonical(str(result.path)))
            yield result

    def record(self, path: Path, roots: Sequence[Path]) -> Iterator[str]:
        """Record the findings after the scan in the ledger at a path; yield sentences about those left out.

        Raises:
            StateDamaged: the ledger cannot be written.
        """
        # A scan without findings needs no ledger.
        if not self._found and not path.exists():
            return
        ledger = Ledger(path)
        for root in roots:
            sightings = self._sightings(ledger, Path(canonical(str(root))))
            due = sightings.due(0)
            for start in range(0, len(due), BATCH):
                ledger.record_all(due[start : start + BATCH])
            if sightings.is_full:
                yield too_many(root)

    def _sightings(self, ledger: Ledger, root: Path) -> Sightings:
        """Return the findings under a root, compared with the records."""
        is_folder = root.is_dir()
        name = ledger_name(self._scanner, str(root))
        recorded = ledger.present_tokens(root if is_folder else root.parent)
        sightings = Sightings({p: on for p, on in recorded.items() if is_folder or p[0] == name})
        for place in self._unknown:
            sightings.set_unknown(ledger_name(self._scanner, place))
        for place, findings in self._found.items():
            if Path(place).is_relative_to(root):
                sightings.set_file(ledger_name(self._scanner, place), findings, Surface.FILE, 0)
        sightings.finish_scan(0)
        return sightings
