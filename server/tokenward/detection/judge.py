"""Decides which matches to report: the longest, unless they are not tokens or are ignored."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from itertools import islice
from operator import attrgetter, itemgetter
from time import monotonic

from tokenward.detection.custom.workspace import LocalRules
from tokenward.detection.detection import Detection, DetectionResult
from tokenward.detection.generic.files import is_of_credentials, is_test
from tokenward.detection.generic.randomness import is_random
from tokenward.detection.pieces import MOST_FOUND
from tokenward.detection.rules.own_rules import GENERIC
from tokenward.detection.spans import PlacedMatch
from tokenward.detection.suppress.made_up import is_called_public, is_chosen, is_made_up, is_public_at
from tokenward.detection.suppress.not_a_token import (
    IgnoreComments,
    is_handle,
    is_placeholder,
    is_reference,
    names_an_object,
    repeats_its_user,
)
from tokenward.detection.suppress.regex_set import PatternSet, without_groups
from tokenward.detection.suppress.suppressor import COMMENT, CUSTOM, IgnoreCandidate
from tokenward.model import IgnoredDetection, Span
from tokenward.text import LineTable, places_of

_PIECE = re.compile(r"[A-Za-z0-9]{4,}")
_WORD_BEFORE, _WORD_AFTER = re.compile(r"[\w/+-]\Z|\w\.\Z"), re.compile(r"[\w/+-]|\.\w|@")
"""What may continue a word, an address or a path; a password may be before the `@` of a URL."""
_SHORTEST_COPY, _SHORTEST_RANDOM_COPY = 16, 10
"""The characters of a random value that is the same elsewhere by no chance: in hex or in a test, and of others."""
_USER, _LONGEST_USER = re.compile(r"//[^\s/@:]*:\Z"), 80
_HEX = re.compile(r"[0-9a-f-]+|[0-9A-F-]+")
_MOST_COPIES = 6
"""Places of a value in hex, or of a UUID, including its own, that only its name calls a secret."""
_FEW = 50
"""Values; to search for each is quicker than to compare every word of a text."""
_MOST_ALIKE = 10
"""Values with the same longest piece that are searched for, so that the time stays linear."""
LONGEST = 60.0
"""Seconds; enough for about a thousand ignored tokens in a text, each of which takes a slow hash."""


class Judge:
    """Decides which matches of a text to report."""

    def __init__(self, text: str, path: str, local: LocalRules, first_line: int, commit: str) -> None:
        self._text, self._path, self._local = text, path, local
        self._first_line, self._commit = first_line, commit
        self._in_test, self._is_of_credentials = is_test(path), is_of_credentials(path)

    @cached_property
    def _table(self) -> LineTable:
        return LineTable(self._text)

    @cached_property
    def _comments(self) -> IgnoreComments:
        return IgnoreComments(self._table)

    def judge(self, matches: Iterable[PlacedMatch], own: range | None = None) -> DetectionResult:
        """Return the matches to report and the ignored ones, both without overlap.

        Args:
            matches: all the matches in the text.
            own: the places at which a returned match starts, if the text is more than what is asked about.

        Raises:
            TimeoutError: it takes longer than LONGEST because of the workspace's configuration.
        """
        deadline = monotonic() + LONGEST
        decisions = _Decisions()
        for match in sorted(matches, key=attrgetter("rank")):
            if monotonic() > deadline:
                raise TimeoutError
            if decisions.has_room_for(match.detection):
                self._decide(match, decisions)
        for copy in self._copies(decisions.found):
            if _is_free(decisions.occupied, copy.span):
                _insert(decisions.occupied, copy)
                decisions.found.append(copy)
        for match, by in decisions.excepted:
            if _is_free(decisions.occupied, match.detection.span) and not self._is_no_token(match):
                _insert(decisions.occupied, match.detection)
                decisions.ignored.append((match.detection, by))
        records = (
            IgnoredDetection(self._path, self._line(detection.span.start), detection.rule, by)
            for detection, by in decisions.ignored
            if own is None or detection.span.start in own
        )
        shown = (one for one in decisions.found if own is None or one.span.start in own)
        return DetectionResult(
            tuple(sorted(shown, key=attrgetter("span"))),
            tuple(sorted(records, key=attrgetter("line"))),
        )

    def _decide(self, match: PlacedMatch, decisions: _Decisions) -> None:
        # Most matches are no tokens, for which nothing but an exception needs the line.
        by = self._local.exception_to_rule(self._candidate(match)) if self._local.exceptions else None
        if by is not None:
            # A rule's exception does not affect other rules; all other decisions apply to the place.
            decisions.excepted.append((match, by))
            if _is_free(decisions.excepted_places, match.detection.span):
                _insert(decisions.excepted_places, match.detection)
        elif self._is_no_token(match):
            # Of the catalog's rules, the longest match is the most precise; a custom rule may be arbitrarily wide.
            if match.scanner is not self._local.custom.scanner:
                _insert(decisions.occupied, match.detection)
        else:
            _insert(decisions.occupied, match.detection)
            by = self._ignored_by(self._candidate(match))
            if by is None:
                decisions.found.append(match.detection)
            else:
                decisions.ignored.append((match.detection, by))

    def with_copies(self, found: Sequence[Detection]) -> list[Detection]:
        """Return ordered, disjoint detections with the other places of their values, in order."""
        occupied = list(found)
        for copy in islice(self._copies(found), MOST_FOUND):
            if _is_free(occupied, copy.span):
                _insert(occupied, copy)
        return occupied

    def _copies(self, found: Sequence[Detection]) -> Iterator[Detection]:
        """Yield the other places of found values; a move that left one behind would be worse than none."""
        values: dict[str, dict[str, Detection]] = {}
        copies: dict[str, list[Detection]] = {}
        for one in found:
            value = one.secret.reveal()
            if one.whole and not one.provider.harmless and _is_unmistakable(value):
                alike = values.setdefault(max(_PIECE.findall(value), key=len, default=""), {})
                if len(alike) < _MOST_ALIKE:
                    alike[value] = one
        values.pop("", None)
        for place, value, first in self._places(values):
            span = Span(place, place + len(value))
            if self._is_apart(span):
                copies.setdefault(value, []).append(replace(first, span=span, is_copy=True))
        for value, places in copies.items():
            # An id is in many places; what only a name calls a secret may be one.
            may_be_id = _HEX.fullmatch(value) or (self._in_test and len(value) < _SHORTEST_COPY)
            if places[0].rule != GENERIC or len(places) <= _MOST_COPIES or not may_be_id:
                yield from (one for one in places if not self._is_ignored_at(one.span.start))

    def _places(self, values: Mapping[str, Mapping[str, Detection]]) -> Iterable[tuple[int, str, Detection]]:
        """Return, in order, where values with several places are; they are given by their longest piece."""
        text = self._text
        if len(values) <= _FEW:
            found = [
                (value, first, [*places_of(text, value)])
                for alike in values.values()
                for value, first in alike.items()
            ]
            several = [
                (place, value, first) for value, first, places in found if len(places) > 1 for place in places
            ]
            return sorted(several, key=itemgetter(0))
        return (
            (place, value, first)
            for piece in _PIECE.finditer(text)
            for value, first in values.get(piece[0], {}).items()
            if text.startswith(value, place := max(0, piece.start() - value.index(piece[0])))
        )

    def _is_apart(self, span: Span) -> bool:
        """Return whether nothing around a span continues it to a word, an address, a URL's host or its path."""
        before = self._text[max(0, span.start - _LONGEST_USER) : span.start]
        after = self._text[span.end : span.end + 2]
        if after.startswith("@") and _USER.search(before):
            return True
        return not (_WORD_BEFORE.search(before) or _WORD_AFTER.match(after))

    def _is_ignored_at(self, offset: int) -> bool:
        line = self._table.point(offset).line
        return self._local.comments and self._comments.cover(line, line)

    def _candidate(self, match: PlacedMatch) -> IgnoreCandidate:
        detection = match.detection
        return IgnoreCandidate(
            rule=detection.rule,
            secret=detection.secret,
            matched=match.matched,
            text=self._text,
            path=self._path,
            line=self._line(detection.span.start),
            rule_regex=match.regex,
            commit=self._commit,
        )

    def _ignored_by(self, candidate: IgnoreCandidate) -> str | None:
        first = candidate.line - self._first_line
        last = self._line(candidate.matched.end) - self._first_line
        if self._local.comments and self._comments.cover(first, last):
            return COMMENT
        return self._local.ignored_by(candidate)

    def _is_no_token(self, match: PlacedMatch) -> bool:
        detection = match.detection
        text, span = self._text, detection.span
        is_other = is_reference(text, span) or names_an_object(text, span) or repeats_its_user(text, span)
        value = detection.secret.reveal()
        if is_other:
            return True
        is_password = detection.rule == GENERIC or detection.provider.place == "password"
        if is_password and self._is_of_credentials and is_chosen(value):
            return False
        if not value.startswith("-----BEGIN") and is_placeholder(value):
            return True
        if detection.rule.startswith(CUSTOM):
            return False
        is_called_other = is_called_public(text, span) or is_handle(text, span)
        if is_public_at(text, span) or (is_called_other and not _has_form(match)):
            return True
        return is_made_up(detection.rule, value, in_test=self._in_test)

    def _line(self, offset: int) -> int:
        return self._first_line + self._table.point(offset).line


