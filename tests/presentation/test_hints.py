from __future__ import annotations

import pytest

from tokenward.presentation.hints import Hint, of_expiry

NOW = 1_795_618_800
HOUR = 3_600


@pytest.mark.parametrize(
    ("expires", "hint"),
    [
        (NOW + 3 * HOUR, Hint("expires in 3 hours", "This token expires on 2026-11-25 at 18:00 UTC.", 180)),
        (
            NOW + 20,
            Hint("expires in less than a minute", "This token expires on 2026-11-25 at 15:00 UTC.", 20),
        ),
        (NOW, Hint("expired", "This token expired on 2026-11-25 at 15:00 UTC.")),
        (NOW - HOUR, Hint("expired", "This token expired on 2026-11-25 at 14:00 UTC.")),
    ],
)
def test_a_token_that_names_its_end_says_how_far_that_is(expires: int, hint: Hint) -> None:
    assert of_expiry(expires, NOW) == hint


@pytest.mark.parametrize("left", [1, 59, 60, 3_000, 5 * HOUR, 100 * 24 * HOUR])
def test_a_label_is_made_again_before_it_is_wrong_and_at_the_end(left: int) -> None:
    holds_for = of_expiry(NOW + left, NOW).holds_for
    assert holds_for is not None
    assert 0 < holds_for <= min(left, HOUR)
    assert holds_for == left or holds_for >= 60
