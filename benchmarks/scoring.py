"""Comparison of programs' findings with the labels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha1

from corpora.sample import Sample, Token
from scanners import Found

SHORTEST_COMMON = 6
"""The number of characters by which a finding must overlap a token to count for it."""


@dataclass(slots=True)
class Score:
    """The score of one program on one corpus.

    Attributes:
        tokens: number of tokens.
        exact: tokens reported exactly, or by an equivalent part.
        overlapping: tokens reported at all.
        clean: samples without a token.
        flagged: samples without a token that have a finding.
        alarms: findings in samples without a token.
        strays: findings in the other samples that overlap no token.
    """

    tokens: int = 0
    exact: int = 0
    overlapping: int = 0
    clean: int = 0
    flagged: int = 0
    alarms: int = 0
    strays: int = 0


@dataclass(frozen=True, slots=True)
class Mistake:
    """A program's mistake in a sample: its kind, and the texts concerned."""

    what: str
    sample: Sample
    values: tuple[str, ...]
    rules: tuple[str, ...] = ()


@dataclass(slots=True)
class Result:
    scores: dict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    mistakes: list[Mistake] = field(default_factory=list)


def judged(samples: Sequence[tuple[str, Sample]], found: Iterable[Found]) -> Result:
    """Return the scores by corpus.

    Args:
        samples: each with the path that it was written to.
        found: findings in the tree of all samples.
    """
    by_path: dict[str, list[Found]] = defaultdict(list)
    for one in found:
        by_path[one.path].append(one)
    result = Result()
    for path, sample in samples:
        _judge(sample, by_path[path], result)
    return result


def _judge(sample: Sample, found: Sequence[Found], result: Result) -> None:
    score = result.scores[sample.corpus]
    if not sample.tokens:
        score.clean += 1
        score.flagged += bool(found)
        score.alarms += len(found)
        if found:
            result.mistakes.append(_about("false alarm", sample, found))
        return
    for token in sample.tokens:
        about = [one for one in found if _is_about(one, token, sample)]
        is_exact = any(_is_exact(one, token) for one in about)
        score.tokens += 1
        score.exact += is_exact
        score.overlapping += bool(about)
        if not about:
            result.mistakes.append(Mistake("miss", sample, (token.values[0],)))
        elif not is_exact:
            result.mistakes.append(_about("wrong span", sample, about))
    strays = [one for one in found if not any(_is_about(one, token, sample) for token in sample.tokens)]
    score.strays += len(strays)
    if strays:
        result.mistakes.append(_about("stray", sample, strays))


def _about(what: str, sample: Sample, found: Sequence[Found]) -> Mistake:
    return Mistake(what, sample, tuple(one.value for one in found), tuple(one.rule for one in found))


def _is_exact(found: Found, token: Token) -> bool:
    if found.digest:
        return any(sha1(value.encode()).hexdigest() == found.digest for value in token.values)
    return found.value.strip() in token.values


def _is_about(found: Found, token: Token, sample: Sample) -> bool:
    if _is_exact(found, token):
        return True
    if found.digest:
        return _is_on(found.line, token, sample.text)
    value, whole = found.value.strip(), token.values[0]
    return any(
        (part in whole) or (whole in part) or any(inner in part for inner in token.values)
        for part in (value, value.removesuffix('"'), value.removesuffix("'"))
        if len(part) >= min(SHORTEST_COMMON, len(whole))
    )


def _is_on(line: int, token: Token, text: str) -> bool:
    first = text.count("\n", 0, token.start) + 1
    return first <= line <= first + text.count("\n", token.start, token.end)
