"""One log file that is watched: the tokens that come in it, each once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tokenward.detection.claims.claims import read_claims
from tokenward.detection.detection import Detection
from tokenward.detection.log_identifiers import identifiers
from tokenward.findings.stream.stream_scan import StreamScanner
from tokenward.model import FilePlace, Finding, Fingerprint, Point
from tokenward.sources.logs.log_file import Portion
from tokenward.text import Encoding, to_units

MOST_REMEMBERED = 10_000
"""Tokens of one file that are known again."""


@dataclass(frozen=True, slots=True)
class LogToken:
    """A token in a log file.

    Attributes:
        line: the line of the file that it begins in, from 1; None when that is not known.
        finding: where it is in the file, as far as that is known.
    """

    line: int | None
    finding: Finding


class WatchedLog:
    """Portions in, tokens out. Memory is bounded."""

    def __init__(
        self, scanner: Callable[[], StreamScanner], fingerprint: Callable[[str], Fingerprint]
    ) -> None:
        """Take how a scanner with the file's rules is made, and what tells values apart."""
        self._new_scanner = scanner
        self._fingerprint = fingerprint
        self._scanner: StreamScanner | None = None
        self._told: dict[Fingerprint, None] = {}
        self._recent = bytearray()
        """What the scanner may show again, and maybe more."""
        self._start = 0
        """How many bytes the scanner got before that."""
        self._at = 0
        """Where in the file the scanner began."""
        self._line: int | None = 0
        """How many line feeds stand before it in the file."""

    def take(self, portion: Portion) -> Iterator[LogToken]:
        """Take what came; gives the tokens that are surely whole, but for those that only a look shows.

        Raises:
            TimeoutError: it took too long to search.
        """
        if portion.begins:
            yield from self.rest()
        scanner = self._scanner
        if scanner is None:
            self._scanner = scanner = self._new_scanner()
            self._recent.clear()
            self._start, self._line, self._at = 0, portion.line, portion.at
        self._recent += portion.data
        for sighting in scanner.feed(portion.data):
            yield from self._token(sighting.detection, sighting.received)
        self._forget(scanner.stream.oldest - self._start)

    def look(self) -> Iterator[LogToken]:
        """Yield the tokens in what came last, but for one that may go on with the next byte.

        Raises:
            TimeoutError: as for `take`.
        """
        for sighting in self._scanner.look() if self._scanner else ():
            yield from self._token(sighting.detection, sighting.received)

    def late_look(self) -> Iterator[LogToken]:
        """That one too, for it has not gone on for a while.

        Raises:
            TimeoutError: as for `take`.
        """
        if self._scanner is not None:
            segment, found = self._scanner.glance()
            for detection in found:
                yield from self._token(detection, segment.received(detection.span))

    def rest(self) -> Iterator[LogToken]:
        """What was not told yet, and forget what was seen; what comes next is searched by itself.

        Raises:
            TimeoutError: as for `take`.
        """
        scanner, self._scanner = self._scanner, None
        for sighting in scanner.finish() if scanner else ():
            yield from self._token(sighting.detection, sighting.received)

    def _forget(self, count: int) -> None:
        if self._line is not None:
            self._line += self._recent.count(b"\n", 0, count)
        del self._recent[:count]
        self._start += count

    def _token(self, found: Detection, received: Iterable[tuple[int, int]]) -> Iterator[LogToken]:
        value = found.secret.reveal()
        fingerprint = self._fingerprint(value)
        if fingerprint in self._told:
            return
        self._told[fingerprint] = None
        if len(self._told) > MOST_REMEMBERED:
            del self._told[next(iter(self._told))]
        yield self._placed(found, fingerprint, sorted(received))

    def _placed(
        self, found: Detection, fingerprint: Fingerprint, received: Sequence[tuple[int, int]]
    ) -> LogToken:
        first, last = (received[0][0], received[-1][1]) if received else (self._start, self._start)
        line, start = self._point(first)
        end_line, end = self._point(last)
        provider = found.provider
        finding = Finding(
            rule=found.rule,
            provider=provider.name,
            label=f"{provider.token} ({provider.label(found.secret.reveal())})",
            start=Point(line or 0, start.points),
            end=Point(end_line or 0, end.points),
            fingerprint=fingerprint,
            # A program is writing the file, so nobody edits it.
            whole=False,
            place=FilePlace(
                self._at + first, self._at + last, start.characters, end.characters, start.bytes, end.bytes
            ),
            claims=read_claims(found.rule, found.secret.reveal()),
            traces=tuple(map(self._fingerprint, identifiers(found.secret.reveal()))),
        )
        return LogToken(line + 1 if line is not None and received else None, finding)

    def _point(self, place: int) -> tuple[int | None, _Column]:
        """Return the line of a byte, from 0, and its column, which counts from the oldest byte still held."""
        head = self._recent[: max(0, place - self._start)]
        line = None if self._line is None else self._line + head.count(b"\n")
        before = bytes(head[head.rfind(b"\n") + 1 :])
        text = before.decode("utf-8", "replace")
        return line, _Column(len(text), to_units(text, len(text), Encoding.UTF16), len(before))


class _Column(NamedTuple):
    """The same column in code points, UTF-16 units and bytes."""

    points: int
    characters: int
    bytes: int
