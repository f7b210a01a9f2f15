"""Safe readers for the claims of a hostile value: dates, short plain texts, and JSON objects."""

from __future__ import annotations

import base64
import binascii
import json
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any

from tokenward.detection.generic.randomness import UUID, is_random

MOST_CHARACTERS = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_ITEMS = 20
_AT = re.compile("[@\uff20\ufe6b]|%40")
_RUN = re.compile(r"[A-Za-z0-9_+=-]{20,}")
_LAST_SECOND = 253_402_300_799
"""The end of the year 9999."""


def date_of(value: object) -> int | None:
    """Return a number as seconds since 1970; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    # Also false for NaN and infinity.
    return int(value) if 1 <= value <= _LAST_SECOND else None


def date_of_text(text: str, *patterns: str) -> int | None:
    """Parse a date in UTC with one of some `strptime` patterns; return seconds since 1970."""
    for pattern in patterns:
        try:
            return date_of(datetime.strptime(text, pattern).replace(tzinfo=UTC).timestamp())
        except (ValueError, OverflowError):
            continue
    return None


def date_shown(date: int) -> str:
    """Return a time in seconds since 1970 as text, in UTC."""
    # On Windows, `fromtimestamp` ends with the year 3000.
    return (_EPOCH + timedelta(seconds=date)).strftime("%Y-%m-%d %H:%M UTC")


def text_of(value: object) -> str:
    """Return a text or a list of texts on one short line; empty for anything else, or if it could name a person.

    Random-looking parts are omitted, because each may be a token.
    """
    if isinstance(value, list):
        return _short(", ".join(filter(None, map(_line, value[:_MOST_ITEMS]))))
    return _line(value)


def _line(value: object) -> str:
    # An @ means a person's address, or a URL with a password.
    if not isinstance(value, str) or _AT.search(value):
        return ""
    # Anything may follow a ? or a #.
    text = re.split("[?#]", value[: 2 * MOST_CHARACTERS])[0]
    # No control characters, changes of reading direction, or combining marks.
    plain = "".join(one for one in text if one.isprintable() and not unicodedata.combining(one)).strip()
    return _short(
        _RUN.sub(lambda run: run[0] if UUID.fullmatch(run[0]) or not is_random(run[0]) else "…", plain)
    )


def object_of(encoded: str) -> dict[str, Any]:
    """Return the JSON object in a base64url or base64 text; empty if absent."""
    try:
        return json_object(bytes_of(encoded).decode("utf-8"))
    except ValueError:
        return {}


def json_object(text: str) -> dict[str, Any]:
    """Return the JSON object in a text; empty if it is not one."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def bytes_of(encoded: str) -> bytes:
    """Decode a base64url or base64 text, padded or not; return no bytes if it is neither."""
    plain = encoded.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (ValueError, binascii.Error):
        return b""


def _short(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"