@dataclass
class _Decisions:
    """What was decided about the matches so far.

    Attributes:
        found: to be reported.
        ignored: tokens that are not reported, with what ignores each.
        excepted: the same for matches whose rule does not count in their place.
        occupied: the places of tokens and of other values, in order, without overlap.
        excepted_places: those of `excepted`, in order, without overlap.
    """

    found: list[Detection] = field(default_factory=list)
    ignored: list[tuple[Detection, str]] = field(default_factory=list)
    excepted: list[tuple[PlacedMatch, str]] = field(default_factory=list)
    occupied: list[Detection] = field(default_factory=list)
    excepted_places: list[Detection] = field(default_factory=list)

    def has_room_for(self, match: Detection) -> bool:
        """Return whether nothing was decided yet that excludes a match."""
        is_guess = match.rule == GENERIC
        return _is_free(self.occupied, match.span) and not (
            is_guess and not _is_free(self.excepted_places, match.span)
        )


def _has_form(match: PlacedMatch) -> bool:
    """Return whether a rule knows a value by its form, which no name beside it changes; a JWT may be anything."""
    detection, value = match.detection, match.detection.secret.reveal()
    if detection.rule == GENERIC or detection.provider.place or "jwt" in detection.rule:
        return False
    return bool(_pattern(match.regex()).matching(f" {value} "))


@cache
def _pattern(regex: str) -> PatternSet:
    return PatternSet([without_groups(regex)])


def _is_unmistakable(value: str) -> bool:
    shortest = _SHORTEST_COPY if _HEX.fullmatch(value) else _SHORTEST_RANDOM_COPY
    return len(value) >= shortest and is_random(value)


def _is_free(occupied: Sequence[Detection], span: Span) -> bool:
    """Return whether a span overlaps none of the ordered, disjoint detections."""
    place = bisect_left(occupied, span, key=attrgetter("span"))
    return not any(span.overlaps(other.span) for other in occupied[max(0, place - 1) : place + 1])


def _insert(occupied: list[Detection], detection: Detection) -> None:
    insort(occupied, detection, key=attrgetter("span"))
