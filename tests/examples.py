"""How many examples a property test tries."""

from __future__ import annotations

from hypothesis import settings

_DEFAULT = 100


def up_to(count: int) -> int:
    """Return a count above the usual one for the long tests, else the usual one."""
    return count if settings.get_current_profile_name() == "long" else min(count, _DEFAULT)
