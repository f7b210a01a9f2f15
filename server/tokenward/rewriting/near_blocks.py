"""near_blocks: a long text of code with only the blocks around some lines, in which they read as in the whole text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import chain

from tokenward.model import Span
from tokenward.rewriting.edits import merged_spans
from tokenward.rewriting.languages import Language
from tokenward.text import LineTable

LONG = 20_000
"""The characters from which it costs less to parse only the blocks than the whole text."""
HEAD = 50
"""The first lines, which are kept for their imports."""
AROUND = 10

_CONTINUES = re.compile(r"[\\,(\[{=+|&.?]\s*\Z|\A@")
"""A line after which no block starts."""
_STARTS = re.compile(
    r"(?!(?:elif|else|except|finally|catch|while|case|default|and|or|in|is|not|if)\b)[A-Za-z_$@#/]"
)
"""The first characters of a block."""


@dataclass(frozen=True, slots=True)
class _Blocks:
    """What decides how the lines far from a token read.

    Attributes:
        inside: matches the parts of a text, over several lines, in which no block starts.
        root: matches the name with which a look-up begins.
    """

    inside: re.Pattern[str]
    root: re.Pattern[str]


_PYTHON = _Blocks(
    re.compile(r'"""[\s\S]*?(?:"""|\Z)|' + r"'''[\s\S]*?(?:'''|\Z)"), re.compile(r"os(?<!\wos)(?!\w)")
)
_JAVASCRIPT = _Blocks(
    re.compile(r"`[\s\S]*?(?:(?<!\\)`|\Z)|/\*[\s\S]*?(?:\*/|\Z)"),
    re.compile(r"process(?<![\w$]process)(?![\w$])"),
)
_BLOCKS = {"python": _PYTHON, "javascript": _JAVASCRIPT, "typescript": _JAVASCRIPT, "tsx": _JAVASCRIPT}


def near_blocks(text: str, language: Language, places: Iterable[range]) -> str | None:
    """Return a text with only the blocks around some lines, and empty lines for the others; None to read it whole.

    A block is a line without indentation and those up to the next such line, outside of strings over several lines.
    """
    blocks = _BLOCKS.get(language.name)
    if blocks is None or len(text) < LONG:
        return None
    table = LineTable(text)
    inside = set(chain.from_iterable(_lines(table, found)[1:] for found in blocks.inside.finditer(text)))
    roots = [*blocks.root.finditer(text)]
    # Without a dot after it, the name may get another meaning; if it gets none anywhere, any use counts.
    binding = [_lines(table, found) for found in roots if not text.startswith(".", found.end())]
    binding = binding or [_lines(table, found) for found in roots]
    near = (range(max(0, one.start - AROUND), one.stop + AROUND) for one in places)
    wanted = merged_spans(Span(one.start, one.stop) for one in chain([range(HEAD)], near, binding))
    kept = _grown(table.lines, inside, wanted)
    return _only(table.lines, kept) if sum(map(len, kept)) < len(table.lines) // 2 else None


def _lines(table: LineTable, found: re.Match[str]) -> range:
    return range(table.point(found.start()).line, table.point(found.end()).line + 1)


def _grown(lines: Sequence[str], inside: AbstractSet[int], parts: Iterable[Span]) -> list[Span]:
    """Return the lines of all blocks that ordered parts touch; visit no line twice."""
    grown: list[Span] = []
    done = 0
    for part in parts:
        start, end = max(done, part.start), max(done, min(len(lines), part.end))
        while start > done and not _is_start(lines, inside, start):
            start -= 1
        while end < len(lines) and not _is_start(lines, inside, end):
            end += 1
        grown.append(Span(start, end))
        done = end
    return grown


def _is_start(lines: Sequence[str], inside: AbstractSet[int], number: int) -> bool:
    return (
        number not in inside
        and _STARTS.match(lines[number]) is not None
        and _CONTINUES.search(lines[number - 1]) is None
    )


def _only(lines: Sequence[str], kept: Iterable[Span]) -> str:
    parts: list[str] = []
    done = 0
    for one in kept:
        parts += ["\n" * (one.start - done), *lines[one.start : one.end]]
        done = one.end
    return "".join([*parts, "\n" * (len(lines) - 1 - done)])
