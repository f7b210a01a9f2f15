"""Finds the tokens in a command's terminal output: bytes in, tokens out, each once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tokenward.detection.claims.claims import read_claims
from tokenward.detection.detection import Detection
from tokenward.fast_dataclasses import dataclass
from tokenward.findings.excerpt import Excerpt
from tokenward.findings.scan import DOCUMENT_DEADLINE, Scanner
from tokenward.findings.stream.stream_scan import Sighting, StreamScanner
from tokenward.model import NO_CLAIMS, Claims, Fingerprint, Secret
from tokenward.operations.excerpts import excerpt, without_tokens
from tokenward.rewriting.naming import environment_name

MOST_TOKENS = 100
"""The most tokens of a command; nobody would read through more."""

_ASSIGNED = re.compile(r"([A-Za-z_][A-Za-z0-9_]{0,63})[\"']?\s?[=:]\s?[\"']?\Z")
_BEFORE = 80
_TELLING = 12
"""The length of text that a name and a value may not have in common."""


@dataclass(frozen=True, slots=True)
class PrintedToken:
    """A token in a command's output or command line, without its value.

    Attributes:
        whole: it is certainly the whole token.
        variable: its default name in the keyring.
        line: the line of the output that it starts in, from 0; None for the command line.
        claims: the value's claims about itself.
    """

    rule: str
    provider: str
    label: str
    fingerprint: Fingerprint
    whole: bool
    variable: str
    line: int | None
    excerpt: Excerpt
    claims: Claims = NO_CLAIMS


@dataclass(frozen=True, slots=True)
class Heading:
    """A command and where it ran; every text is printable, contains no token, and is empty if unknown.

    Attributes:
        terminal: the user's name of the terminal.
        exit_code: None while it runs, or if unknown.
    """

    command: str = ""
    terminal: str = ""
    folder: str = ""
    exit_code: int | None = None


class OutputScanner:
    """Finds the tokens in a command's output; for one thread at a time."""

    def __init__(self, scanner: Scanner, columns: int) -> None:
        """Take the rules of the command's folder, and the width of its terminal, 0 if unknown."""
        self._scanner = scanner
        self._stream = StreamScanner(scanner.detector, local=scanner.local, columns=columns)
        self._known: set[Fingerprint] = set()

    def resize(self, columns: int) -> None:
        """Set the width of the terminal from now on."""
        self._stream.stream.columns = columns

    def masked(self, text: str) -> str:
        """Return a line from elsewhere, such as a command line, without its tokens."""
        return without_tokens(self._scanner.detector, text, self._scanner.local)

    def in_command(self, command: str) -> Iterator[tuple[PrintedToken, Secret]]:
        """Yield the tokens in a command line.

        Raises:
            TimeoutError: it took longer than 20 s.
        """
        found = self._scanner.detector.detect_all(
            command, local=self._scanner.local, timeout=DOCUMENT_DEADLINE
        ).found
        for detection in found:
            # As a whole line, all of which may be shown.
            yield from self._printed(detection, f"{command}\n", None)

    def feed(self, data: bytes) -> Iterator[tuple[PrintedToken, Secret]]:
        """Scan more output, and yield the tokens that are now complete, each with its value.

        Raises:
            TimeoutError: a part took longer than 60 s.
        """
        return self._new(self._stream.feed(data))

    def scan_pending(self) -> Iterator[tuple[PrintedToken, Secret]]:
        """Yield the tokens in the latest output; call this when no more is pending."""
        return self._new(self._stream.preview_sightings())

    def finish(self) -> Iterator[tuple[PrintedToken, Secret]]:
        """Yield the remaining tokens after the command has ended."""
        return self._new(self._stream.finish())

    def _new(self, sightings: Iterable[Sighting]) -> Iterator[tuple[PrintedToken, Secret]]:
        for sighting in sightings:
            text = sighting.segment.text
            line = sighting.segment.line + text.count("\n", 0, sighting.detection.span.start)
            yield from self._printed(sighting.detection, text, line)

    def _printed(
        self, detection: Detection, text: str, line: int | None
    ) -> Iterator[tuple[PrintedToken, Secret]]:
        value = detection.secret.reveal()
        fingerprint = self._scanner.fingerprint(value)
        if fingerprint in self._known or len(self._known) >= MOST_TOKENS:
            return
        self._known.add(fingerprint)
        printed = PrintedToken(
            rule=detection.rule,
            provider=detection.provider.name,
            label=detection.label,
            fingerprint=fingerprint,
            whole=detection.whole,
            variable=_name_in_line(detection, text) or detection.provider.variable,
            line=line,
            excerpt=excerpt(self._scanner.detector, text, detection, self._scanner.local),
            claims=read_claims(detection.rule, value),
        )
        yield printed, detection.secret


def _name_in_line(detection: Detection, text: str) -> str | None:
    """Return the name that the line gives to the token, unless that name repeats a part of the value."""
    start = detection.span.start
    assigned = _ASSIGNED.search(text[max(0, start - _BEFORE) : start].rpartition("\n")[2])
    name = environment_name(assigned[1] if assigned else detection.name)
    value, plain = (
        "".join(filter(str.isalnum, one)).lower() for one in (detection.secret.reveal(), name or "")
    )
    is_part = len(plain) >= _TELLING and (value[:_TELLING] in plain or plain[:_TELLING] in value)
    return None if is_part else name
