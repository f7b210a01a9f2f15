"""A short text with a title, as Markdown or as plain text; nothing that is put into it can be more than text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from tokenward.places import shown

MOST_CHARACTERS = 300
"""Of one piece; what is longer is cut."""

# A bare address becomes a link by its `://`, its `www.` or its `@`; the rest is what Markdown and HTML begin with.
_MEANINGFUL = re.compile(r"[\\`*_{}\[\]<>#|~&!$@^=]|(?<=:)/|(?i:(?<=www)\.)|^[-+]|^\d{1,9}(?=[.)])")
_NOT_IN_A_TARGET = re.compile(r"[^A-Za-z0-9\-._~:/?#@!$&'*+,;=%]")


@dataclass(frozen=True, slots=True)
class Strong:
    """A text that stands out."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """A text that is to be read character by character."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads to an address; a text alone where Markdown is not understood."""

    text: str
    target: str


Piece: TypeAlias = "str | Strong | Code | Link"
Line: TypeAlias = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """One line, and a list of lines below it."""

    title: Line
    lines: tuple[Line, ...] = ()


def markdown(text: Text) -> str:
    """The text as CommonMark without HTML, and without a link or an image that is no Link of it."""
    items = [f"- {_joined(line, _marked)}" for line in text.lines]
    return "\n".join([_joined(text.title, _marked), "", *items]).rstrip()


def plain(text: Text) -> str:
    """The text for a client that shows it as it is."""
    items = [f"- {_joined(line, _unmarked)}" for line in text.lines]
    return "\n".join([_joined(text.title, _unmarked), *items])


def escaped(text: str) -> str:
    """A text so that Markdown shows it as it is, wherever in a line it stands."""
    return _MEANINGFUL.sub(_escape, _cut(text))


def code(text: str) -> str:
    """A text as a code span."""
    return f"`{_cut(text).replace('`', chr(39)).strip() or ' '}`"


def link(text: str, target: str) -> str:
    return f"[{escaped(text)}]({_NOT_IN_A_TARGET.sub(_percent, target)})"


def _escape(match: re.Match[str]) -> str:
    # Of a number that would begin a list it is what follows that takes the backslash.
    return f"{match[0]}\\" if match[0].isdecimal() else f"\\{match[0]}"


def _joined(line: Line, spell: Callable[[Piece], str]) -> str:
    return "".join(map(spell, line))


def _marked(piece: Piece) -> str:
    if isinstance(piece, str):
        return escaped(piece)
    if isinstance(piece, Strong):
        # Marks round a blank would stand there as they are.
        inner = escaped(piece.text.strip())
        return f"**{inner}**" if inner else ""
    return code(piece.text) if isinstance(piece, Code) else link(piece.text, piece.target)


def _unmarked(piece: Piece) -> str:
    return _cut(piece if isinstance(piece, str) else piece.text)


def _cut(text: str) -> str:
    return shown(text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 1]}…")


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "surrogateescape"))
