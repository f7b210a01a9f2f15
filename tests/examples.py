"""How many examples a property test tries."""

from __future__ import annotations

from hypothesis import settings

_DEFAULT = 100


def fewer(count: int, long: int) -> int:
    """Return a count below the usual one, for a small space that many parameters share, or that of the long tests."""
    return long if settings.get_current_profile_name() == "long" else count


def up_to(count: int) -> int:
    """Return a count above the usual one for the long tests, else the usual one."""
    return count if settings.get_current_profile_name() == "long" else min(count, _DEFAULT)
