"""What a command in a terminal prints, watched: bytes in, tokens out, each of them once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tokenward.detection.claims.claims import read_claims
from tokenward.detection.detection import Detection
from tokenward.findings.scan import DOCUMENT_DEADLINE, Scanner
from tokenward.findings.stream.stream_scan import Sighting, StreamScanner
from tokenward.model import Fingerprint, Secret
from tokenward.operations.excerpts import excerpt, without_tokens
from tokenward.operations.terminal.printed import Printed
from tokenward.rewriting.naming import environment_name

MOST_TOKENS = 100
"""Of one command; what prints more prints no tokens that anybody would look at one by one."""

_ASSIGNED = re.compile(r"([A-Za-z_][A-Za-z0-9_]{0,63})[\"']?\s?[=:]\s?[\"']?\Z")
_BEFORE = 80
_TELLING = 12
"""Characters that a name and a value may not have in common."""


class Output:
    """One command's output; to be used by one thread at a time."""

    def __init__(self, scanner: Scanner, columns: int) -> None:
        """Take the rules that hold where the command runs, and the width of its terminal, 0 when that is not known."""
        self._scanner = scanner
        self._stream = StreamScanner(scanner.detector, local=scanner.local, columns=columns)
        self._known: set[Fingerprint] = set()

    def resize(self, columns: int) -> None:
        """Go on in a terminal of another width."""
        self._stream.stream.columns = columns

    def masked(self, text: str) -> str:
        """A line from elsewhere, such as a command line, without the tokens in it."""
        return without_tokens(self._scanner.detector, text, self._scanner.local)

    def in_command(self, command: str) -> Iterator[tuple[Printed, Secret]]:
        """The tokens of a command line.

        Raises:
            TimeoutError: it took longer than 20 s.
        """
        found = self._scanner.detector.detect_all(
            command, local=self._scanner.local, timeout=DOCUMENT_DEADLINE
        ).found
        for detection in found:
            # A whole line, of which all may be shown.
            yield from self._printed(detection, f"{command}\n", None)

    def feed(self, data: bytes) -> Iterator[tuple[Printed, Secret]]:
        """Take what was printed; gives tokens, each with its value, but not all that came.

        Raises:
            TimeoutError: a part took longer than 60 s.
        """
        return self._new(self._stream.feed(data))

    def look(self) -> Iterator[tuple[Printed, Secret]]:
        """The tokens in what came last, to be asked for when nothing more is waiting."""
        return self._new(self._stream.preview_sightings())

    def finish(self) -> Iterator[tuple[Printed, Secret]]:
        """What is left when the command has ended."""
        return self._new(self._stream.finish())

    def _new(self, sightings: Iterable[Sighting]) -> Iterator[tuple[Printed, Secret]]:
        for sighting in sightings:
            text = sighting.segment.text
            line = sighting.segment.line + text.count("\n", 0, sighting.detection.span.start)
            yield from self._printed(sighting.detection, text, line)

    def _printed(self, detection: Detection, text: str, line: int | None) -> Iterator[tuple[Printed, Secret]]:
        value = detection.secret.reveal()
        fingerprint = self._scanner.fingerprint(value)
        if fingerprint in self._known or len(self._known) >= MOST_TOKENS:
            return
        self._known.add(fingerprint)
        provider = detection.provider
        printed = Printed(
            rule=detection.rule,
            provider=provider.name,
            label=f"{provider.token} ({provider.label(value)})",
            fingerprint=fingerprint,
            whole=detection.whole,
            variable=_name(detection, text) or provider.variable,
            line=line,
            excerpt=excerpt(self._scanner.detector, text, detection, self._scanner.local),
            claims=read_claims(detection.rule, value),
        )
        yield printed, detection.secret


def _name(detection: Detection, text: str) -> str | None:
    """What the line calls the token, unless that is a part of it."""
    start = detection.span.start
    assigned = _ASSIGNED.search(text[max(0, start - _BEFORE) : start].rpartition("\n")[2])
    name = environment_name(assigned[1] if assigned else detection.name)
    value, plain = _letters(detection.secret.reveal()), _letters(name or "")
    is_part = len(plain) >= _TELLING and (value[:_TELLING] in plain or plain[:_TELLING] in value)
    return None if is_part else name


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).lower()
