"""Foreign TOML: a parser with limits and line numbers, and readers of values, whose keys match in any case."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tokenward.model import Problem

MAX_CHARACTERS = 1_000_000
# The parser's time grows with the square of a dotted key's length.
MAX_DOTS_IN_LINE = 32
# Each alternative also ends at the end of the text, so that no opening is tried twice. Up to two quotes before the
# closing ones belong to the string; mistaken for an opening, they would hide what follows.
_STRING_OR_COMMENT = re.compile(
    r'"""(?:\\.|[^\\]|\\\Z)*?(?:"{3,5}|\Z)'
    r"|'''.*?(?:'{3,5}|\Z)"
    r'|"(?:\\.|[^"\\\n]|\\\Z)*(?:"|$)'
    r"|'[^'\n]*(?:'|$)"
    r"|#[^\n]*",
    re.DOTALL | re.MULTILINE,
)

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


class TomlText:
    """The table in a TOML file, and the lines of its parts."""

    def __init__(self, table: Mapping[str, object], lines: list[str]) -> None:
        self.table = table
        self._lines = lines

    def lines_of(self, *headers: str) -> list[int]:
        """Return the lines with one of the table headers, such as `[[rules]]` (in lower case), in order."""
        return [n for n, line in enumerate(self._lines) if line.replace(" ", "").lower() in headers]

    def line_of_key(self, key: str, header: int) -> int:
        """Return the line that sets a key below a table's header, or else the header's line."""
        for number in range(header + 1, len(self._lines)):
            line = self._lines[number]
            if line.startswith("["):
                break
            if line.partition("=")[0].rstrip().lower() == key.lower():
                return number
        return header


def parse_toml(path: str, text: str) -> TomlText | Problem:
    """Parse a file; if it cannot be used, return the reason."""
    if len(text) > MAX_CHARACTERS:
        return Problem(path, 0, f"The file is longer than {MAX_CHARACTERS:,} characters; shorten it.")
    plain = _STRING_OR_COMMENT.sub(lambda found: "\n" * found[0].count("\n"), text)
    lines = [line.strip() for line in plain.split("\n")]
    deep = next((n for n, line in enumerate(lines) if line.count(".") > MAX_DOTS_IN_LINE), None)
    if deep is not None:
        return Problem(path, deep, f"The line has more than {MAX_DOTS_IN_LINE} dots in keys; shorten it.")
    import tomllib  # noqa: PLC0415 - few workspaces have such files

    try:
        return TomlText(tomllib.loads(text), lines)
    except (ValueError, RecursionError) as error:
        # The parser's message may quote the file, so only its line number is passed on.
        line = re.search(r"at line (\d+)", str(error))
        return Problem(
            path, int(line[1]) - 1 if line else text.count("\n"), "This is not valid TOML; fix it."
        )
