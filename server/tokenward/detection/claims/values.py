"""Safe readers for the claims of a hostile value: plain dates, short plain texts, and JSON objects."""

from __future__ import annotations

import base64
import binascii
import json
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any

from tokenward.detection.generic.randomness import is_random

MOST_CHARACTERS = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_ITEMS = 20
_AT = re.compile("[@\uff20\ufe6b]|%40")
_RUN = re.compile(r"[A-Za-z0-9_+=-]{20,}")
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_LAST_SECOND = 253_402_300_799
"""The end of the year 9999."""


def date_of(value: object) -> int | None:
    """Return a number as seconds since 1970; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    # Also false for what is not a number and for infinity.
    return int(value) if 1 <= value <= _LAST_SECOND else None


def date_of_text(text: str, *patterns: str) -> int | None:
    """Return a date in UTC, in one of the patterns of `strptime`, as seconds since 1970."""
    for pattern in patterns:
        try:
            return date_of(datetime.strptime(text, pattern).replace(tzinfo=UTC).timestamp())
        except (ValueError, OverflowError):
            continue
    return None


def date_shown(date: int) -> str:
    # `fromtimestamp` of Windows ends with the year 3000.
    return (_EPOCH + timedelta(seconds=date)).strftime("%Y-%m-%d %H:%M UTC")


def text_of(value: object) -> str:
    """Return a text or a list of texts in one short line; empty for anything else, and for what could name a person.

    What looks random in it is left out, for that may be a token of its own.
    """
    if isinstance(value, list):
        return _short(", ".join(filter(None, map(_line, value[:_MOST_ITEMS]))))
    return _line(value)


def _line(value: object) -> str:
    # What has an @ is the address of a person, or a URL with a password.
    if not isinstance(value, str) or _AT.search(value):
        return ""
    # What follows a ? or a # may be anything.
    text = re.split("[?#]", value[: 2 * MOST_CHARACTERS])[0]
    # No control characters, no changes of reading direction, no marks that pile up on another.
    plain = "".join(one for one in text if one.isprintable() and not unicodedata.combining(one)).strip()
    return _short(
        _RUN.sub(lambda run: run[0] if _UUID.fullmatch(run[0]) or not is_random(run[0]) else "…", plain)
    )


def object_of(encoded: str) -> dict[str, Any]:
    """Return the JSON object in a base64url or base64 text; empty if there is none."""
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
    """Return the bytes of a base64url or base64 text, padded or not; empty if it is neither."""
    plain = encoded.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (ValueError, binascii.Error):
        return b""


def _short(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"
