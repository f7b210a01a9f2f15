"""Windows batch files: `%NAME%` replaces a token wherever it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tokenward.errors import RewriteRefused
from tokenward.model import Reference, Span
from tokenward.rewriting.line_syntax import LineSyntax
from tokenward.rewriting.literal import Literal, Quoted, Replacement, comment, refuse
from tokenward.rewriting.spelling import Form

_WORD = Form(plain=re.compile(r"[A-Za-z0-9_./+=:@~-]+"))
"""A value without special characters of cmd, which replaces variables before it parses a line."""
_COMMENT = re.compile(r"[ \t@]*(?:rem\b|::)", re.IGNORECASE)
_LABEL = re.compile(r"[ \t]*:(?!:)|.*\bgoto\b", re.IGNORECASE)
_SETTING = re.compile(
    r"^[ \t@(]*(?:if\b[^\r\n]*?[ \t])?setx?[ \t]+(?:/[ampAMP][ \t]+)?\"?"
    r"(?P<name>\w+)(?:[ \t]*=|[ \t])(?P<value>[^\r\n]*)",
    re.IGNORECASE | re.MULTILINE,
)


class BatchSyntax(LineSyntax):
    """A batch file."""

    def is_comment(self, line: str) -> bool:
        return _COMMENT.match(line) is not None

    def literal(self, span: Span, reference: Reference) -> Literal:
        line = self.line(span)
        if self.is_comment(self.text[line.start : span.start]):
            return comment(line, reference)
        if _LABEL.match(self.text, line.start, span.start):
            raise refuse("a label")
        return Literal(span, span, span, _WORD, f"%{reference.name}%", None, in_environment=True)

    def preamble(self, uses: Sequence[Span], reference: Reference) -> list[Replacement]:
        for found in _SETTING.finditer(self.text):
            value = Span(*found.span("value"))
            is_token = any(value.contains(use) and len(value) <= len(use) + len('"') for use in uses)
            if uses and found["name"].upper() == reference.name.upper() and not is_token:
                raise RewriteRefused(
                    "The script sets {name} to something else; move the token under another name.",
                    name=reference.name,
                )
        return []

    def lookups(self, name: str) -> Iterator[Span]:
        for found in re.finditer(rf"(?<!%)%{re.escape(name)}%(?!%)", self.text):
            yield Span(*found.span())

    def quoted(self, span: Span, value: str) -> list[Quoted]:  # noqa: ARG002
        return [Quoted("", value, "")]

    def assigned(self, span: Span) -> str | None:
        line = self.line(span)
        found = next(
            (f for f in _SETTING.finditer(self.text, line.start, line.end) if f.end() >= span.end), None
        )
        return found["name"] if found else None
