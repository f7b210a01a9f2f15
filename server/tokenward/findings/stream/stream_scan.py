"""Finds the tokens in a stream while it arrives, each reported once."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from tokenward.detection.custom.workspace import PLAIN, LocalRules
from tokenward.detection.detection import Detection
from tokenward.detection.engine import Detector
from tokenward.fast_dataclasses import dataclass
from tokenward.sources.stream.segments import Segment
from tokenward.sources.stream.stream import Stream

LOOK = 16_384
"""The fewest characters of a preview."""
_DEADLINE = 60.0
"""Seconds for the scan of a segment."""

ByteRange = tuple[int, int]
"""A range of bytes in a stream: the first, and one past the last."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A token in a stream.

    Attributes:
        detection: the token with its value, at its span in the segment's text.
        received: the bytes that it came from.
    """

    detection: Detection
    segment: Segment
    received: tuple[ByteRange, ...]


class StreamScanner:
    """Bytes in, sightings out.

    The sightings do not depend on how the stream is split. Memory is bounded, and time is linear in the bytes.
    """

    def __init__(
        self, detector: Detector, *, local: LocalRules = PLAIN, name: str = "", columns: int = 0
    ) -> None:
        """Take the file name that rules see, and the width of the terminal, 0 for none."""
        self.stream = Stream(columns)
        self._detector = detector
        self._local = local
        self._name = name
        self._reported = ByteRanges()
        self._previewed = 0

    def feed(self, data: bytes) -> Iterator[Sighting]:
        """Consume bytes, and yield the tokens in the segments that they complete.

        Raises:
            TimeoutError: a segment took longer than 60 s.
        """
        for _, sightings in self.searched(self.stream.feed(data)):
            yield from sightings

    def finish(self) -> Iterator[Sighting]:
        """Yield the rest at the end of the stream."""
        for _, sightings in self.searched(self.stream.finish()):
            yield from sightings

    def searched(self, segments: Iterable[Segment]) -> Iterator[tuple[Segment, Sequence[Sighting]]]:
        """Yield segments of the stream with tokens that were not reported before.

        Raises:
            TimeoutError: as for `feed`.
        """
        for segment in segments:
            yield segment, [s for found in self._detections(segment) for s in self._sighting(segment, found)]
            self._reported.forget_before(self.stream.oldest)

    def preview(self, back: int = 0) -> tuple[Segment, Sequence[Detection]]:
        """Return a preview of the text since the last one and some before, and the tokens in it."""
        segment = self.stream.preview(max(back, LOOK + self.stream.seen - self._previewed))
        self._previewed = self.stream.seen
        return segment, self._detections(segment)

    def preview_sightings(self) -> Iterator[Sighting]:
        """Yield the new tokens in the latest text, except one that may continue with the next byte."""
        return self.new_sightings(*self.preview())

    def new_sightings(self, segment: Segment, found: Iterable[Detection]) -> Iterator[Sighting]:
        """Yield the tokens in a preview that are complete and were not reported before."""
        for detection in found:
            if detection.span.end < len(segment.text):
                yield from self._sighting(segment, detection)

    def _detections(self, segment: Segment) -> Sequence[Detection]:
        if not segment.text.strip():
            return ()
        return self._detector.detect_all(
            segment.text, self._name, local=self._local, first_line=segment.line, timeout=_DEADLINE
        ).found

    def _sighting(self, segment: Segment, found: Detection) -> Iterator[Sighting]:
        received = tuple(segment.received(found.span))
        if not received or not self._reported.covers(received):
            self._reported.add(received)
            yield Sighting(found, segment, received)


class ByteRanges:
    """Parts of a stream, as ordered disjoint ranges."""

    def __init__(self) -> None:
        self._pieces: list[ByteRange] = []

    def add(self, pieces: Iterable[ByteRange]) -> None:
        """Add ranges."""
        for start, end in pieces:
            first = bisect_left(self._pieces, start, key=lambda piece: piece[1])
            last = bisect_right(self._pieces, end, key=lambda piece: piece[0])
            touching = [(start, end), *self._pieces[first:last]]
            self._pieces[first:last] = [(min(s for s, _ in touching), max(e for _, e in touching))]

    def covers(self, pieces: Iterable[ByteRange]) -> bool:
        """Return whether all the pieces are contained."""
        for start, end in pieces:
            at = bisect_left(self._pieces, end, key=lambda piece: piece[1])
            if at == len(self._pieces) or self._pieces[at][0] > start:
                return False
        return True

    def within(self, start: int, end: int) -> list[ByteRange]:
        """Return the contained parts of a range."""
        first = bisect_left(self._pieces, start + 1, key=lambda piece: piece[1])
        found = []
        for piece in self._pieces[first:]:
            if piece[0] >= end:
                break
            found.append((max(piece[0], start), min(piece[1], end)))
        return found

    def forget_before(self, place: int) -> None:
        """Remove the ranges that end before a place."""
        first = bisect_left(self._pieces, place + 1, key=lambda piece: piece[1])
        del self._pieces[:first]
