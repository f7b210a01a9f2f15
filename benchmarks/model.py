"""A trial: would a small model decide better than the rules by hand whether a named value is a secret?

    python benchmarks/model.py EXCERPTS.jsonl.gz [--folds 5] [--seed 1]

The candidates are the values that the detector of names judges in labelled excerpts (`labelled.py` describes them), and
in the made samples, which have the words and placeholders that the excerpts lack. A logistic regression over features
that the rules compute anyway is trained on all repositories but one fold's, and judged on those, beside the rules.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from corpora.generic import generic as named_samples
from corpora.negatives import negatives
from labelled import IDS, folds_of, label_span

from tokenward.detection.engine import Detector
from tokenward.detection.generic import generic
from tokenward.detection.generic.files import is_test
from tokenward.detection.generic.names import NameClaim
from tokenward.detection.generic.randomness import bits_a_character
from tokenward.detection.generic.values import Demands, is_filler, is_public, may_be_secret
from tokenward.detection.rules.own_rules import BY_NAME
from tokenward.model import Span

STEPS, RATE, PENALTY = 400, 0.5, 1e-4
_CLASSES = ("[a-z]", "[A-Z]", "[0-9]", r"[^A-Za-z0-9]")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A named value: its features, whether the rules take it for a secret, and whether it is one."""

    repository: str
    features: tuple[float, ...]
    by_rules: bool
    is_secret: bool


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("excerpts", type=Path)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with gzip.open(chosen.excerpts, "rt", encoding="utf-8") as lines:
        excerpts = [json.loads(line) for line in lines]
    with tempfile.TemporaryDirectory() as cache:
        detector = Detector(Path(cache))
        real = [one for excerpt in excerpts for one in _of_excerpt(detector, excerpt)]
        made = [one for seed in (1, 2) for one in _made(detector, seed)]
    held_out: list[tuple[Candidate, float]] = []
    for fold in folds_of(Counter(one.repository for one in real), chosen.folds, chosen.seed):
        weights = _trained([*(one for one in real if one.repository not in fold), *made])
        held_out += [(one, _probability(weights, one.features)) for one in real if one.repository in fold]
    print(f"{len(real):,} labelled candidates of real files, {len(made):,} of made ones\n")
    print(
        "| decision | P | R | F1 | made samples without a token, flagged |\n| --- | --- | --- | --- | --- |"
    )
    _show("rules", [(one, one.by_rules) for one in real], [(one, one.by_rules) for one in made])
    weights = _trained([*real, *made])
    for threshold in (0.5, 0.6, 0.7, 0.8, 0.9):
        on_made = [(one, _probability(weights, one.features) >= threshold) for one in made]
        _show(f"model, from {threshold}", [(one, p >= threshold) for one, p in held_out], on_made)


def _of_excerpt(detector: Detector, excerpt: Mapping[str, object]) -> Iterator[Candidate]:
    text, path, labels = str(excerpt["text"]), str(excerpt["path"]), excerpt["labels"]
    assert isinstance(labels, list)
    spans = [(label, label_span(text, label)) for label in labels]
    for span, features, by_rules in _judged(detector, text, path):
        hits = [label for label, where in spans if where.overlaps(span)]
        known = [label for label in hits if not set(label["category"].split(":")) <= IDS]
        if known:
            yield Candidate(str(excerpt["repo"]), features, by_rules, any(one["secret"] for one in known))


def _made(detector: Detector, seed: int) -> Iterator[Candidate]:
    for sample in (*named_samples(seed), *negatives(seed)):
        for span, features, by_rules in _judged(detector, sample.text, sample.path):
            is_secret = any(Span(one.start, one.end).overlaps(span) for one in sample.tokens)
            yield Candidate("", features, by_rules, is_secret)


def _judged(detector: Detector, text: str, path: str) -> Iterator[tuple[Span, tuple[float, ...], bool]]:
    """Yield the values that the detector of names judges, with their features and its judgement."""
    data = text.encode("utf-8", "replace")
    matches = detector.matches(data, path)
    asked: list[tuple[str, NameClaim, Demands]] = []

    def recorded(value: str, claim: NameClaim, demands: Demands) -> bool:
        asked.append((value, claim, demands))
        return True

    seen: set[Span] = set()
    for match in (one for _, found in matches.by for one in found) if matches else ():
        if match.rule_id not in BY_NAME:
            continue
        start, end = (
            len(data[: match.location[key]].decode("utf-8", "ignore"))
            for key in ("start_offset", "end_offset")
        )
        with patch.object(generic, "may_be_secret", recorded):
            tokens = generic.tokens_at(text, Span(start, end), path)
        for named, (value, claim, demands) in zip(tokens, asked[-len(tokens) :], strict=False):
            if named.value in seen:
                continue
            seen.add(named.value)
            yield (
                named.value,
                _features(value, claim, path, quoted=named.quoted),
                may_be_secret(value, claim, demands),
            )


def _features(value: str, claim: NameClaim, path: str, *, quoted: bool) -> tuple[float, ...]:
    size = max(1, len(value))
    shares = [len(re.findall(one, value)) / size for one in _CLASSES]
    return (
        1.0,
        *(float(claim is one) for one in (NameClaim.PASSWORD, NameClaim.SECRET)),
        min(size, 64) / 64,
        float(size < 8),
        bits_a_character(value) / 6,
        len(set(value)) / min(size, 40),
        *shares,
        float(is_filler(value)),
        float(is_public(value)),
        float(is_test(path)),
        float(quoted),
        float(bool(re.search(r"\s", value))),
    )


def _trained(candidates: Sequence[Candidate]) -> list[float]:
    """Return the weights of a logistic regression, by gradient descent; secrets and others count the same in all."""
    secrets = sum(one.is_secret for one in candidates)
    shares = {True: 0.5 / max(1, secrets), False: 0.5 / max(1, len(candidates) - secrets)}
    weights = [0.0] * len(candidates[0].features)
    for step in range(STEPS):
        gradient = [PENALTY * weight for weight in weights]
        for one in candidates:
            error = (_probability(weights, one.features) - one.is_secret) * shares[one.is_secret]
            for place, feature in enumerate(one.features):
                gradient[place] += error * feature
        rate = RATE * 40 / (1 + step / 100)
        weights = [weight - rate * part for weight, part in zip(weights, gradient, strict=True)]
    return weights


def _probability(weights: Sequence[float], features: Sequence[float]) -> float:
    score = sum(weight * feature for weight, feature in zip(weights, features, strict=True))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


def _show(name: str, real: Iterable[tuple[Candidate, bool]], made: Iterable[tuple[Candidate, bool]]) -> None:
    counts = Counter((one.is_secret, bool(taken)) for one, taken in real)
    found, flagged, missed = counts[True, True], counts[False, True], counts[True, False]
    precision, recall = found / max(1, found + flagged), found / max(1, found + missed)
    mean = 2 * precision * recall / max(1e-9, precision + recall)
    clean = [taken for one, taken in made if not one.is_secret]
    print(f"| {name} | {precision:.3f} | {recall:.3f} | {mean:.3f} | {sum(clean)} of {len(clean)} |")


if __name__ == "__main__":
    main()
