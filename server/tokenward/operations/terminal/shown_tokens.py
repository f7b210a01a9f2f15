"""Records the tokens that a watched command shows, each once, in the ledger and for editors."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from tokenward.custody import terminal_records
from tokenward.custody.ledger.events import JSON, Event
from tokenward.custody.ledger.ledger import Ledger
from tokenward.custody.terminal_records import (
    LONGEST_TEXT,
    LONGEST_WORD,
    MOST_FINDINGS,
    TerminalFinding,
    TerminalRecord,
)
from tokenward.detection.engine import Detector
from tokenward.errors import TokenwardError
from tokenward.findings.scan import Scanner
from tokenward.findings.stream.stream_scan import Sighting
from tokenward.model import Fingerprint, Surface
from tokenward.operations.excerpts import excerpt, without_tokens
from tokenward.operations.terminal.output import PrintedToken
from tokenward.places import shown


def record_shown(
    ledger: Ledger, found: TerminalFinding | PrintedToken, folder: str, command: str, *, is_masked: bool
) -> None:
    """Record in the ledger that a command showed a token; the command line has no possible tokens.

    Raises:
        CustodyError: the ledger cannot be written.
    """
    detail: dict[str, JSON] = {
        "surface": Surface.TERMINAL.value,
        "rule": found.rule,
        "provider": found.provider,
        "command": command,
        "masked": is_masked,
    }
    ledger.record(Event.FOUND, fingerprint=found.fingerprint, origin=folder, detail=detail)


class ShownTokens:
    """Collects sightings, which a separate thread records.

    Attributes:
        findings: the first MOST_FINDINGS tokens, in the order in which they were shown.
        count: the number of tokens.
    """

    def __init__(
        self, scanner: Scanner, ledger: Ledger, folder: Path, record: TerminalRecord, *, is_masked: bool
    ) -> None:
        """Take the folder of the records for editors, and the command's, with its folder in the user's spelling."""
        self.findings: list[TerminalFinding] = []
        self.count = 0
        self._scanner = scanner
        self._ledger = ledger
        self._folder = folder
        self._record = record
        self._is_masked = is_masked
        self._written = 0
        self._known: set[Fingerprint] = set()
        self._pool = ThreadPoolExecutor(1)
        self._fault: str | None = None

    def add(self, sighting: Sighting) -> None:
        """Add a token that was shown, perhaps not for the first time."""
        fingerprint = self._scanner.fingerprint(sighting.detection.secret.reveal())
        if fingerprint in self._known:
            return
        self._known.add(fingerprint)
        self.count += 1
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(_finding(self._scanner.detector, sighting, fingerprint))
            self._pool.submit(self._write)

    def close(self) -> str | None:
        """Wait until all tokens are recorded; if one is not, return the reason as a sentence."""
        self._pool.shutdown()
        return self._fault

    def _write(self) -> None:
        """Record the new tokens; the call before may have recorded all of them."""
        findings = tuple(self.findings)
        new, self._written = findings[self._written :], len(findings)
        if not new:
            return
        try:
            # The name of a folder may be a token, too.
            cwd = without_tokens(self._scanner.detector, self._record.cwd)
            terminal_records.write(self._folder, replace(self._record, cwd=cwd, findings=findings))
            for finding in new:
                record_shown(self._ledger, finding, cwd, self._record.command, is_masked=self._is_masked)
        except TokenwardError as error:
            self._fault = str(error)
        except Exception as error:  # noqa: BLE001 - the command goes on; the text may hold a value
            self._fault = (
                f"The tokens that were shown could not be recorded (unexpected {type(error).__name__})"
            )


def _finding(detector: Detector, sighting: Sighting, fingerprint: Fingerprint) -> TerminalFinding:
    detection, segment = sighting.detection, sighting.segment
    try:
        lines = "\n".join(excerpt(detector, segment.text, detection).lines)
    except Exception:  # noqa: BLE001 - the token is reported all the same
        lines = ""
    return TerminalFinding(
        rule=shown(detection.rule)[:LONGEST_WORD],
        provider=shown(detection.provider.name)[:LONGEST_WORD],
        label=shown(detection.label)[:LONGEST_WORD],
        fingerprint=fingerprint,
        line=segment.line + segment.text.count("\n", 0, detection.span.start),
        excerpt=lines[:LONGEST_TEXT],
    )
