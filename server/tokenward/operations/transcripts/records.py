"""Records in the ledger which tokens are in transcripts, and which agent has seen them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path

from tokenward.custody.ledger.events import JSON, Event, NewRecord, finding_facts
from tokenward.custody.ledger.histories import histories
from tokenward.custody.ledger.ledger import Ledger
from tokenward.model import Finding, Fingerprint, Surface
from tokenward.operations.transcripts.survey import TranscriptSurvey, TranscriptToken
from tokenward.operations.transcripts.transcript_files import TranscriptRow

BATCH = 500
"""The most events in a transaction, so that other processes wait only a moment."""


def record_seen(
    ledger: Ledger, named: Callable[[str], str], found: TranscriptSurvey, read: Iterable[Path]
) -> None:
    """Record every token that is new in a file, and those that are gone from the files that were read whole.

    Raises:
        StateDamaged: the ledger cannot be written.
    """
    recorded = ledger.present_tokens(Path(Path.home().anchor))
    names = {path: named(str(path)) for path in read}
    now = {(names[path], token.fingerprint) for token in found.tokens.values() for path in token.files()}
    records = [*_new(found.tokens.values(), names, recorded)]
    known = {names[path] for path in names.keys() - found.unsure}
    records += [
        NewRecord(Event.WITHDRAWN, None, fingerprint, origin)
        for (origin, fingerprint), surface in recorded.items()
        if surface == Surface.TRANSCRIPT and origin in known and (origin, fingerprint) not in now
    ]
    for start in range(0, len(records), BATCH):
        ledger.record_all(records[start : start + BATCH])


def seen_record(
    finding: Finding, origin: str, row: TranscriptRow, *, how: str, when: datetime, line: int
) -> NewRecord:
    """Return the record of a token in a transcript."""
    detail: dict[str, JSON] = {
        **finding_facts(finding),
        "surface": Surface.TRANSCRIPT.value,
        "how": how,
        "seen": when.isoformat(timespec="seconds"),
        ("agent" if row.is_agent else "by"): row.agent,
    }
    if line:
        detail["line"] = line
    return NewRecord(Event.FOUND, None, finding.fingerprint, origin, None, detail)


def seen_by_agents(ledger: Ledger) -> Counter[str]:
    """Return how many tokens, not revoked since, are known from the transcripts of each agent that has any.

    Raises:
        StateDamaged: the ledger cannot be read.
    """
    numbers: Counter[str] = Counter()
    for token in histories(ledger.records()):
        numbers.update({sight.agent: 0 if token.revoked else 1 for sight in token.sights})
    return numbers


def _new(
    tokens: Iterable[TranscriptToken], names: dict[Path, str], recorded: dict[tuple[str, Fingerprint], str]
) -> Iterator[NewRecord]:
    for token in tokens:
        for path in token.files():
            if (names[path], token.fingerprint) not in recorded:
                there = [place for place in token.places if place.file.path == path]
                first = min(there, key=lambda place: place.when)
                how = ", ".join(dict.fromkeys(place.origin.value for place in there))
                yield seen_record(
                    token.finding, names[path], first.file.row, how=how, when=first.when, line=first.line
                )
