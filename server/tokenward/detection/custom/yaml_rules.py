"""The items of a Kingfisher rule file, split by indentation so that each can be tried alone."""

from __future__ import annotations

import re
from itertools import accumulate

from tokenward.records import dataclass

MOST_OPEN = 2_000
"""Brackets that may be open at once, including those in regexes."""
_BRACKET = re.compile(r"[][{}]")
_ID = re.compile(r"""[ -]*id:[ \t]*["']?([^\s"'#]+)""")


@dataclass(frozen=True, slots=True)
class YamlRule:
    """An item of `rules:`, as in its file; `line` is 0-based."""

    line: int
    text: str


def split_rules(text: str) -> tuple[YamlRule, ...]:
    """Return the items of the list `rules:`; none if it is not written as a block."""
    lines = text.replace("\r\n", "\n").split("\n")
    start = next((n for n, line in enumerate(lines) if _content(line) == "rules:"), len(lines))
    first = next((n for n in range(start + 1, len(lines)) if _content(lines[n])), len(lines))
    if first == len(lines) or not lines[first].lstrip(" ").startswith("- "):
        return ()
    indent = _indent(lines[first])
    end = next((n for n in range(first, len(lines)) if _ends(lines[n], indent)), len(lines))
    marker = " " * indent + "- "
    starts = [n for n in range(first, end) if lines[n].startswith(marker)]
    ends = [*starts[1:], end]
    return tuple(YamlRule(a, "\n".join(lines[a:b]) + "\n") for a, b in zip(starts, ends, strict=True))


def nests_too_deeply(text: str) -> bool:
    """Return whether so many brackets are open at once that the engine's parser would take quadratic time."""
    steps = (1 if bracket in "[{" else -1 for bracket in _BRACKET.findall(text))
    return max(accumulate(steps), default=0) > MOST_OPEN


def lines_of_ids(text: str) -> dict[str, int]:
    """Return the lines of plainly written rule ids."""
    found = ((number, _ID.match(line)) for number, line in enumerate(text.split("\n")))
    return {match[1]: number for number, match in found if match is not None}


def _content(line: str) -> str:
    return "" if line.lstrip().startswith("#") else line.partition(" #")[0].rstrip()


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _ends(line: str, indent: int) -> bool:
    """Return whether a line is the first one after the list."""
    own = _indent(line)
    return bool(_content(line)) and (own < indent or (own == indent and not line[own:].startswith("- ")))
