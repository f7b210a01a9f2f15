"""Converts the byte offsets of the engine's matches to places in the text.

Values that must be near a match, or that are near it, are looked up here: a rule that reached that far would be
super-linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING

from tokenward.detection.catalog_quirks import WIDE
from tokenward.detection.custom.workspace import LocalRules
from tokenward.detection.detection import Detection
from tokenward.detection.generic import generic
from tokenward.detection.generic.assignment import NamedValue
from tokenward.detection.generic.files import is_written_by_hand
from tokenward.detection.generic.names import NameClaim
from tokenward.detection.generic.values import Demands, may_be_secret
from tokenward.detection.rules.engine_scan import LONE_SURROGATE, Limits, TextScanner
from tokenward.detection.rules.own_rules import BY_NAME, GENERIC
from tokenward.detection.rules.providers import provider_of
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Secret, Span

if TYPE_CHECKING:
    from kingfisher_sdk.core import Finding as Match

REACH = 4_000
"""The most characters before and after a match that are read; a JSON Web Key of RSA has as many."""
_OF_SECRETS = r"\bkind:[ \t]*[\"']?Secret\b"
_SAME_DOCUMENT = r"(?:(?!\n---)[\s\S])*"
_CONFIDENCE = {"high": 2, "medium": 1, "low": 0}


def values_near(rule: str, text: str, span: Span) -> list[Span]:
    """Return the values that a match of a rule is about: its own, unless the rule does not apply in its place."""
    members, context = MEMBERS.get(rule), CONTEXTS.get(rule)
    if members is None and context is None:
        return [span]
    before, after = text[max(0, span.start - REACH) : span.start], text[span.end : span.end + REACH]
    if members:
        around, member = members
        block = around.search(f"{before}\0{after}")
        place = span.start - len(before)
        # What represents the match in the text around it has another length than the match.
        spans = (
            member.finditer(text, place + block.start(), place + block.end() + len(span) - 1) if block else ()
        )
        return [Span(*one.span(1)) for one in spans]
    return [span] if context and context.search(f"{before}\0{after}") else []


CONTEXTS: Mapping[str, re.Pattern[str]] = {
    rule: re.compile(context)
    for rule, context in {
        # The kind of a YAML document may follow its data.
        "tokenward.kubernetes-secret-data": rf"{_OF_SECRETS}{_SAME_DOCUMENT}\0|\0{_SAME_DOCUMENT}{_OF_SECRETS}",
        "tokenward.nuget-api-key": r"(?i)<apikeys>(?:(?!</apikeys>)[\s\S])*\0",
        "tokenward.consul-agent-token": r"\btokens[\"']?\s{0,4}[:=]?\s{0,4}\{[^{}]*\0",
        "tokenward.vault-secret-id": r"role_?id[\s\S]{0,300}\0|\0[\s\S]{0,300}role_?id",
    }.items()
}
"""What is around a match of each rule that has a condition; \\0 represents its value."""
MEMBERS: Mapping[str, tuple[re.Pattern[str], re.Pattern[str]]] = {
    "tokenward.private-key-jwk": (
        re.compile(r"(?<![^{}])[^{}]*\0[^{}]*"),
        re.compile(r"\b(?:[dpqk]|d[pq]|qi|priv)\\?[\"']?\s{0,4}:\s{0,4}\\?[\"']([\w-]{20,})\\?[\"']"),
    ),
    "tokenward.password-jaas": (
        re.compile(r"\0[^;]*"),
        re.compile(
            r"\b(?:password|keyTabPassword|user_\w+)\s?=\s?\\{0,3}[\"']([^\"'\\\s<>{}$%*][^\"'\\\s<>{}]{4,127})"
        ),
    ),
    "tokenward.password-cloud-init": (
        re.compile(r"\0(?:(?!\n\S)[\s\S])*"),
        re.compile(r"(?m)^[ \t]+(?:- )?[\"']?[a-z_][\w-]{0,31}:([^\s\"'<>{}$%*:/][^\s\"'<>{}]{4,127})"),
    ),
}
"""For each rule that is about values elsewhere, the text around its match, which \\0 represents, and these values."""


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
    """Yield the matches of each scanner that may be tokens, widened to the whole token; `data` is the text in UTF-8.

    Raises:
        TimeoutError: the time of `limits` is over.
    """
    for scanner, found in matches:
        here = _in_text(text, data, found, limits)
        if scanner is local.custom.scanner:
            accepts = local.custom.acceptance(text)
            widened = (_widened(text, scanner, match, span) for match, span in here)
            yield from (one for one in widened if accepts(one.detection.rule, one.value(text)))
        else:
            yield from _judged(scanner, here, text, path)


def _in_text(
    text: str, data: bytes, matches: Sequence[Match], limits: Limits
) -> Iterator[tuple[Match, Span]]:
    """Yield the matches that are what they say with their places."""
    for match, span in zip(matches, _code_points(text, data, matches), strict=True):
        limits.check()
        secret, written = match.secret, text[span.start : span.end]
        if secret == written or match.is_base64_encoded or secret == LONE_SURROGATE.sub("\ufffd", written):
            yield match, span


def _widened(text: str, scanner: TextScanner, match: Match, span: Span) -> PlacedMatch:
    wide, whole = whole_token(text, span)
    secret = Secret(text[wide.start : wide.end], provider_of(match.rule_id).token)
    found = Detection(match.rule_id, wide, secret, whole)
    return PlacedMatch(scanner, _CONFIDENCE[match.confidence], span, found)


def _judged(
    scanner: TextScanner, found: Iterable[tuple[Match, Span]], text: str, path: str
) -> Iterator[PlacedMatch]:
    """Yield our rules' and the catalog's matches, without those of names whose values are not secret."""
    seen: set[tuple[str, Span]] = set()
    # Several rules match most values by name.
    known: dict[tuple[str, NameClaim, Demands], bool] = {}
    named: set[tuple[Span, bool]] = set()
    is_by_hand: bool | None = None

    def is_secret(*value: *tuple[str, NameClaim, Demands]) -> bool:
        if value not in known:
            known[value] = may_be_secret(*value)
        return known[value]

    for match, span in found:
        if match.rule_id not in BY_NAME:
            yield from _near(_widened(text, scanner, match, span), text, seen)
            continue
        if is_by_hand is None:
            is_by_hand = is_written_by_hand(path, text)
        for token in generic.tokens_at(text, span, path, is_secret) if is_by_hand else ():
            one = _named(text, scanner, match, token)
            place = one.detection.span, one.detection.whole
            if place not in named:
                named.add(place)
                yield one


def _named(text: str, scanner: TextScanner, match: Match, token: NamedValue) -> PlacedMatch:
    """Return a token that only its name identifies."""
    span = token.value
    secret = Secret(token.text(text), provider_of(match.rule_id).token)
    whole = token.whole and whole_token(text, span) == (span, True)
    found = Detection(GENERIC, span, secret, whole, token.last_name)
    return PlacedMatch(scanner, _CONFIDENCE[match.confidence], span, found)


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


_RUN = re.compile(r"[A-Za-z0-9_-]*")
# As sent to a terminal, and as written in JSON and programming languages.
_COLOUR = re.compile(r"(?:\x1b|\\u001[bB]|\\x1[bB]|\\033|\\e)\[[0-9;]*\Z")
_COLOUR_END = re.compile(r"[0-9]*m")
_ESCAPE = re.compile(r"(?:%|\\x|\\u00)([0-9A-Fa-f]{2})")
"""A character as URLs, JSON and programming languages escape it; a separator's digits do not belong to the token."""
_NO_SEPARATOR = re.compile(r"[A-Za-z0-9_+/.~-]")
_DEFAULT = re.compile(r"\$\{\w{1,128}:?[-=+?]([A-Za-z0-9_-]*)\Z")
"""A shell's `${NAME:-token}`: the `-` does not belong to the token."""
_LONGEST_DEFAULT = 256
_GITLAB = re.compile(r"gl[a-z]{2,6}-")
_GLUED_OPTIONS = {"-p", "-P"}
"""Options that take a password without a space, as in `mysql -pSECRET`."""
_BOT = re.compile(r"[0-9]{8,10}:AA")
"""The start of Telegram's tokens; its URLs have the word `bot` right before them."""
_EDGES = " \t\"'`\\,;"
_QUOTES, _SEPARATORS = ('"', "'", "`"), (",", ";")
# Tokens whose own alphabet marks their end; the catalog's rules may include what follows.
_SELF_CONTAINED = re.compile(
    r"ey[A-Za-z0-9_-]+\.ey[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+(?=\\)"
    r"|sntrys_[A-Za-z0-9+/]+={0,2}_[A-Za-z0-9+/]{43}(?![A-Za-z0-9+/])"
    r"|FlyV1\s[a-z0-9]{3,4}_[A-Za-z0-9+/=_-]+(?:,f[a-z0-9]{2,3}_[A-Za-z0-9+/=_-]+)*(?=,(?!f[mo][0-9]))"
)
_ONE_LETTER_ESCAPES = "abfnrtv0"
_BLOCK_END = r"-----END [^\n]*-----\s*\Z"
_LONGEST_RUN = 4096
# A joiner followed by more token characters may belong to the token: `glpat-….01.…`, Base64, a percent escape.
_JOINED_AFTER = re.compile(
    r"[.~][A-Za-z0-9_-]|%(?!0[0-9A-Fa-f]|2[0-36-9Cc]|3[BCEFbcef]|5[BCDbcd]|7[BCDbcd])[A-Za-z0-9_-]|[+=][A-Za-z0-9_=+/-]"
)
_JOINED_BEFORE = re.compile(r"[A-Za-z0-9_-][.~%+]")
_DOUBLED_QUOTE = re.compile(r"([\"'])\1\w")
"""A doubled quote within quotes, as in YAML and SQL; in a shell, the string continues."""


