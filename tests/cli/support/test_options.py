from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tokenward.cli.support.options import moment_of
from tokenward.errors import TokenwardError

DAY = datetime(2026, 11, 25, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "is_end", "moment"),
    [
        (None, False, None),
        ("2026-11-25", False, DAY),
        ("2026-11-25", True, DAY + timedelta(days=1)),
        ("2026-11-25T08:00", False, DAY + timedelta(hours=8)),
        ("2026-11-25T08:00", True, DAY + timedelta(hours=8)),
        ("2026-11-25T08:00Z", False, DAY + timedelta(hours=8)),
        ("2026-11-25T08:00+02:00", False, DAY + timedelta(hours=6)),
    ],
)
def test_a_moment_without_a_zone_is_in_utc(
    text: str | None, *, is_end: bool, moment: datetime | None
) -> None:
    assert moment_of(text, is_end=is_end) == moment


def test_how_long_ago_is_counted_from_now() -> None:
    before = datetime.now(UTC)
    found = moment_of("36h")
    assert found is not None
    assert before <= found + timedelta(hours=36) <= datetime.now(UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "-1d", "0h", "2026-13-01", "99999999999d"])
def test_what_is_no_time_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(TokenwardError, match="write it as 2026-11-25"):
        moment_of(text)
