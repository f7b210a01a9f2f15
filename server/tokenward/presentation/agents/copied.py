"""A part of a document as it is given to an AI assistant: below its name, in a block of code."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tokenward.places import shown

_FENCES = re.compile("`+")
_LANGUAGE = re.compile(r"[\w+#.-]{1,40}")


@dataclass(frozen=True, slots=True)
class Copied:
    """A part of a document, without tokens.

    Attributes:
        name: the document's.
        first: the line of the document with which the part begins, from 1.
        language: the client's name of its language.
    """

    name: str
    first: int
    language: str
    text: str


def block(copied: Copied) -> str:
    """Return a part in Markdown, with the file's name and the number of its first line."""
    text = copied.text if copied.text.endswith("\n") else f"{copied.text}\n"
    longest = max(map(len, _FENCES.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    language = copied.language if _LANGUAGE.fullmatch(copied.language) else ""
    name = shown(copied.name).replace("`", "?")
    return f"`{name}`, from line {copied.first}:\n\n{fence}{language}\n{text}{fence}\n"
