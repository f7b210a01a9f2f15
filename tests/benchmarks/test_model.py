"""The trial of a model learns what separates its candidates."""

from __future__ import annotations

import random

from model import Candidate, _probability, _trained


def test_the_regression_learns_the_feature_that_tells_secrets_and_no_other() -> None:
    chance = random.Random(1)
    candidates = [
        Candidate("a", (1.0, float(is_secret), chance.random()), by_rules=False, is_secret=is_secret)
        for is_secret in (True, False) * 20
    ]
    weights = _trained(candidates)
    assert all((_probability(weights, one.features) > 0.9) == one.is_secret for one in candidates)
    assert abs(weights[2]) < abs(weights[1]) / 4