def whole_token(text: str, span: Span) -> tuple[Span, bool]:
    """Widen a span to the run of token characters around it, and return whether that is certainly all."""
    span = _without_edges(text, span)
    value = text[span.start : span.end]
    if "\n" in value or "\r" in value:
        has_both_ends = re.match(r"-----BEGIN [^\n]*-----", value) and re.search(_BLOCK_END, value)
        return span, bool(has_both_ends)
    before = text[max(0, span.start - _LONGEST_RUN) : span.start]
    after = text[span.end : span.end + _LONGEST_RUN]
    left, left_is_sure = _run_before(before, value) if _is_run(value[0]) else ("", True)
    right = _matched(_RUN, after) if _is_run(value[-1]) else ""
    beyond_left = before[: len(before) - len(left)][-2:]
    joined = _JOINED_AFTER.match(after, len(right)) or _JOINED_BEFORE.fullmatch(beyond_left)
    joined = joined or _DOUBLED_QUOTE.match(after, len(right))
    too_long = _LONGEST_RUN in (len(left), len(right))
    return Span(span.start - len(left), span.end + len(right)), left_is_sure and not joined and not too_long


def _without_edges(text: str, span: Span) -> Span:
    """Remove from a span what some rules include around the token: quotes, separators, an escape."""
    value = text[span.start : span.end]
    before, after = text[max(0, span.start - 1) : span.start], text[span.end : span.end + 1]
    # The whole text between two quotes: a separator at its end belongs to the token.
    if before == after and before in _QUOTES and text[span.end - 1] in _SEPARATORS:
        return span
    token = _SELF_CONTAINED.match(value)
    if token:
        return Span(span.start, span.start + token.end())
    left, right = len(value) - len(value.lstrip(_EDGES)), len(value) - len(value.rstrip(_EDGES))
    return Span(span.start + left, span.end - right) if left + right < len(value) else span


