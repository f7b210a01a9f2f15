"""Converts the byte offsets of the engine's matches to places in the text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

from tokenward.detection.catalog_quirks import WIDE
from tokenward.detection.custom.workspace import LocalRules
from tokenward.detection.detection import Detection
from tokenward.detection.generic import generic
from tokenward.detection.generic.files import is_written_by_hand
from tokenward.detection.generic.values import may_be_secret
from tokenward.detection.rules.contexts import values_near
from tokenward.detection.rules.limits import LONE_SURROGATE, Limits, TextScanner
from tokenward.detection.rules.own_rules import BY_NAME, GENERIC
from tokenward.detection.rules.providers import provider_of
from tokenward.detection.whole_token import whole_token
from tokenward.model import Secret, Span
from tokenward.records import dataclass

if TYPE_CHECKING:
    from kingfisher_sdk.core import Finding as Match

_CONFIDENCE = {"high": 2, "medium": 1, "low": 0}


@dataclass(frozen=True, slots=True)
class PlacedMatch:
    """A match in the scanned text; `matched` is its rule's span before widening."""

    scanner: TextScanner
    confidence: int
    matched: Span
    detection: Detection

    @property
    def rank(self) -> tuple[int, int, bool, bool, int, int, str]:
        """Return a sort key: longer before shorter, then a provider's, then the most certain; wide and generic last."""
        span, rule = self.detection.span, self.detection.rule
        last = 2 if rule == GENERIC else int(rule in WIDE)
        at_place = bool(self.detection.provider.place)
        return last, -len(span), at_place, not self.detection.whole, -self.confidence, span.start, rule

    def value(self, text: str) -> str:
        """Return the matched value, from the scanned text."""
        return text[self.matched.start : self.matched.end]

    def regex(self) -> str:
        """Return the regex of the rule."""
        return str(self.scanner.rules.detail(self.detection.rule)["detection_regex"])


def placed(
    text: str,
    path: str,
    data: bytes,
    matches: Iterable[tuple[TextScanner, Sequence[Match]]],
    *,
    local: LocalRules,
    limits: Limits,
) -> Iterator[PlacedMatch]:
    """Yield the matches of each scanner that may be tokens, as `place_matches` does."""
    for scanner, found in matches:
        here = place_matches(text, data, scanner, found, limits)
        if scanner is local.custom.scanner:
            accepts = local.custom.acceptance(text)
            yield from (one for one in here if accepts(one.detection.rule, one.value(text)))
        else:
            yield from _judged(here, text, path, limits)


def _judged(found: Iterable[PlacedMatch], text: str, path: str, limits: Limits) -> Iterator[PlacedMatch]:
    """Yield our rules' and the catalog's matches, without those of names whose values are not secret."""
    by_name = []
    seen: set[tuple[str, Span]] = set()
    for one in found:
        if one.detection.rule in BY_NAME:
            by_name.append(one)
        else:
            yield from _near(one, text, seen)
    if by_name and is_written_by_hand(path, text):
        # Two rules match most values by name.
        known = cache(may_be_secret)
        for one in by_name:
            limits.check()
            yield from judge_by_name(one, text, path, known)


def _near(found: PlacedMatch, text: str, seen: set[tuple[str, Span]]) -> Iterator[PlacedMatch]:
    """Yield the tokens that a match of a rule is about, unless the rule does not apply in its place.

    Many matches may be about the same tokens, which are yielded once; `seen` are those of other matches.
    """
    rule = found.detection.rule
    for span in values_near(rule, text, found.matched):
        if span == found.matched:
            yield found
        elif (rule, span) not in seen:
            seen.add((rule, span))
            wide, whole = whole_token(text, span)
            secret = Secret(text[wide.start : wide.end], found.detection.provider.token)
            yield replace(found, matched=span, detection=Detection(rule, wide, secret, whole))


def place_matches(
    text: str, data: bytes, scanner: TextScanner, matches: Sequence[Match], limits: Limits
) -> Iterator[PlacedMatch]:
    """Yield a scanner's matches with their places, each widened to the whole token; `data` is the text in UTF-8.

    Raises:
        TimeoutError: the time of `limits` is over.
    """
    for match, span in zip(matches, _code_points(text, data, matches) if matches else [], strict=True):
        limits.check()
        written = LONE_SURROGATE.sub("\ufffd", text[span.start : span.end])
        if match.is_base64_encoded or match.secret == written:
            # A match by name is judged afterwards, with the exact span of its value.
            wide, whole = (span, False) if match.rule_id in BY_NAME else whole_token(text, span)
            secret = Secret(text[wide.start : wide.end], provider_of(match.rule_id).token)
            yield PlacedMatch(
                scanner, _CONFIDENCE[match.confidence], span, Detection(match.rule_id, wide, secret, whole)
            )


def judge_by_name(
    found: PlacedMatch, text: str, path: str, is_secret: generic.MayBeSecret
) -> Iterator[PlacedMatch]:
    """Yield the tokens in a match of the generic rule."""
    for token in generic.tokens_at(text, found.matched, path, is_secret):
        span = token.value
        secret = Secret(token.text(text), found.detection.provider.token)
        whole = token.whole and whole_token(text, span) == (span, True)
        yield replace(found, matched=span, detection=Detection(GENERIC, span, secret, whole, token.last_name))


def _code_points(text: str, data: bytes, matches: Sequence[Match]) -> list[Span]:
    """Return the engine's byte offsets as code point offsets, in one pass over the text."""
    places = [(match.location["start_offset"], match.location["end_offset"]) for match in matches]
    if len(data) == len(text):
        return [Span(*place) for place in places]
    borders = sorted({offset for place in places for offset in place})
    steps = zip([0, *borders], borders, strict=False)
    lengths = accumulate(len(data[a:b].decode("utf-8", "ignore")) for a, b in steps)
    points = dict(zip(borders, lengths, strict=True))
    return [Span(points[start], points[end]) for start, end in places]
