"""Findings by uri and version: the only mutable state about what was found."""

from __future__ import annotations

from dataclasses import dataclass

from tokenward.model import Finding, Fingerprint, Point


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of one document.

    Attributes:
        version: the document's version that the findings hold for.
        findings: in order of place.
        note: why the document was not, or not wholly, scanned; None when it was.
    """

    version: int | None
    findings: tuple[Finding, ...]
    note: str | None = None


class FindingIndex:
    """Findings of each uri."""

    def __init__(self) -> None:
        self._by_uri: dict[str, Found] = {}

    def put(self, uri: str, found: Found) -> None:
        self._by_uri[uri] = found

    def get(self, uri: str) -> Found:
        return self._by_uri.get(uri, Found(None, ()))

    def drop(self, uri: str) -> None:
        self._by_uri.pop(uri, None)

    def within(self, uri: str, start: Point, end: Point) -> tuple[Finding, ...]:
        """The findings of a document that touch a range, its ends included."""
        return tuple(f for f in self.get(uri).findings if f.start <= end and start <= f.end)

    def places(self, uri: str, fingerprint: Fingerprint) -> tuple[Finding, ...]:
        """Where one token stands in a document."""
        return tuple(f for f in self.get(uri).findings if f.fingerprint == fingerprint)
