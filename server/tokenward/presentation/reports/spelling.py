r"""How a text from a repository is spelled in a report, so that a hostile one is only ever a text.

A file name can hold line breaks, terminal escapes, characters that reverse the reading order, bytes of no encoding,
and commands of the CI system whose log the report ends up in: GitHub runs a line that begins with `::`, and
`##[…]` anywhere in one; Azure Pipelines runs `##vso[…]`, TeamCity `##teamcity[…]`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

_CI_COMMAND = re.compile(r"(?<=#)#(?=\w*\[)|(?<!\S):(?=:)")


def spelled(text: str) -> str:
    r"""The text with a `\uXXXX` for each character that cannot be shown or could start a command, as JSON has it.

    A backslash is doubled, so that the text can be read back; what is left is valid in XML and in UTF-8.
    """
    if text.isprintable() and not any(sign in text for sign in ("\\", "##", "::")):
        return text
    return without_commands("".join(_shown(character) for character in text))


def without_commands(text: str) -> str:
    """The text, spelled so that no CI system takes a part of it for a command."""
    return _CI_COMMAND.sub(lambda match: _escaped(match[0]), text)


def json_text(document: Any) -> str:
    """A document as JSON of printable ASCII, in which no CI system finds a command."""
    # Outside strings JSON has neither `#` nor `::`, so this changes only how a string is spelled.
    return without_commands(json.dumps(document, indent=2))


def _shown(character: str) -> str:
    if character == "\\":
        return "\\\\"
    if character.isprintable() or unicodedata.category(character) == "Zs":
        return character
    return _escaped(character)


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{high:02x}{low:02x}" for high, low in zip(units[::2], units[1::2], strict=True))
