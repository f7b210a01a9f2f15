from __future__ import annotations

import pytest

from tokenward.language import ago, ahead, moment, span

MINUTE, HOUR, DAY = 60, 3_600, 86_400


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "less than a minute"),
        (29, "less than a minute"),
        (MINUTE, "1 minute"),
        (90, "2 minutes"),
        (90 * MINUTE, "90 minutes"),
        (3 * HOUR - 5, "3 hours"),
        (47 * HOUR, "2 days"),
        (45 * DAY, "45 days"),
        (300 * DAY, "10 months"),
        (20 * 365.25 * DAY, "20 years"),
        (8_000 * 365.25 * DAY, "8,000 years"),
    ],
)
def test_a_span_is_said_in_the_largest_unit_that_tells_enough(seconds: float, said: str) -> None:
    assert span(seconds) == said


def test_a_moment_is_said_in_universal_time() -> None:
    assert moment(1_795_618_800) == "2026-11-25 at 15:00 UTC"
    assert ago(1_795_618_800, 1_795_618_800 + 2 * DAY) == "2 days ago, on 2026-11-25 at 15:00 UTC"
    assert ahead(1_795_618_800, 1_795_618_800 - 3 * HOUR) == "in 3 hours, on 2026-11-25 at 15:00 UTC"


@pytest.mark.parametrize("time", [10**18, -(10**18)])
def test_a_moment_that_no_calendar_has_is_said_to_be_one(time: int) -> None:
    assert moment(time) == "a day that no calendar has"
