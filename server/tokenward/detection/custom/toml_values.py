"""Readers of values in foreign TOML; keys match in any case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MOST_GROUPS = 1_000
MOST_ENTROPY = 100.0
"""No regex has more groups, and no text more bits per character; larger numbers are hostile."""

TomlTable = Mapping[str, Any]


class UnusableValue(ValueError):
    """A value cannot be used; the message names its key but never the value."""


def value(table: TomlTable, key: str) -> object:
    """Return the value of a key in any capitalisation, or None."""
    if key in table:
        return table[key]
    return next((found for name, found in table.items() if name.lower() == key.lower()), None)


def text(table: TomlTable, key: str) -> str | None:
    """Return a text, if there is one."""
    given = value(table, key)
    if isinstance(given, (str, type(None))):
        return given
    raise UnusableValue(f"`{key}` is not a text")


def texts(table: TomlTable, key: str) -> tuple[str, ...]:
    """Return a list of texts; like gitleaks, split a single text at commas."""
    given = value(table, key)
    if isinstance(given, str):
        return tuple(given.split(",")) if given else ()
    if given is None:
        return ()
    if isinstance(given, list) and all(isinstance(item, str) for item in given):
        return tuple(given)
    raise UnusableValue(f"`{key}` is not a list of texts")


def group(table: TomlTable, key: str) -> int:
    """Return the number of a regex group."""
    given = value(table, key)
    if given is None:
        return 0
    # In Python, a boolean is a number too.
    if isinstance(given, int) and not isinstance(given, bool) and 0 <= given <= MOST_GROUPS:
        return given
    raise UnusableValue(f"`{key}` is not a number from 0 to {MOST_GROUPS:,}")


def entropy(table: TomlTable, key: str) -> float:
    """Return an entropy in bits per character."""
    given = value(table, key)
    if given is None:
        return 0.0
    if isinstance(given, (int, float)) and not isinstance(given, bool) and abs(given) <= MOST_ENTROPY:
        return float(given)
    raise UnusableValue(f"`{key}` is not a number up to {MOST_ENTROPY:.0f}")


def tables(table: TomlTable, key: str) -> list[TomlTable]:
    """Return a list of tables."""
    given = value(table, key)
    if given is None:
        return []
    if isinstance(given, list) and all(isinstance(item, Mapping) for item in given):
        return given
    raise UnusableValue(f"`{key}` is not a list of tables")
