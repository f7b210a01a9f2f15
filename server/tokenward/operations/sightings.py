"""Compares where tokens were seen with the records, and yields the changes once they have lasted."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias, TypeVar

from tokenward.custody.ledger.events import Event, NewRecord, finding_facts, storable
from tokenward.custody.ledger.ledger import Ledger
from tokenward.findings.scan import Scanner
from tokenward.model import Finding, Fingerprint, Surface
from tokenward.operations.excerpts import ledger_name
from tokenward.operations.scan.file_scan import ScannedFile
from tokenward.places import canonical, shown
from tokenward.sources.candidate import Trouble

BATCH = 500
"""The most events in a transaction, so that other processes wait only a moment."""
MOST_PLACES = 10_000
"""The most places of a folder on record at a time; more would only fill the disk."""
_SCANNED = (Surface.FILE.value, Surface.DOCUMENT.value)
"""The surfaces that a scan of the whole folder covers."""

Place: TypeAlias = tuple[str, Fingerprint]
"""A token in a text, by the text's name in the ledger."""
Change: TypeAlias = tuple[Fingerprint, Event]
Result = TypeVar("Result")


class _Seen(NamedTuple):
    """The tokens of a text, each at its first place."""

    surface: Surface
    tokens: Mapping[Fingerprint, Finding]

    @classmethod
    def of(cls, surface: Surface, findings: Iterable[Finding]) -> _Seen:
        tokens: dict[Fingerprint, Finding] = {}
        for finding in findings:
            tokens.setdefault(finding.fingerprint, finding)
        return cls(surface, tokens)


_NOTHING = _Seen(Surface.FILE, {})


class Sightings:
    """The tokens in the files and open documents of a folder.

    A token is in a text while its file or its document contains it, so that neither typing nor closing without saving
    makes it seem gone from a file that still has it.

    Attributes:
        is_full: something was left out because the limit is reached.
    """

    def __init__(self, recorded: Mapping[Place, str]) -> None:
        """Start with the places on record, each with the surface where it was seen."""
        self._recorded: dict[str, dict[Fingerprint, str]] = {}
        for (origin, fingerprint), surface in recorded.items():
            self._recorded.setdefault(origin, {})[fingerprint] = surface
        self._count = len(recorded)
        self._files: dict[str, _Seen] = {}
        self._documents: dict[str, _Seen] = {}
        self._unsure: set[str] = set()
        self._was_scanned = False
        self._since: dict[str, dict[Change, float]] = {}
        self.is_full = False

    def set_file(self, origin: str, findings: Iterable[Finding], surface: Surface, now: float) -> None:
        """Set the findings of a file on the disk, possibly none."""
        self._unsure.discard(storable(origin))
        self._files[storable(origin)] = _Seen.of(surface, findings)
        self._compare(storable(origin), now)

    def set_unknown(self, origin: str) -> None:
        """Treat the content of a file, or of all files of a folder, as unknown."""
        within = os.path.join(storable(origin), "")  # noqa: PTH118 - pathlib drops the separator
        for one in (storable(origin), *(known for known in self._recorded if known.startswith(within))):
            self._unsure.add(one)
            self._forget(one)

    def set_document(self, origin: str, findings: Iterable[Finding], now: float) -> None:
        """Set the findings of an open document."""
        self._documents[storable(origin)] = _Seen.of(Surface.DOCUMENT, findings)
        self._compare(storable(origin), now)

    def close_document(self, origin: str, now: float) -> None:
        """Let only the file count from now on."""
        if self._documents.pop(storable(origin), None) is not None:
            self._compare(storable(origin), now)

    def finish_scan(self, now: float) -> None:
        """Treat files without a result as empty, because every file was scanned."""
        self._was_scanned = True
        for origin in tuple(self._recorded):
            self._compare(origin, now)

    def due(self, until: float) -> list[NewRecord]:
        """Return the changes to record that have lasted since a time or longer."""
        return [
            self._record_of(origin, *change)
            for origin, changes in self._since.items()
            for change, since in changes.items()
            if since <= until
        ]

    def next_change(self) -> float | None:
        """Return since when the oldest change has been waiting to be recorded, or None."""
        return min((since for changes in self._since.values() for since in changes.values()), default=None)

    def mark_recorded(self, happenings: Iterable[NewRecord]) -> None:
        """Mark due changes as recorded."""
        for happening in happenings:
            origin, fingerprint = str(happening.origin), Fingerprint(str(happening.fingerprint))
            del self._since[origin][fingerprint, happening.event]
            if happening.event is Event.FOUND:
                self._recorded.setdefault(origin, {})[fingerprint] = str(happening.detail["surface"])
            else:
                del self._recorded[origin][fingerprint]
                self._count -= 1

    def _compare(self, origin: str, now: float) -> None:
        """Note which changes of a text to record, and since when; drop those that were undone."""
        if origin in self._unsure:
            return
        before = self._forget(origin)
        changes = {change: before.get(change, now) for change in self._changes(origin)}
        if changes:
            self._since[origin] = changes

    def _forget(self, origin: str) -> dict[Change, float]:
        """Drop the waiting changes of a text, and return them."""
        before = self._since.pop(origin, {})
        self._count -= sum(event is Event.FOUND for _, event in before)
        return before

    def _changes(self, origin: str) -> Iterator[Change]:
        found = [self._files.get(origin, _NOTHING), self._documents.get(origin, _NOTHING)]
        tokens = dict.fromkeys(fingerprint for seen in found for fingerprint in seen.tokens)
        known = self._recorded.get(origin, {})
        for fingerprint in tokens:
            if fingerprint in known:
                continue
            if self._count < MOST_PLACES:
                self._count += 1
                yield fingerprint, Event.FOUND
            else:
                self.is_full = True
        for fingerprint, surface in known.items():
            is_surely_gone = origin in self._files or (self._was_scanned and surface in _SCANNED)
            if fingerprint not in tokens and is_surely_gone:
                yield fingerprint, Event.WITHDRAWN

    def _record_of(self, origin: str, fingerprint: Fingerprint, event: Event) -> NewRecord:
        if event is Event.WITHDRAWN:
            return NewRecord(event, None, fingerprint, origin)
        file = self._files.get(origin, _NOTHING)
        seen = file if fingerprint in file.tokens else self._documents[origin]
        finding = seen.tokens[fingerprint]
        where = {"surface": seen.surface.value, "line": finding.start.line + 1}
        return NewRecord(event, None, fingerprint, origin, None, {**finding_facts(finding), **where})


def too_many(folder: Path) -> str:
    """Return the sentence that the ledger does not record all tokens of a folder."""
    return (
        f"The ledger records at most {MOST_PLACES:,} tokens in {shown(folder)}; move or remove some, or open a "
        "smaller folder."
    )


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
