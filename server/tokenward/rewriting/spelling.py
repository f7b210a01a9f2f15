r"""Spelling: how the characters of a value are written inside a literal.

A value is moved only if its spelling is the one that `written` chooses, so that it can be restored byte for byte.
This also refuses escapes that no encoder writes (`\u0041` for `A`).
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from tokenward.errors import RewriteRefused
from tokenward.model import Span

PLAIN = "plain"
BASIC = "basic"
"""As HTTP's basic authentication has it: a user's name and the value, in Base64."""

_RESERVED = [character for character in map(chr, range(32, 127)) if not re.match(r"[\w.~-]", character)]
_ENTITIES = ("amp", "lt", "gt", "quot", "apos", "#10", "#13", "#9")
_BACKSLASHED = {"\\n": "\n", "\\t": "\t", "\\r": "\r", "\\\\": "\\"}
_CODECS: dict[str, dict[str, str]] = {
    PLAIN: {},
    BASIC: {},
    "double": {**_BACKSLASHED, '\\"': '"'},
    "dollar": {**_BACKSLASHED, '\\"': '"', "\\$": "$"},
    "sigils": {**_BACKSLASHED, '\\"': '"', "\\$": "$", "\\@": "@"},
    "single": {**_BACKSLASHED, "\\'": "'"},
    "single-dollar": {**_BACKSLASHED, "\\'": "'", "\\$": "$"},
    "backtick": {**_BACKSLASHED, "\\`": "`"},
    "doubled": {"''": "'"},
    "doubled-double": {'""': '"'},
    "bare-single": {"\\\\": "\\", "\\'": "'"},
    "powershell": {"`n": "\n", "`t": "\t", "`r": "\r", "``": "`", '`"': '"', "`$": "$"},
    "shell": {"\\\\": "\\", '\\"': '"', "\\$": "$", "\\`": "`"},
    "xml": {f"&{name};": character for name, character in zip(_ENTITIES, "&<>\"'\n\r\t", strict=True)},
    "percent": {f"%{ord(character):02x}": character for character in _RESERVED},
    "percent-upper": {f"%{ord(character):02X}": character for character in _RESERVED},
}
_PERCENT = re.compile("%[0-9A-Fa-f]{2}")
_LINE_BREAK = re.compile(r"\r\n|\n")
_NEWLINE = re.compile(r"(?:\r\n|\n)[ \t]*")


@dataclass(frozen=True, slots=True)
class Spelling:
    """The spelling of one value.

    Attributes:
        codec: the set of escapes that it uses.
        newline: an unescaped line break of the value, as in the file.
        user: the user whose name is written with it, in the codec `basic`.
    """

    codec: str = PLAIN
    newline: str = "\n"
    user: str = ""

    def __post_init__(self) -> None:
        if self.codec not in _CODECS or not _NEWLINE.fullmatch(self.newline):
            raise ValueError("not a spelling")

    def written(self, value: str) -> str:
        """Return a value with its characters escaped."""
        if self.codec == BASIC:
            return base64.b64encode(f"{self.user}:{value}".encode()).decode()
        inverse: dict[str, str | int | None] = {
            character: escape for escape, character in _CODECS[self.codec].items()
        }
        written = value.translate(str.maketrans(inverse))
        return written.replace("\n", self.newline)


PLAINLY = Spelling()


@dataclass(frozen=True, slots=True)
class Form:
    """The rules for the content of one kind of literal.

    Attributes:
        escape: an escape as written, which must not be cut in two.
        codec: the escapes that can be written back.
        line_breaks: a value may contain unescaped line breaks, which a reader gets as line feeds.
        keeps_returns: a reader gets a carriage return before a line break.
        indent: the start of each further line of a value, which does not belong to the value.
        plain: matches values that need no delimiters.
    """

    escape: re.Pattern[str] | None = None
    codec: str = PLAIN
    line_breaks: bool = False
    keeps_returns: bool = False
    indent: str = ""
    plain: re.Pattern[str] | None = None

    def read(self, written: str) -> tuple[str, Spelling]:
        """Return the value of a piece of a literal, and its spelling.

        Raises:
            RewriteRefused: the piece could not be restored exactly.
        """
        codec = self.codec if self.escape and self.escape.search(written) else PLAIN
        newline = _LINE_BREAK.search(written)
        if newline and (not self.line_breaks or (self.keeps_returns and "\r" in written)):
            raise RewriteRefused(
                "The token spans several lines in a way that could not be restored exactly; move it by hand."
            )
        spelling = Spelling(codec, newline[0] + self.indent) if newline else Spelling(codec)
        value = self._decoded(written, spelling)
        if value is None or spelling.written(value) != written:
            raise RewriteRefused(
                "The token is written with escapes or line breaks that could not be restored exactly; "
                "write it plainly, then move it."
            )
        if self.plain and not self.plain.fullmatch(written):
            raise RewriteRefused(
                "The token contains characters that are special here; put it in quotes, then move it."
            )
        return value, spelling

    def cuts(self, text: str, content: Span) -> list[Span]:
        """Return the places of the literal's escapes, in order."""
        if self.escape is None:
            return []
        return [Span(*match.span()) for match in self.escape.finditer(text, content.start, content.end)]

    def spellings(self, text: str) -> list[Spelling]:
        """Return the ways to write any value in such a literal of this text, best first."""
        newline = "\r\n" if "\r\n" in text and not self.keeps_returns else "\n"
        plain = Spelling(PLAIN, newline + self.indent)
        return [plain, Spelling(self.codec, newline + self.indent)]

    def _decoded(self, written: str, spelling: Spelling) -> str | None:
        joined = written.replace(spelling.newline, "\n")
        if "\r" in joined and not self.keeps_returns:
            return None
        if self.escape is None:
            return joined
        known = _CODECS[spelling.codec]
        if any(escape[0] not in known for escape in self.escape.finditer(joined)):
            return None
        return self.escape.sub(lambda escape: known[escape[0]], joined)


class BasicForm(Form):
    """The form of a user's name and a value in Base64."""

    def read(self, written: str) -> tuple[str, Spelling]:
        try:
            user, _, value = base64.b64decode(written, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            user = value = ""
        spelling = Spelling(BASIC, user=user)
        if not user or not value or spelling.written(value) != written:
            raise RewriteRefused("This is no user name and password in Base64; log in again, then move it.")
        return value, spelling


class PercentForm(Form):
    """The form of a password in a URL, with the escapes that git writes, or those in capital letters."""

    def read(self, written: str) -> tuple[str, Spelling]:
        is_upper = any(escape != escape.lower() for escape in _PERCENT.findall(written))
        return Form(_PERCENT, "percent-upper" if is_upper else "percent").read(written)

    def spellings(self, text: str) -> list[Spelling]:  # noqa: ARG002
        return [Spelling("percent")]


def decoded_escape(escape: str, codec: str) -> str | None:
    """Return the character of an escape; None for an escape that no codec writes."""
    return _CODECS[codec].get(escape)
