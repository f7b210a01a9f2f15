"""Other people's regexes, matched by the engine in linear time and never by Python's `re`.

The engine is imported when it is first needed, as in engine.py.
"""
# ruff: noqa: PLC0415 - see above

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tokenward.detection.rules.engine_scan import to_utf8
from tokenward.model import Span

if TYPE_CHECKING:
    from kingfisher_sdk.core import Finding as Match
    from kingfisher_sdk.scanner import Scanner

MAX_PATTERN_CHARACTERS = 4_096
MAX_ALL_CHARACTERS = 128_000
MOST_PATTERNS = 2_000
"""Limits of number and total size within which compiling takes at most about 3 s."""
MAX_ALL_REPEATS = 20_000
"""The sum of all repetitions, such as the 40 of `{4,40}`, which cost as if they were written out."""
MOST_REFUSED = 20
"""The most refused patterns, each of which may take 0.1 s; after that, no more are tried."""
MAX_TEXT_CHARACTERS = 16_384
_SECONDS = 1.0
_REPEAT = re.compile(r"\{(?:[0-9]*,)?\s*([0-9]+)", re.ASCII)
_GROUP = re.compile(r"\\.|\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]|\((?:\?P?<[A-Za-z_]\w*>|(?!\?))", re.DOTALL)


class PatternSet:
    """Regexes that are compiled together; those that the engine refuses match nothing."""

    def __init__(self, patterns: Sequence[str]) -> None:
        """Compile regexes; `refused` has the indices of those that cannot be used."""
        self._scanner, self.refused = _compiled(patterns)

    def matching(self, text: str) -> frozenset[int]:
        """Return which regexes match in a text; none if it is too long or takes too long."""
        return frozenset(int(match.rule_id.rpartition(".")[2]) for match in self._scan(text))

    def first_around(self, text: str, span: Span) -> str | None:
        """Return the first match that covers a span."""
        data = to_utf8(text)
        start, end = len(to_utf8(text[: span.start])), len(to_utf8(text[: span.end]))
        for match in self._scan(text):
            place = match.location
            if place["start_offset"] <= start and end <= place["end_offset"]:
                return data[place["start_offset"] : place["end_offset"]].decode("utf-8", "replace")
        return None

    def _scan(self, text: str) -> list[Match]:
        if self._scanner is None or len(text) > MAX_TEXT_CHARACTERS:
            return []
        try:
            return self._scanner.scan(to_utf8(text), timeout=_SECONDS)
        except TimeoutError:
            # A set that took this long is hostile, so it is not used again.
            self._scanner = None
            return []


def without_groups(regex: str) -> str:
    """Return a regex that matches the same text but captures nothing."""
    return _GROUP.sub(lambda found: "(?:" if found[0].startswith("(") else found[0], regex)


def _compiled(patterns: Sequence[str]) -> tuple[Scanner | None, frozenset[int]]:
    usable, refused = _bounded(patterns)
    try:
        return (_scanner(patterns, usable) if usable else None), frozenset(refused)
    except RuntimeError:
        good = _accepted(patterns, usable)
    refused = [*refused, *(number for number in usable if number not in good)]
    try:
        return (_scanner(patterns, sorted(good)) if good else None), frozenset(refused)
    except RuntimeError:
        return None, frozenset(range(len(patterns)))


def _bounded(patterns: Sequence[str]) -> tuple[list[int], list[int]]:
    usable: list[int] = []
    refused: list[int] = []
    size = repeats = 0
    for number, pattern in enumerate(patterns):
        size, repeats = size + len(pattern), repeats + _repeats(pattern)
        is_short = len(pattern) <= MAX_PATTERN_CHARACTERS and repeats <= MAX_ALL_REPEATS
        fits = is_short and size <= MAX_ALL_CHARACTERS and number < MOST_PATTERNS
        (usable if fits else refused).append(number)
    return usable, refused


def _repeats(pattern: str) -> int:
    counts = _REPEAT.findall(pattern)
    # A longer number exceeds the limit, and is slow to parse.
    return sum(int(count) if len(count) < 9 else MAX_ALL_REPEATS + 1 for count in counts)


def _accepted(patterns: Sequence[str], numbers: Sequence[int]) -> set[int]:
    """Return the tried patterns that the engine accepts."""
    good: set[int] = set()
    refused = 0
    for number in numbers:
        if refused == MOST_REFUSED:
            break
        try:
            _scanner(patterns, [number])
            good.add(number)
        except RuntimeError:
            refused += 1
    return good


def _scanner(patterns: Sequence[str], numbers: Sequence[int]) -> Scanner:
    from kingfisher_sdk.rules import Rules
    from kingfisher_sdk.scanner import DetectionPolicy, Scanner

    # This entropy allows matches of one repeated character.
    rules = "".join(
        f"  - {{name: p, id: custom.p.{number}, pattern: {_quoted(patterns[number])}, min_entropy: -1}}\n"
        for number in numbers
    )
    policy = DetectionPolicy(
        inline_ignores=False, markup_context=False, cli_match_semantics=False, base64_max_depth=0
    )
    import tempfile

    with tempfile.TemporaryDirectory(prefix="tokenward-") as folder:
        path = Path(folder) / "patterns.yml"
        path.write_text(f"rules:\n{rules}", "utf-8")
        return Scanner(Rules([path], builtins=False, cache=False), base64=False, policy=policy)


def _quoted(text: str) -> str:
    """Return a YAML string with everything but plain ASCII escaped, because YAML refuses some characters."""
    plain = (c if " " <= c <= "~" and c not in '\\"' else f"\\U{ord(c):08x}" for c in text)
    return f'"{"".join(plain)}"'
