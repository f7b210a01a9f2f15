"""A short text with a title, as Markdown or plain text; text put into it never becomes markup."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from tokenward.fast_dataclasses import dataclass
from tokenward.places import shown

MOST_CHARACTERS = 300
"""The longest piece; a longer one is cut."""

# A bare address becomes a link by its `://`, `www.` or `@`; the other characters start Markdown or HTML.
_MEANINGFUL = re.compile(r"[\\`*_{}\[\]<>#|~&!$@^=]|(?<=:)/|(?i:(?<=www)\.)|^[-+]|^\d{1,9}(?=[.)])")
_NOT_IN_A_TARGET = re.compile(r"[^A-Za-z0-9\-._~:/?#@!$&'*+,;=%]")


@dataclass(frozen=True, slots=True)
class Strong:
    """Emphasized text."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """Text to be read character by character."""

    text: str


@dataclass(frozen=True, slots=True)
class MarkupLink:
    """Text that links to an address; without Markdown, only the text."""

    text: str
    target: str


Piece: TypeAlias = "str | Strong | Code | MarkupLink"
Line: TypeAlias = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class MarkupText:
    """A title line, and a list of lines below it."""

    title: Line
    lines: tuple[Line, ...] = ()


def markdown(text: MarkupText) -> str:
    """Return CommonMark without HTML, images, or links other than its MarkupLinks."""
    items = [f"- {_joined(line, _marked)}" for line in text.lines]
    return "\n".join([_joined(text.title, _marked), "", *items]).rstrip()


def plain(text: MarkupText) -> str:
    """Return plain text, for a client that does not render Markdown."""
    items = [f"- {_joined(line, _unmarked)}" for line in text.lines]
    return "\n".join([_joined(text.title, _unmarked), *items])


def escaped(text: str) -> str:
    """Return text that Markdown shows unchanged anywhere in a line."""
    return _MEANINGFUL.sub(_escape, _cut(text))


def code(text: str) -> str:
    """Return a code span."""
    return f"`{_cut(text).replace('`', chr(39)).strip() or ' '}`"


def link(text: str, target: str) -> str:
    """Return a Markdown link."""
    return f"[{escaped(text)}]({_NOT_IN_A_TARGET.sub(_percent, target)})"


def _escape(match: re.Match[str]) -> str:
    # After a number that would begin a list, the next character gets the backslash.
    return f"{match[0]}\\" if match[0].isdecimal() else f"\\{match[0]}"


def _joined(line: Line, spell: Callable[[Piece], str]) -> str:
    return "".join(map(spell, line))


def _marked(piece: Piece) -> str:
    if isinstance(piece, str):
        return escaped(piece)
    if isinstance(piece, Strong):
        # Asterisks around a space would be shown.
        inner = escaped(piece.text.strip())
        return f"**{inner}**" if inner else ""
    return code(piece.text) if isinstance(piece, Code) else link(piece.text, piece.target)


def _unmarked(piece: Piece) -> str:
    return _cut(piece if isinstance(piece, str) else piece.text)


def _cut(text: str) -> str:
    return shown(text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 1]}…")


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "surrogateescape"))
