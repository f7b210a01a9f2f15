r"""Escaping text from a repository in a report, so that hostile text has no effect.

A file name can contain line breaks, terminal escapes, characters that reverse the reading order, bytes of no encoding,
and commands for the CI system in whose log the report ends up: GitHub runs a line that begins with `::`, and
`##[…]` anywhere in one; Azure Pipelines runs `##vso[…]`, TeamCity `##teamcity[…]`.
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import Any

_CI_COMMAND = re.compile(r"(?<=#)#(?=\w*\[)|(?<!\S):(?=:)")


def spelled(text: str) -> str:
    r"""Return the text with `\uXXXX`, as in JSON, for each unprintable character and each start of a command.

    Backslashes are doubled, so that the text can be read back; the result is valid in XML and UTF-8.
    """
    if text.isprintable() and not any(sign in text for sign in ("\\", "##", "::")):
        return text
    return without_commands("".join(_shown(character) for character in text))


def without_commands(text: str) -> str:
    """Return the text, spelled so that no CI system reads a command in it."""
    return _CI_COMMAND.sub(lambda match: _escaped(match[0]), text)


def json_text(document: Any) -> str:
    """Return JSON in printable ASCII, in which no CI system reads a command."""
    # Outside strings, JSON has neither `#` nor `::`, so this changes only the spelling of strings.
    return without_commands(json.dumps(document, indent=2))


def json_pieces(around: Callable[[Any], Any], rows: Iterable[Any]) -> Iterator[str]:
    """Yield such JSON in pieces, so that its memory depends on a row and not on their number.

    `around` returns the document with its argument in the place of the list of rows.
    """
    place = os.urandom(32).hex()
    before, after = json_text(around(place)).split(f'"{place}"')
    indent = "\n" + " " * (len(last := before.rpartition("\n")[2]) - len(last.lstrip()))
    yield f"{before}["
    between, end = f"{indent}  ", "]"
    for row in rows:
        yield between + json_text(row).replace("\n", f"{indent}  ")
        between, end = f",{indent}  ", f"{indent}]"
    yield end + after


def _shown(character: str) -> str:
    if character == "\\":
        return "\\\\"
    if character.isprintable() or unicodedata.category(character) == "Zs":
        return character
    return _escaped(character)


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{high:02x}{low:02x}" for high, low in zip(units[::2], units[1::2], strict=True))
