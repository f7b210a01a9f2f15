"""The Detector: text in, detections out. It knows no origin, no disk, no editor and no keyring.

The engine is imported when it is first needed, so that what detects nothing starts fast.
"""
# ruff: noqa: PLC0415 - see above

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate
from pathlib import Path
from threading import Event, Lock, Timer
from time import monotonic
from typing import TYPE_CHECKING

from tokenward import __version__
from tokenward.detection.borders import whole_token
from tokenward.detection.catalog_path import catalog_path
from tokenward.detection.detection import Detected, Detection
from tokenward.detection.judging import Judge, Placed
from tokenward.detection.local import PLAIN, Local
from tokenward.detection.providers import provider_of
from tokenward.model import Secret, Span

if TYPE_CHECKING:
    from kingfisher_sdk import Scanner
    from kingfisher_sdk.core import Finding as Match
    from kingfisher_sdk.inputs import ScanInput

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
_NOTHING = Detected()
SLOWEST = 0.000_01
"""Seconds a byte; ten times the worst that was measured, so that a small text needs no watch."""


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

    @property
    def identity(self) -> str:
        """The same for the same catalog, and what is made of its matches; part of a cache's key."""
        from kingfisher_sdk import __version__ as engine

        return f"{engine}+{__version__}"

    def load(self) -> Scanner:
        """Load the rules, compiling them when the cache has none: 0.2 s, or some 3 s."""
        from kingfisher_sdk import DetectionPolicy, Rules, Scanner

        with self._loading:
            if self._scanner is None:
                rules = Rules(cache_dir=self._rules_cache)
                # The engine's own ignore comments are off, so that suppression is decided in one place.
                self._scanner = Scanner(rules, policy=DetectionPolicy(inline_ignores=False))
            return self._scanner

    def may_hold_tokens(
        self, data: bytes, path: str, *, local: Local = PLAIN, timeout: float | None = None
    ) -> bool:
        """Whether any rule matches in a text in UTF-8, which need not be decoded where none does.

        Raises:
            TimeoutError: as for `detect_all`.
        """
        scanner, custom = self._scanner or self.load(), local.custom.scanner
        deadline = None if timeout is None else monotonic() + timeout
        return bool(
            _scan(data, catalog_path(path), deadline, None, scanner)
            or (custom is not None and _scan(data, _custom_path(path), deadline, None, custom))
        )

    def detect_all(
        self,
        text: str,
        path: str = "",
        *,
        local: Local = PLAIN,
        first_line: int = 0,
        commit: str = "",
        timeout: float | None = None,
        cancellation: Cancellation | None = None,
    ) -> Detected:
        """The tokens in a text, and what would be one but for a configuration or a comment.

        Args:
            text: any text, lone surrogates and NULs included.
            path: relative to the workspace, with `/`; some rules hold only for some files.
            local: what holds for the workspace.
            first_line: the line of its file, from 0, that the text begins with.
            commit: the full hash of the commit that the text is from, if any.
            timeout: seconds; cooperative, so a large text can overrun it by about 0.1 s; one that is
                too small to take as long is not watched.
            cancellation: stops the scan when it is cancelled.

        Raises:
            TimeoutError: the deadline passed; there are no partial results.
            RuntimeError: the scan was cancelled.
        """
        data = _encoded(text)
        scanner = self._scanner or self.load()
        deadline = None if timeout is None else monotonic() + timeout
        matches = _scan(data, catalog_path(path), deadline, cancellation, scanner)
        if not matches and local.custom.scanner is None:
            return _NOTHING
        found = list(_placed(text, data, scanner, _with_companions(matches), deadline))
        if local.custom.scanner is not None:
            own = _scan(data, _custom_path(path), deadline, cancellation, local.custom.scanner)
            visible = [match for match in own if match.visible]
            placed = _placed(text, data, local.custom.scanner, visible, deadline)
            accepts = local.custom.acceptance(text)
            found += [one for one in placed if accepts(one.detection.rule, one.value(text))]
        return Judge(text, path, local, first_line, commit).judge(found) if found else Detected()


def _custom_path(path: str) -> str:
    """A path for the regexes that custom rules have for paths; the engine takes none that is empty or no text."""
    return _encoded(path).decode() or "text"


def _encoded(text: str) -> bytes:
    """A text in UTF-8, each lone surrogate as a character of its own."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _LONE_SURROGATE.sub("\ufffd", text).encode()


def _scan(
    data: bytes, path: str, deadline: float | None, cancellation: Cancellation | None, scanner: Scanner
) -> list[Match]:
    # The engine would take a text with many NULs for UTF-16, and see nothing of what stands beside them.
    source = _input_type()(path=path, data=data.replace(b"\0", b"\1"))
    left = None if deadline is None else max(0.001, deadline - monotonic())
    if left is None or len(data) * SLOWEST < left:
        return scanner.scan_input(source, cancellation=cancellation.token if cancellation else None)
    return _scan_in_time(scanner, source, left, cancellation or Cancellation())


@cache
def _input_type() -> type[ScanInput]:
    from kingfisher_sdk.inputs import ScanInput

    return ScanInput


def _scan_in_time(
    scanner: Scanner, source: ScanInput, seconds: float, cancellation: Cancellation
) -> list[Match]:
    """Scan, but cancel when the time is over; the engine's own time limit doubles what a scan takes."""
    over = Event()

    def stop() -> None:
        over.set()
        cancellation.cancel()

    timer = Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        return scanner.scan_input(source, cancellation=cancellation.token)
    except RuntimeError:
        if over.is_set():
            raise TimeoutError from None
        raise
    finally:
        timer.cancel()


def _placed(
    text: str, data: bytes, scanner: Scanner, matches: Sequence[Match], deadline: float | None
) -> Iterator[Placed]:
    spans = _code_points(text, data, matches) if matches else []
    for match, span in zip(matches, spans, strict=True):
        if deadline is not None and monotonic() > deadline:
            raise TimeoutError
        if _stands_at(text, match, span):
            yield Placed(scanner, _CONFIDENCE[match.confidence], span, _detection(text, match, span))


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
    """Whether the match is what the text holds; the engine decodes some texts by itself."""
    written = _LONE_SURROGATE.sub("\ufffd", text[span.start : span.end])
    return match.is_base64_encoded or match.secret == written


def _detection(text: str, match: Match, span: Span) -> Detection:
    wide, whole = whole_token(text, span)
    secret = Secret(text[wide.start : wide.end], provider_of(match.rule_id).token)
    return Detection(match.rule_id, wide, secret, whole)


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
