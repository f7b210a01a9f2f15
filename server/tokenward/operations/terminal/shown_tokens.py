"""The tokens that a watched command shows: each once, told to the ledger and to editors."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
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
from tokenward.findings.stream.stream_scan import Sighting
from tokenward.model import Fingerprint, Surface
from tokenward.operations.excerpts import excerpt, without_tokens
from tokenward.operations.terminal.printed import Printed
from tokenward.places import shown


@dataclass(frozen=True, slots=True)
class Books:
    """Where it is written down.

    Attributes:
        folder: of the records for editors.
        is_masked: the values themselves are not shown.
    """

    ledger: Ledger
    folder: Path
    is_masked: bool


def record_shown(
    ledger: Ledger, found: TerminalFinding | Printed, folder: str, command: str, *, is_masked: bool
) -> None:
    """Tell the ledger that a command showed a token.

    Args:
        ledger: is told.
        found: the token.
        folder: where the command was started.
        command: what was run, without what could be a token.
        is_masked: the value itself was not shown.

    Raises:
        CustodyError: it cannot be written.
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
    """Takes sightings; what takes time is done by a thread of its own.

    Attributes:
        findings: the first MOST_FINDINGS tokens, in the order in which they were shown.
        count: how many there were.
    """

    def __init__(
        self,
        detector: Detector,
        fingerprint: Callable[[str], Fingerprint],
        books: Books,
        record: TerminalRecord,
    ) -> None:
        """Take a record whose folder still is as the user wrote it."""
        self.findings: list[TerminalFinding] = []
        self.count = 0
        self._detector = detector
        self._fingerprint = fingerprint
        self._books = books
        self._record = record
        self._is_clean = False
        self._written = 0
        self._known: set[Fingerprint] = set()
        self._pool = ThreadPoolExecutor(1)
        self._fault: str | None = None

    def tell(self, sighting: Sighting) -> None:
        """Take a token that was shown."""
        value = sighting.detection.secret.reveal()
        fingerprint = self._fingerprint(value)
        if fingerprint in self._known:
            return
        self._known.add(fingerprint)
        self.count += 1
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(_finding(self._detector, sighting, fingerprint, value))
            self._pool.submit(self._write)

    def close(self) -> str | None:
        """Wait until all is written down; why something was not, as a sentence, or None."""
        self._pool.shutdown()
        return self._fault

    def _write(self) -> None:
        try:
            self._write_new()
        except TokenwardError as error:
            self._fault = str(error)
        except Exception as error:  # noqa: BLE001 - the command goes on; the text may hold a value
            self._fault = f"What was shown could not be written down (unexpected {type(error).__name__})"

    def _write_new(self) -> None:
        """Write what is not yet written; nothing to do when the call before found all of it."""
        findings = tuple(self.findings)
        if self._written == len(findings):
            return
        new, self._written = findings[self._written :], len(findings)
        record = dataclasses.replace(self._cleaned(), findings=findings)
        terminal_records.write(self._books.folder, record)
        for finding in new:
            record_shown(
                self._books.ledger, finding, record.cwd, record.command, is_masked=self._books.is_masked
            )

    def _cleaned(self) -> TerminalRecord:
        """The record, once the tokens in its folder's path are taken out."""
        if not self._is_clean:
            cwd = without_tokens(self._detector, self._record.cwd)
            self._record = dataclasses.replace(self._record, cwd=cwd)
            self._is_clean = True
        return self._record


def _finding(detector: Detector, sighting: Sighting, fingerprint: Fingerprint, value: str) -> TerminalFinding:
    detection, segment = sighting.detection, sighting.segment
    provider = detection.provider
    return TerminalFinding(
        rule=_word(detection.rule),
        provider=_word(provider.name),
        label=_word(f"{provider.token} ({provider.label(value)})"),
        fingerprint=fingerprint,
        line=segment.line + segment.text.count("\n", 0, detection.span.start),
        excerpt=_excerpt(detector, sighting),
    )


def _excerpt(detector: Detector, sighting: Sighting) -> str:
    try:
        lines = excerpt(detector, sighting.segment.text, sighting.detection).lines
        return "\n".join(lines)[:LONGEST_TEXT]
    except Exception:  # noqa: BLE001 - what is shown to the user does not depend on it
        return ""


def _word(text: str) -> str:
    return shown(text)[:LONGEST_WORD]
