"""SQL, as psql reads it: a string becomes a lookup of one of psql's own variables."""

from __future__ import annotations

import re

from tokenward.model import Reference, Span
from tokenward.rewriting.line_syntax import UnitSyntax
from tokenward.rewriting.literal import COMMENT, Joint, Literal, Quoted, comment, refuse
from tokenward.rewriting.spelling import Form, Spelling

_FORM = Form(re.compile("''"), "doubled", line_breaks=True)
_PREFIX = re.compile(r"[\w&:]")


class SqlSyntax(UnitSyntax):
    """A script for PostgreSQL's psql."""

    units = re.compile(
        r"(?P<comment>--[^\r\n]*|/\*(?:(?!\*/)[\s\S])*(?:\*/)?)|(?P<string>'(?:[^']|'')*')|(?P<name>\"[^\"]*\")"
        r"|(?P<body>\$(?P<tag>\w*)\$(?:(?!\$(?P=tag)\$)[\s\S])*(?:\$(?P=tag)\$)?)|(?P<command>^\\[^\r\n]*)",
        re.MULTILINE,
    )

    def literal(self, span: Span, reference: Reference) -> Literal:
        piece = self._leaf_from(span.start)
        if piece is None or not piece.span.contains(span):
            raise refuse("no string")
        if piece.kind == COMMENT:
            return comment(piece.span, reference)
        whole, content = piece.span, Span(piece.span.start + 1, piece.span.end - 1)
        # After a letter, a string has escapes or is something else.
        if piece.kind != "string" or _PREFIX.match(self.text[whole.start - 1 : whole.start]):
            raise refuse("no string")
        return Literal(whole, whole, content, _FORM, str(reference), Joint())

    def assigned(self, span: Span) -> str | None:
        before = re.search(r"(\w+)\s*[=(]?\s*'[^']*\Z", self.text[max(0, span.start - 200) : span.start])
        return before[1] if before else None

    def quoted(self, span: Span, value: str) -> list[Quoted]:  # noqa: ARG002
        return [Quoted("'", Spelling("doubled").written(value), "'")]
