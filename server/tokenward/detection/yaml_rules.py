"""The items of a Kingfisher rule file, told apart by their indentation, so that each can be tried alone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class YamlRule:
    """One item of `rules:`, as it stands in its file; `line` is 0-based."""

    line: int
    text: str


def split_rules(text: str) -> tuple[YamlRule, ...]:
    """The items of the list `rules:`; none when it is not written as a block."""
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


def _content(line: str) -> str:
    return "" if line.lstrip().startswith("#") else line.partition(" #")[0].rstrip()


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _ends(line: str, indent: int) -> bool:
    """Whether a line belongs to what follows the list."""
    own = _indent(line)
    return bool(_content(line)) and (own < indent or (own == indent and not line[own:].startswith("- ")))
