"""The Report of a scan: what every format is made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from tokenward.model import Profile

Severity = Literal["error", "warning", "information"]


@dataclass(frozen=True, slots=True)
class Report:
    """All that a scan tells; holds no value."""

    findings: tuple[ReportedFinding, ...]
    summary: Summary


@dataclass(frozen=True, slots=True)
class ReportedFinding:
    """One token at one place in one file.

    Attributes:
        path: relative to the scanned root, with `/`; may hold anything that a file name may.
        start_offset: the token's first byte in the file.
        end_offset: one past its last byte.
        start: its first character.
        end: one past its last character.
        rule: the full id of the rule that matched.
        provider: whose token it is, as a person writes it.
        severity: how much it matters.
        fingerprint: tells equal values from different ones, on one machine.
        label: what is shown in place of the value.
        profile: what is known of such tokens, and of this one.
        commit: the hash of the first commit with it, when all commits were scanned.
    """

    path: str
    start_offset: int
    end_offset: int
    start: Position
    end: Position
    rule: str
    provider: str
    severity: Severity
    fingerprint: str
    label: str
    profile: Profile
    commit: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file as LSP counts by default: line and character from 0, characters in UTF-16 units."""

    line: int
    character: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What was looked at, and what was not.

    Attributes:
        files: how many were scanned.
        bytes: how much they hold.
        seconds: how long it took.
        findings: how many tokens are reported.
        commits: how many were scanned; None when files were, as they are at one time.
        silenced: what would be reported, had nothing silenced it.
        known: what would be reported, were it not in a baseline; None without one.
        left_out: a sentence for each thing that was not scanned.
        is_partial: among them is what the user named, or what could not be scanned although it should have been.
        fingerprint_key: tells by which key the fingerprints were made.
        ended: when the scan was over; has a time zone.
    """

    files: int
    bytes: int
    seconds: float
    findings: int
    commits: int | None = None
    silenced: tuple[Silenced, ...] = ()
    known: Known | None = None
    left_out: tuple[str, ...] = ()
    is_partial: bool = False
    fingerprint_key: str = ""
    ended: datetime = field(default_factory=lambda: datetime.now(UTC), compare=False)

    @property
    def started(self) -> datetime:
        return self.ended - timedelta(seconds=self.seconds)


@dataclass(frozen=True, slots=True)
class Silenced:
    """How many findings one source silences, such as `.tokenwardignore`."""

    source: str
    count: int


@dataclass(frozen=True, slots=True)
class Known:
    """How many findings a baseline has already."""

    baseline: str
    count: int
