"""The engine's matches are placed in the text once each."""

from __future__ import annotations

import tokens
from tokenward.detection.custom.workspace import PLAIN
from tokenward.detection.engine import Detector
from tokenward.detection.rules.engine_scan import Limits
from tokenward.detection.spans import placed

USERS = 50


def test_a_value_that_many_matches_are_about_is_judged_once(detector: Detector) -> None:
    user = f"chpasswd: list:\n  ada:{tokens.base62(7**24, 14)}\n"
    text = " ".join([user] * USERS)
    matches = detector.matches(text.encode(), "user-data")
    assert matches is not None
    found = list(placed(text, "user-data", matches.data, matches.by, local=PLAIN, limits=Limits()))
    assert len(found) == USERS
    assert len({one.matched for one in found}) == USERS
