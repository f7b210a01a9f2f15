"""What is public whatever its name says, by public.toml: references, templates, hashes, addresses, code."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files


def is_public(value: str) -> bool:
    """Whether a value is of a kind that is no secret."""
    begins, whole, holds = _patterns()
    return bool(begins.match(value) or whole.fullmatch(value) or holds.search(value))


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """What a value begins with, is as a whole, or holds somewhere."""
    kinds = tomllib.loads((files("tokenward.detection.generic") / "public.toml").read_text("utf-8")).values()
    begins, whole, holds = (
        re.compile("|".join(one for kind in kinds for one in kind.get(place, ())), re.IGNORECASE)
        for place in ("begins", "whole", "holds")
    )
    return begins, whole, holds
