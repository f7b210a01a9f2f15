"""A Jenkinsfile: only the assignments of `environment` blocks are read as values."""

from __future__ import annotations

import re

from tokenward.model import Reference, Span
from tokenward.rewriting.line_syntax import LineSyntax
from tokenward.rewriting.literal import Literal, comment, refuse
from tokenward.rewriting.spelling import Form

_BLOCK = re.compile(r"\benvironment\s*\{[^{}]*\}")
_ASSIGNMENT = re.compile(r"[ \t]*([A-Za-z_]\w*)[ \t]*=[ \t]*([\"'])([^\"'\r\n]*)\2[ \t]*\Z")


class JenkinsSyntax(LineSyntax):
    """A declarative pipeline."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._blocks = [Span(*block.span()) for block in _BLOCK.finditer(text)]

    def is_comment(self, line: str) -> bool:
        return line.lstrip().startswith("//")

    def literal(self, span: Span, reference: Reference) -> Literal:
        line = self.line(span)
        if self.is_comment(self.text[line.start : line.end]):
            return comment(line, reference)
        assignment = self._assignment(span)
        if assignment is None:
            raise refuse("Groovy code")
        content = Span(*assignment.span(3))
        whole = Span(content.start - 1, content.end + 1)
        return Literal(whole, whole, content, Form(), str(reference))

    def assigned(self, span: Span) -> str | None:
        assignment = self._assignment(span)
        return assignment[1] if assignment else None

    def keys(self, span: Span) -> tuple[str, ...]:
        name = self.assigned(span)
        return ("environment", name) if name else ()

    def _assignment(self, span: Span) -> re.Match[str] | None:
        """Return the assignment whose value is or contains the span."""
        line = self.line(span)
        if not any(block.contains(line) for block in self._blocks):
            return None
        found = _ASSIGNMENT.match(self.text, line.start, line.end)
        return found if found and found.start(3) <= span.start <= span.end <= found.end(3) else None
