"""The Detector: text in, detections out. It knows no origin, no disk, no editor and no keyring.

The engine is imported when it is first needed, so that what detects nothing starts fast.
"""
# ruff: noqa: PLC0415 - see above

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from tokenward.detection.borders import whole_token
from tokenward.detection.providers import Provider, provider_of
from tokenward.detection.suppression import Allowed, is_placeholder, is_reference
from tokenward.model import Secret, Span
from tokenward.text import LineTable

if TYPE_CHECKING:
    from kingfisher_sdk import Scanner
    from kingfisher_sdk.core import Finding as Match

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
SECRET_COMPANIONS = {
    "betterleaks.aws-secret-access-key",
    "betterleaks.alibaba-sts-security-token",
    "betterleaks.exoscale-api-secret",
    "betterleaks.ovh-application-key",
    "betterleaks.ovh-consumer-key",
    "betterleaks.polymarket-api-secret",
    "betterleaks.polymarket-passphrase",
}
"""Rules of the catalog that are hidden as mere parts of another's finding although they find secrets."""
_CONFIDENCE = {"high": 2, "medium": 1, "low": 0}


@dataclass(frozen=True, slots=True)
class Detection:
    """A token in a text, with its value; lives only while it is being looked at.

    Attributes:
        rule: the full id of the rule.
        span: code points of the scanned text.
        secret: exactly what stands in the text at the span.
        whole: the span surely covers the whole token.
    """

    rule: str
    span: Span
    secret: Secret
    whole: bool

    @property
    def provider(self) -> Provider:
        return provider_of(self.rule)


class Cancellation:
    """What a superseded scan is stopped with, from any thread."""

    def __init__(self) -> None:
        from kingfisher_sdk import CancellationToken

        self.token = CancellationToken()

    def cancel(self) -> None:
        self.token.cancel()

    @property
    def is_cancelled(self) -> bool:
        return self.token.is_cancelled


class Detector:
    """The engine, its rules compiled once; safe to share between threads."""

    def __init__(self, rules_cache: Path) -> None:
        """Take the folder of the compiled rules, which must be private to the user; nothing is loaded yet."""
        self._rules_cache = rules_cache
        self._loading = Lock()
        self._scanner: Scanner | None = None

    def load(self) -> Scanner:
        """Load the rules, compiling them when the cache has none: 0.2 s, or some 3 s."""
        from kingfisher_sdk import DetectionPolicy, Rules, Scanner

        with self._loading:
            if self._scanner is None:
                rules = Rules(cache_dir=self._rules_cache)
                # The engine's own ignore comments are off, so that suppression is decided in one place.
                self._scanner = Scanner(rules, policy=DetectionPolicy(inline_ignores=False))
            return self._scanner

    def detect(
        self,
        text: str,
        path: str = "",
        *,
        timeout: float | None = None,
        cancellation: Cancellation | None = None,
    ) -> list[Detection]:
        """The tokens in a text, in order, without overlap, and without what is suppressed.

        Args:
            text: any text, lone surrogates and NULs included.
            path: relative to the workspace; some rules hold only for some files.
            timeout: seconds; cooperative, so a large text can overrun it by about 0.1 s.
            cancellation: stops the scan when it is cancelled.

        Raises:
            TimeoutError: the deadline passed; there are no partial results.
            RuntimeError: the scan was cancelled.
        """
        from kingfisher_sdk.inputs import ScanInput

        data = _LONE_SURROGATE.sub("\ufffd", text).encode("utf-8")
        source = ScanInput(path=_LONE_SURROGATE.sub("\ufffd", path) or "text", data=data)
        scanner = self._scanner or self.load()
        token = cancellation.token if cancellation else None
        matches = scanner.scan_input(source, timeout=timeout, cancellation=token)
        shown = _with_companions(matches)
        if not shown:
            return []
        spans = _code_points(text, data, shown)
        placed = zip(shown, spans, strict=True)
        found = (_detection(text, match, span) for match, span in placed if _stands_at(text, match, span))
        return _unsuppressed(text, _longest(found))


def _with_companions(matches: Sequence[Match]) -> list[Match]:
    """What the engine shows, and the secrets that it hides beside the id which they belong to."""
    shown = [match for match in matches if match.visible]
    families = {_family(match) for match in shown}
    hidden = [
        m for m in matches if not m.visible and m.rule_id in SECRET_COMPANIONS and _family(m) in families
    ]
    return [*shown, *hidden]


def _family(match: Match) -> str:
    return match.rule_id.partition(".")[2].partition("-")[0]


def _stands_at(text: str, match: Match, span: Span) -> bool:
    """Whether the match is what the text holds; the engine takes text with many NULs for UTF-16."""
    written = _LONE_SURROGATE.sub("\ufffd", text[span.start : span.end])
    return match.is_base64_encoded or match.secret == written


def _detection(text: str, match: Match, span: Span) -> tuple[int, Detection]:
    wide, whole = whole_token(text, span)
    value = text[wide.start : wide.end]
    label = provider_of(match.rule_id).token
    return _CONFIDENCE[match.confidence], Detection(match.rule_id, wide, Secret(value, label), whole)


def _code_points(text: str, data: bytes, matches: Sequence[Match]) -> list[Span]:
    """Byte offsets of the engine as code point offsets, in one pass over the text."""
    places = [(match.location["start_offset"], match.location["end_offset"]) for match in matches]
    if len(data) == len(text):
        return [Span(*place) for place in places]
    borders = sorted({offset for place in places for offset in place})
    steps = zip([0, *borders], borders, strict=False)
    lengths = accumulate(len(data[a:b].decode("utf-8", "ignore")) for a, b in steps)
    points = dict(zip(borders, lengths, strict=True))
    return [Span(points[start], points[end]) for start, end in places]


def _longest(found: Iterable[tuple[int, Detection]]) -> list[Detection]:
    """Of overlapping detections the longest, then the surest; in order of place."""
    kept: list[Detection] = []  # always in order of place, so that only the two neighbours can overlap
    for _, detection in sorted(found, key=lambda c: (-len(c[1].span), -c[0], c[1].span.start, c[1].rule)):
        place = bisect_left(kept, detection.span, key=lambda other: other.span)
        if not any(detection.span.overlaps(other.span) for other in kept[max(0, place - 1) : place + 1]):
            kept.insert(place, detection)
    return kept


def _unsuppressed(text: str, detections: list[Detection]) -> list[Detection]:
    table = LineTable(text)
    allowed = Allowed(table.lines)
    return [d for d in detections if not _is_suppressed(text, table, allowed, d)]


def _is_suppressed(text: str, table: LineTable, allowed: Allowed, detection: Detection) -> bool:
    first, last = (table.point(offset).line for offset in (detection.span.start, detection.span.end))
    return (
        is_reference(text, detection.span)
        or is_placeholder(detection.secret.reveal())
        or allowed.on(first, last)
    )
