"""SQL, as psql reads it: a string becomes a look-up of one of psql's own variables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tokenward.model import Reference, Span
from tokenward.rewriting.line_syntax import LineSyntax
from tokenward.rewriting.literal import COMMENT, Joint, Leaf, Literal, Quoted, comment, refuse
from tokenward.rewriting.spelling import Form, Spelling

_PIECE = re.compile(
    r"(?P<comment>--[^\r\n]*|/\*(?:(?!\*/)[\s\S])*(?:\*/)?)|(?P<string>'(?:[^']|'')*')|(?P<name>\"[^\"]*\")"
    r"|(?P<body>\$(?P<tag>\w*)\$(?:(?!\$(?P=tag)\$)[\s\S])*(?:\$(?P=tag)\$)?)|(?P<command>^\\[^\r\n]*)",
    re.MULTILINE,
)
_FORM = Form(re.compile("''"), "doubled", line_breaks=True)
_PREFIX = re.compile(r"[\w&:]")


class SqlSyntax(LineSyntax):
    """A script for PostgreSQL's psql."""

    def is_comment(self, line: str) -> bool:
        return line.lstrip().startswith("--")

    def leaves(self) -> Iterator[Leaf]:
        return (Leaf(found.lastgroup or "", Span(*found.span())) for found in _PIECE.finditer(self.text))

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
