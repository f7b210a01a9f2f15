"""Windows batch files: `%NAME%` replaces a token wherever it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tokenward.model import Reference, Span
from tokenward.rewriting.line_syntax import LineSyntax
from tokenward.rewriting.literal import Literal, Quoted, refuse
from tokenward.rewriting.spelling import Form

_WORD = Form(plain=re.compile(r"[A-Za-z0-9_./+=:@~-]+"))
"""A value without special characters of cmd, which replaces variables before it parses a line."""
_LABEL = re.compile(r"[ \t]*:(?!:)|.*\bgoto\b", re.IGNORECASE)


class BatchSyntax(LineSyntax):
    """A batch file."""

    comment_start = re.compile(r"[ \t@]*(?:rem\b|::)", re.IGNORECASE)
    setting = re.compile(
        r"^[ \t@(]*(?:if\b[^\r\n]*?[ \t])?setx?[ \t]+(?:/[ampAMP][ \t]+)?\"?"
        r"(?P<name>\w+)(?:[ \t]*=|[ \t])(?P<value>[^\r\n]*)",
        re.IGNORECASE | re.MULTILINE,
    )

    def literal_in(self, line: Span, span: Span, reference: Reference) -> Literal:
        if _LABEL.match(self.text, line.start, span.start):
            raise refuse("a label")
        return Literal(span, span, span, _WORD, f"%{reference.name}%", None, in_environment=True)

    def lookups(self, name: str) -> Iterator[Span]:
        for found in re.finditer(rf"(?<!%)%{re.escape(name)}%(?!%)", self.text):
            yield Span(*found.span())

    def quoted(self, span: Span, value: str) -> list[Quoted]:  # noqa: ARG002
        return [Quoted("", value, "")]
