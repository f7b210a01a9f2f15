"""Findings by URI and version: the only mutable state about findings."""

from __future__ import annotations

from collections.abc import KeysView, Mapping, Sequence
from itertools import islice

from tokenward.fast_dataclasses import dataclass
from tokenward.model import Finding, Fingerprint, Point


@dataclass(frozen=True, slots=True)
class DocumentFindings:
    """The findings in a document or file.

    Attributes:
        version: the document's version with these findings; None for a file that is not open.
        findings: in order of place.
        note: why it was not, or not completely, scanned; None if it was.
    """

    version: int | None
    findings: tuple[Finding, ...]
    note: str | None = None


NO_FINDINGS = DocumentFindings(None, ())


class FindingIndex:
    """The findings of each URI."""

    def __init__(self) -> None:
        self._by_uri: dict[str, DocumentFindings] = {}
        self._places: dict[str, Mapping[Fingerprint, Sequence[Finding]]] = {}
        self._holders: dict[Fingerprint, dict[str, None]] = {}

    def put(self, uri: str, found: DocumentFindings) -> None:
        """Replace the findings in a document or file."""
        before, now = self._places.get(uri, {}), _places(found.findings)
        for fingerprint in before.keys() - now.keys():
            self._remove_holder(fingerprint, uri)
        for fingerprint in now.keys() - before.keys():
            self._holders.setdefault(fingerprint, {})[uri] = None
        self._by_uri[uri], self._places[uri] = found, now

    def get(self, uri: str) -> DocumentFindings:
        """Return the findings in a document or file."""
        return self._by_uri.get(uri, NO_FINDINGS)

    def drop(self, uri: str) -> None:
        """Remove a document or file."""
        for fingerprint in self._places.pop(uri, {}):
            self._remove_holder(fingerprint, uri)
        self._by_uri.pop(uri, None)

    def within(self, uri: str, start: Point, end: Point) -> tuple[Finding, ...]:
        """Return the findings in a document that touch a range, including its ends."""
        return tuple(f for f in self.get(uri).findings if f.start <= end and start <= f.end)

    def places(self, uri: str, fingerprint: Fingerprint) -> Sequence[Finding]:
        """Return the positions of a token in a document."""
        return self._places.get(uri, {}).get(fingerprint, ())

    def holders(self, fingerprint: Fingerprint) -> KeysView[str]:
        """Return the URIs that contain a token."""
        return self._holders.get(fingerprint, {}).keys()

    def elsewhere(self, uri: str, finding: Finding, most: int) -> list[tuple[str, Finding]]:
        """Return the first other places of a finding's token, starting with those in its own document."""
        holders = self.holders(finding.fingerprint)
        if len(holders) == 1 and len(self.places(uri, finding.fingerprint)) == 1:
            return []
        places = (
            (holder, place)
            for holder in (uri, *(other for other in holders if other != uri))
            for place in self.places(holder, finding.fingerprint)
            if holder != uri or place.start != finding.start
        )
        return list(islice(places, most))

    def _remove_holder(self, fingerprint: Fingerprint, uri: str) -> None:
        holders = self._holders[fingerprint]
        del holders[uri]
        if not holders:
            del self._holders[fingerprint]


def _places(findings: Sequence[Finding]) -> Mapping[Fingerprint, Sequence[Finding]]:
    found: dict[Fingerprint, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.fingerprint, []).append(finding)
    return found
