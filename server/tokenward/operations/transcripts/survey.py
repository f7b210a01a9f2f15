"""Finds the tokens in transcripts: which, where, how each got there, when, and whether a model saw it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from pathlib import Path

from tokenward.detection.detection import Detection
from tokenward.errors import TokenwardError
from tokenward.findings.known_values.encodings import SHORTEST
from tokenward.findings.scan import DOCUMENT_DEADLINE, Scanner
from tokenward.model import Finding, Fingerprint, Secret
from tokenward.operations.transcripts.reading import PIECE, PlacedPassage, is_identifier, read_passages
from tokenward.operations.transcripts.transcript_files import Arrival, Format, TranscriptFile
from tokenward.places import shown

MOST_PLACES = 10_000
"""The most places of a token that are remembered."""
_NAME = "transcript"
_LONGEST_NAMED = 512
_BETWEEN = "\n\n"
_SESSION = "tokenward.cookie-session"
"""The rule that takes the name of an agent's session for that of a web site's."""


@dataclass(frozen=True, slots=True)
class TranscriptPlace:
    """A token in a transcript.

    Attributes:
        line: the line of the file, or the row of a database's table, from 1; 0 if unknown.
    """

    file: TranscriptFile
    origin: Arrival
    when: datetime
    line: int

    @property
    def agent(self) -> str:
        """Return the agent or program whose file it is."""
        return self.file.row.agent


@dataclass(slots=True)
class TranscriptToken:
    """A token that is in transcripts, with its value, and its places in the order in which they were read."""

    finding: Finding
    secret: Secret
    places: list[TranscriptPlace] = field(default_factory=list)

    @property
    def fingerprint(self) -> Fingerprint:
        """Return the fingerprint of the value."""
        return self.finding.fingerprint

    @property
    def agents(self) -> list[str]:
        """Return the AI agents that have seen it, in order of time."""
        ordered = sorted((one for one in self.places if one.file.row.is_agent), key=lambda one: one.when)
        return [*dict.fromkeys(one.agent for one in ordered)]

    def files(self) -> list[Path]:
        """Return the files that it is in."""
        return [*dict.fromkeys(one.file.path for one in self.places)]


@dataclass(slots=True)
class TranscriptSurvey:
    """The tokens in transcripts.

    Attributes:
        tokens: by fingerprint, in the order in which they were found.
        files: the number of files that were read.
        troubles: a sentence about each file that was not read, or not to its end.
        unsure: these files.
    """

    tokens: dict[Fingerprint, TranscriptToken] = field(default_factory=dict)
    files: int = 0
    troubles: list[str] = field(default_factory=list)
    unsure: set[Path] = field(default_factory=set)

    def of(self, path: Path) -> list[TranscriptToken]:
        """Return the tokens in a file."""
        return [token for token in self.tokens.values() if path in token.files()]


def survey(scanner: Scanner, files: Iterable[TranscriptFile]) -> TranscriptSurvey:
    """Read files, each as a stream, and return the tokens in them."""
    found = TranscriptSurvey()
    for file in files:
        found.files += 1
        try:
            for batch in _batches(read_passages(file)):
                for placed, detection, finding in _detections(scanner, batch):
                    _add(found, file, placed, detection, finding)
        except TimeoutError:
            found.troubles.append(
                f"{shown(file.path)} took too long to search, so a part of it was not read."
            )
            found.unsure.add(file.path)
        except TokenwardError as error:
            found.troubles.append(str(error))
            found.unsure.add(file.path)
    return found


def _batches(passages: Iterator[PlacedPassage]) -> Iterator[list[PlacedPassage]]:
    batch: list[PlacedPassage] = []
    size = 0
    # A file that turns out to be unreadable still has its first passages searched.
    try:
        for placed in passages:
            if len(placed.passage.text) < SHORTEST:
                continue
            batch.append(placed)
            size += len(placed.passage.text)
            if size > PIECE:
                yield batch
                batch, size = [], 0
    except TokenwardError:
        yield batch
        raise
    yield batch


def _detections(
    scanner: Scanner, batch: Sequence[PlacedPassage]
) -> Iterator[tuple[PlacedPassage, Detection, Finding]]:
    """Yield the tokens in some passages, which are searched as one text, each by its own passage."""
    written = [_written(placed.passage.text, placed.passage.key) for placed in batch]
    starts = [0, *accumulate(len(before) + len(text) + len(after) for before, text, after in written)]
    text = "".join(piece for pieces in written for piece in pieces)
    found = scanner.detector.detect_all(text, _NAME, local=scanner.local, timeout=DOCUMENT_DEADLINE).found
    for detection, finding in zip(found, scanner.findings(text, found), strict=True):
        at = bisect_right(starts, detection.span.start) - 1
        # What runs into the next passage is two texts that only look like one token.
        is_one = detection.span.end <= starts[at + 1] - len(_BETWEEN)
        key = "session_id" if detection.rule == _SESSION else batch[at].passage.key
        if is_one and not is_identifier(key, detection.secret.reveal()):
            yield batch[at], detection, finding


def _written(text: str, key: str) -> tuple[str, str, str]:
    """Return a text between what it is searched with: its key, by which some tokens are recognised."""
    is_value = len(text) <= _LONGEST_NAMED and not any(one in text for one in '"\\\n\r')
    if key and is_value and key.isprintable() and '"' not in key:
        return f'"{key}": "', text, f'"{_BETWEEN}'
    return "", text, _BETWEEN


def _add(
    survey_: TranscriptSurvey,
    file: TranscriptFile,
    placed: PlacedPassage,
    detection: Detection,
    finding: Finding,
) -> None:
    token = survey_.tokens.setdefault(finding.fingerprint, TranscriptToken(finding, detection.secret))
    line, passage = placed
    if line and not passage.key and file.row.format in (Format.TEXT, Format.CHAT):
        line += passage.text.count("\n", 0, max(0, passage.text.find(detection.secret.reveal())))
    assert passage.when is not None  # noqa: S101 - the file's own time at least
    if len(token.places) < MOST_PLACES:
        token.places.append(TranscriptPlace(file, passage.origin, passage.when, line))
