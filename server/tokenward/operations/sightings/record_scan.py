"""Telling the ledger what a scan of files came to: what it found that is not on record, and what it found gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from tokenward.custody.ledger.ledger import Ledger
from tokenward.findings.scan import Scanner
from tokenward.model import Finding, Surface
from tokenward.operations.ledger_names import ledger_name
from tokenward.operations.scan.file_scan import ScannedFile
from tokenward.operations.sightings.sightings import BATCH, Standing, too_many
from tokenward.places import canonical
from tokenward.sources.candidate import Trouble

Result = TypeVar("Result")


class ScanJournal:
    """Remembers of a scan's results what the ledger is to know."""

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self._found: dict[str, tuple[Finding, ...]] = {}
        self._unsure: set[str] = set()

    def watched(self, results: Iterable[Result]) -> Iterator[Result]:
        """The results as they come."""
        for result in results:
            if isinstance(result, ScannedFile) and result.findings:
                self._found[canonical(result.place)] = result.findings
            elif isinstance(result, Trouble):
                self._unsure.add(canonical(str(result.path)))
            yield result

    def record(self, path: Path, roots: Sequence[Path]) -> Iterator[str]:
        """Tell the ledger in a file of it, once the scan is over; what it does not tell, in sentences.

        Raises:
            StateDamaged: it cannot be written.
        """
        # A user of whom nothing is known needs no ledger for that.
        if not self._found and not path.exists():
            return
        ledger = Ledger(path)
        for root in roots:
            standing = self._standing(ledger, Path(canonical(str(root))))
            due = standing.due(0)
            for start in range(0, len(due), BATCH):
                ledger.record_all(due[start : start + BATCH])
            if standing.is_full:
                yield too_many(root)

    def _standing(self, ledger: Ledger, root: Path) -> Standing:
        """What was found under a root, against what is on record."""
        is_folder = root.is_dir()
        name = ledger_name(self._scanner, str(root))
        recorded = ledger.present_tokens(root if is_folder else root.parent)
        standing = Standing({p: on for p, on in recorded.items() if is_folder or p[0] == name})
        for place in self._unsure:
            standing.unsure(ledger_name(self._scanner, place))
        for place, findings in self._found.items():
            if Path(place).is_relative_to(root):
                standing.file(ledger_name(self._scanner, place), findings, Surface.FILE, 0)
        standing.looked(0)
        return standing
