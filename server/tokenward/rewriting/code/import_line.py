"""ImportLine: the line that a lookup needs, for languages in which one line is enough."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tokenward.model import Span
from tokenward.rewriting.literal import Replacement
from tokenward.rewriting.syntax import Syntax
from tokenward.text import line_span, newline_of

_BLANK_LINE = re.compile(r"(?:\r\n|\n|\r)[ \t]*(?:\r\n|\n|\r)")


@dataclass(frozen=True, slots=True)
class ImportLine:
    """The line.

    Attributes:
        line: the text that a move adds.
        known: matches an import that does the same.
        kinds: the kinds of imports at the top of a file; a line is added after the last of them.
        headers: the kinds of nodes that must stay before any import.
    """

    line: str
    known: re.Pattern[str]
    kinds: frozenset[str]
    headers: frozenset[str] = frozenset()

    def is_in(self, syntax: Syntax) -> bool:
        """Return whether a file has such an import."""
        return any(
            self.known.fullmatch(syntax.source(node).strip())
            for node in syntax.root.named_children
            if node.type in self.kinds
        )

    def missing(self, syntax: Syntax) -> list[Replacement]:
        """Return the line if a file has no such import."""
        if self.is_in(syntax):
            return []
        newline, nodes = newline_of(syntax.text), syntax.root.named_children
        before = [node for node in nodes if node.type in self.kinds] or [
            node for node in nodes if node.type in self.headers
        ]
        if before:
            last = before[-1]
            content = syntax.source(last).rstrip()
            end = line_span(syntax.text, Span(at := syntax.span(last).start, at + len(content))).end
            blank = newline if last.type in self.headers else ""
            return [Replacement(Span(end, end), blank + newline + self.line)]
        start = _first_place(syntax)
        return [Replacement(Span(start, start), self.line + newline * 2)]


def _first_place(syntax: Syntax) -> int:
    """Return the start of the first code, or of its comments."""
    place, end = -1, 0
    for node in syntax.root.named_children:
        span = syntax.span(node)
        if place < 0 or _BLANK_LINE.search(syntax.text, end, span.start):
            place = span.start
        end = span.end
        if node.type not in syntax.comment_kinds:
            break
    return max(place, 0)