def _run_before(before: str, value: str) -> tuple[str, bool]:
    """Return the token characters before a match, and whether they certainly belong to it."""
    left = _matched(_RUN, before[::-1])[::-1]
    rest = before[: len(before) - len(left)]
    if left in _GLUED_OPTIONS and (not rest or rest[-1].isspace() or rest[-1] in _QUOTES):
        return "", True
    if left == "bot" and _BOT.match(value):
        return "", True
    default = _DEFAULT.search(before[-_LONGEST_DEFAULT:])
    if default and len(default[1]) < len(left):
        left = default[1]
    escape = _ESCAPE.match(rest[-1:] + left)
    if escape and not _NO_SEPARATOR.fullmatch(chr(int(escape[1], 16))):
        return left[escape.end() - 1 :], len(left) == escape.end() - 1
    colour = _COLOUR_END.match(left) if _COLOUR.search(rest[-32:]) else None
    if colour:
        left = left[colour.end() :]
    elif left and rest.endswith("\\"):
        # The run starts inside an escape sequence: `"\nghp_…"` contains no `n`.
        return left[1:], left[0] in _ONE_LETTER_ESCAPES and len(left) == 1
    # A self-managed GitLab may prepend its own name; anything else may be an option's letter or a word.
    return left, not left or (left.endswith("-") and bool(_GITLAB.match(value)))


def _is_run(character: str) -> bool:
    return bool(_RUN.fullmatch(character))


def _matched(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.match(text)
    return found[0] if found else ""
