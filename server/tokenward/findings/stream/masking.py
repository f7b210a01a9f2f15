"""Masks the tokens in a stream: bytes in, bytes out, nothing else changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tokenward.detection.detection import Detection
from tokenward.detection.rules.providers import public_prefixes
from tokenward.findings.stream.open_keys import open_keys
from tokenward.findings.stream.stars import stars
from tokenward.findings.stream.stream_scan import ByteRanges, Sighting, StreamScanner
from tokenward.model import Span
from tokenward.sources.stream.segments import Segment

_LONGEST_WORD = 4096
_PREFIX = 200
"""Characters before the lines of a key that identify it."""
_FARTHEST_BACK = 262_144
_BETWEEN_WORDS = " \t\r\n\"'`<>"
_AFTER_SECRET_NAME = re.compile(
    r"(?:secret|token|passw(?:or)?d|pwd|api[_-]?key|bearer|authorization)[\w-]{0,32}[\"']?\s?[=:\s]\s?[\"']?[^\s\"']+\Z",
    re.IGNORECASE,
)
"""The beginning of a possible secret."""


class Masker:
    """Releases a stream as soon as it is known not to be a token.

    Attributes:
        sightings: the tokens found since the caller emptied it.
    """

    def __init__(self, scanner: StreamScanner) -> None:
        self.sightings: list[Sighting] = []
        self._scanner = scanner
        self._held = bytearray()
        self._released = 0
        self._masked = ByteRanges()
        self._key: int | None = None
        """The beginning of an unfinished key, in visible characters."""

    def feed(self, data: bytes) -> bytes:
        """Consume bytes; return those that will not be scanned again, however the bytes are split.

        Raises:
            TimeoutError: a segment took longer than 60 s; the rest must not be released.
        """
        self._held += data
        self._mask_searched(self._scanner.searched(self._scanner.stream.feed(data)))
        return self._release(self._scanner.stream.oldest)

    def finish(self) -> bytes:
        """Release the rest at the end of the stream."""
        self._mask_searched(self._scanner.searched(self._scanner.stream.finish()))
        return self._release(self._scanner.stream.received)

    def release_settled(self, *, is_late: bool = False) -> bytes:
        """Release everything because somebody waits for it, except a possible beginning of a token.

        If it is late, release that too, because nothing more arrives; the lines of a private key stay masked.
        """
        seen = self._scanner.stream.seen
        back = min(seen - self._key, _FARTHEST_BACK) if self._key is not None else 0
        segment, found = self._scanner.preview(back)
        for detection in found:
            self._mask(detection, segment)
        self.sightings.extend(self._scanner.new_sightings(segment, found))
        key = self._mask_keys(segment, is_late=is_late)
        self._key = None if key is None else seen - len(segment.text) + key - _PREFIX
        if is_late:
            return self._release(self._scanner.stream.received)
        doubtful = _doubtful(segment.text) if key is None else min(key, _doubtful(segment.text))
        pieces = segment.received(Span(doubtful, len(segment.text)))
        return self._release(min([self._scanner.stream.understood, *(start for start, _ in pieces)]))

    @property
    def is_holding(self) -> bool:
        """Return whether anything has been fed and not released."""
        return bool(self._held)

    def _mask_searched(self, searched: Iterable[tuple[Segment, Sequence[Sighting]]]) -> None:
        for segment, sightings in searched:
            for sighting in sightings:
                self._mask(sighting.detection, segment)
            self.sightings.extend(sightings)
            self._mask_keys(segment, is_late=True)

    def _mask_keys(self, segment: Segment, *, is_late: bool) -> int | None:
        """Mask the lines of unfinished keys; of one that may continue, only if late. Return its start."""
        going_on = None
        for key in open_keys(segment.text):
            if key.end == len(segment.text):
                going_on = key.start
            if is_late or key.end < len(segment.text):
                self._masked.add(segment.received(key))
        return going_on

    def _mask(self, found: Detection, segment: Segment) -> None:
        shown = len(found.provider.prefix(found.secret.reveal()))
        self._masked.add(segment.received(Span(found.span.start + shown, found.span.end)))

    def _release(self, place: int) -> bytes:
        """Return everything before a place that was not yet released."""
        if place <= self._released:
            return b""
        start, count = self._released, place - self._released
        data = bytes(self._held[:count])
        del self._held[:count]
        self._released = place
        parts, done = [], 0
        for first, last in self._masked.within(start, place):
            parts += [data[done : first - start], stars(data[first - start : last - start])]
            done = last - start
        self._masked.forget_before(min(place, self._scanner.stream.oldest))
        return b"".join([*parts, data[done:]])


def _doubtful(text: str) -> int:
    """Return the start of a possible token at the end of a text, or the text's length."""
    end = text[-_LONGEST_WORD:]
    before = len(text) - len(end)
    word = max(end.rfind(character) for character in _BETWEEN_WORDS) + 1
    opening = _OPENINGS.search(end, word)
    if opening is not None:
        return before + opening.start()
    after_name = _AFTER_SECRET_NAME.search(end)
    return before + word if after_name is not None and word < len(end) else len(text)


_OPENINGS = re.compile("|".join(map(re.escape, (*sorted(public_prefixes()), "eyJ"))))
