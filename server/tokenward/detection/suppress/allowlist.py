"""Allowlists as gitleaks has them: by commit, path, regex and stop word."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache

from tokenward.detection.suppress.regex_set import PatternSet, without_groups
from tokenward.detection.suppress.suppressor import IgnoreCandidate
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Problem

MOST_ALLOWLISTS, MOST_STOPWORDS = 1_000, 10_000
"""Each token is compared with all of them."""
_BEYOND = (
    f"From here on the allowlists allow nothing, because there are more than {MOST_ALLOWLISTS:,}, or more than"
    f" {MOST_STOPWORDS:,} stopwords; remove some."
)


@dataclass(frozen=True, slots=True)
class Allowlist:
    """Conditions for tokens to ignore, and the rules that they apply to.

    Attributes:
        line: 0-based, in the file.
        rules: the rules that it applies to, in gitleaks' spelling; None for all.
        paths: regexes, matched anywhere in the path.
        regexes: matched anywhere in the target.
        target: `secret`, `match` or `line`.
        stopwords: in lower case; matched anywhere in the secret.
        needs_all: every kind of condition that is given must match, not just one.
    """

    path: str
    line: int
    rules: frozenset[str] | None
    commits: frozenset[str] = frozenset()
    paths: tuple[str, ...] = ()
    regexes: tuple[str, ...] = ()
    target: str = "secret"
    stopwords: tuple[str, ...] = ()
    needs_all: bool = False


class Allowlists:
    """The allowlists of a configuration, with their regexes compiled."""

    def __init__(self, allowlists: Iterable[Allowlist]) -> None:
        self._allowlists, self._beyond = _within_limits(allowlists)
        self._paths = _OwnedPatterns([item.paths for item in self._allowlists])
        self._regexes = _OwnedPatterns([item.regexes for item in self._allowlists])
        self._matching_paths = lru_cache(maxsize=64)(self._paths.matching)
        self._whole_rule = lru_cache(maxsize=64)(lambda regex: PatternSet([without_groups(regex)]))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return the problems of the allowlists."""
        sentence = (
            "A regex of the allowlist cannot be used and allows nothing; write it without look-around and"
            " back references, shorter, and so that it does not match an empty text."
        )
        owners = sorted(self._paths.unusable | self._regexes.unusable)
        unusable = [Problem(a.path, a.line, sentence) for a in map(self._allowlists.__getitem__, owners)]
        return (*unusable, *(Problem(a.path, a.line, _BEYOND) for a in self._beyond[:1]))

    def ignored_by(self, candidate: IgnoreCandidate) -> str | None:
        matching = cache(lambda target: self._regexes.matching(self._target(target, candidate)))
        for number, allowlist in enumerate(self._allowlists):
            concerned = allowlist.rules is None or candidate.short_rule in allowlist.rules
            if concerned and self._allows(number, allowlist, candidate, matching):
                return f"{allowlist.path}:{allowlist.line + 1}"
        return None

    def _allows(
        self,
        number: int,
        allowlist: Allowlist,
        candidate: IgnoreCandidate,
        matching: Callable[[str], frozenset[int]],
    ) -> bool:
        checks = []
        if allowlist.commits:
            checks.append(candidate.commit.lower() in allowlist.commits)
        if allowlist.paths:
            checks.append(number in self._matching_paths(candidate.path))
        if allowlist.stopwords:
            value = candidate.value.lower()
            checks.append(any(word in value for word in allowlist.stopwords))
        if allowlist.regexes:
            checks.append(number in matching(allowlist.target))
        return all(checks) if allowlist.needs_all else any(checks)

    def _target(self, target: str, candidate: IgnoreCandidate) -> str:
        if target == "line":
            return candidate.source_line
        if target == "match":
            return self._whole_rule(candidate.rule_regex()).first_around(*candidate.window) or ""
        return candidate.value


def _within_limits(allowlists: Iterable[Allowlist]) -> tuple[list[Allowlist], list[Allowlist]]:
    """Return the allowlists within the limits, and those beyond."""
    within: list[Allowlist] = []
    beyond: list[Allowlist] = []
    words = 0
    for allowlist in allowlists:
        words += len(allowlist.stopwords)
        fits = words <= MOST_STOPWORDS and len(within) < MOST_ALLOWLISTS
        (within if fits else beyond).append(allowlist)
    return within, beyond


class _OwnedPatterns:
    """The regexes of several owners in one set; `unusable` are the owners of regexes that cannot be used."""

    def __init__(self, groups: Sequence[Sequence[str]]) -> None:
        owned = [(owner, pattern) for owner, patterns in enumerate(groups) for pattern in patterns]
        self._owners = [owner for owner, _ in owned]
        self._patterns = PatternSet([pattern for _, pattern in owned])
        self.unusable = {self._owners[number] for number in self._patterns.refused}

    def matching(self, text: str) -> frozenset[int]:
        """Return the owners whose regexes match a text."""
        return frozenset(self._owners[number] for number in self._patterns.matching(text))
