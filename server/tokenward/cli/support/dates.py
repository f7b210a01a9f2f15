"""Moments as a person writes them: for `--since` and `--until`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tokenward.errors import TokenwardError
from tokenward.setting_fields import duration

FORMS = "a day (2026-11-25), a time (2026-11-25T08:00), or how long ago (36h, 30d)"


def moment_of(text: str | None, *, is_end: bool = False) -> datetime | None:
    """A moment, in UTC where no zone is named; a day alone is its beginning, or its end. None for no text.

    Raises:
        TokenwardError: it is none.
    """
    from tokenward.sources.logs.access_logs import time_of

    if text is None:
        return None
    ago = duration(text)
    if ago is not None:
        return datetime.now(UTC) - timedelta(seconds=ago)
    time = time_of(text)
    if time is None:
        raise TokenwardError(
            "That is no time; write it as 2026-11-25 or 2026-11-25T14:00+01:00, or how long ago, such as 36h."
        )
    is_day = len(text.strip()) == len("2026-11-25")
    return time + timedelta(days=1) if is_day and is_end else time
