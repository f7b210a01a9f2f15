"""Make: `$(NAME)` replaces a token in a variable, and `$${NAME}` one in a recipe."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tokenward.errors import RewriteRefused
from tokenward.model import Reference, Span
from tokenward.rewriting.line_syntax import LineSyntax, refuse_clash
from tokenward.rewriting.literal import Literal, Quoted, Replacement, refuse
from tokenward.rewriting.spelling import Form

_WORD = Form(plain=re.compile(r"[A-Za-z0-9_./+=:@%~-]+"))
"""A value without quotes or special characters of make."""
_ASSIGNMENT = re.compile(
    r"^ *(?:(?:export|override|private)[ \t]+)*([\w.-]+)[ \t]*(:{0,3}=|[?+!]=)[ \t]*([^\r\n]*)", re.MULTILINE
)
_AT_ONCE = re.compile(":{1,3}=")
_CLOSED = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"|\\.", re.DOTALL)
_CONTINUED = re.compile(r"(?<!\\)(?:\\\\)*\\\r?\n\Z")
_READS_ENV = re.compile(r"^[ \t]*[-s]?include[ \t][^\r\n]*\.env\b", re.MULTILINE)
_OTHER_SHELL = re.compile(
    r"^[ \t]*(?:override[ \t]+)?SHELL[ \t]*[:?]*=[ \t]*(?![^\r\n]*sh[ \t]*$)", re.MULTILINE
)


class MakeSyntax(LineSyntax):
    """A makefile."""

    def literal_in(self, line: Span, span: Span, reference: Reference) -> Literal:
        start = self._start(line)
        if self.text.startswith("\t", start):
            return Literal(
                span, span, span, _WORD, self._in_recipe(start, span, reference), None, in_environment=True
            )
        assignment = _ASSIGNMENT.match(self.text, start)
        if assignment is None or span.start < assignment.start(3):
            raise refuse("neither a recipe nor the value of a variable")
        if assignment[1] == reference.name and self._value(assignment) != span:
            raise refuse("a part of this variable's own value")
        return Literal(span, span, span, _WORD, f"$({reference.name})", None, in_environment=True)

    def preamble(self, uses: Sequence[Span], reference: Reference) -> list[Replacement]:
        """Return the operators with which a variable may refer to the environment variable of the same name."""
        if not uses:
            return []
        if _READS_ENV.search(self.text):
            raise RewriteRefused(
                "This makefile reads .env itself, and would get the reference; move it by hand."
            )
        changes = []
        for assignment in self._assignments(reference.name):
            if self._value(assignment) not in uses:
                raise refuse_clash(reference.name)
            operator = Span(*assignment.span(2))
            if not _AT_ONCE.fullmatch(assignment[2]):
                changes.append(Replacement(operator, ":=", before=assignment[2]))
        if re.search(
            rf"^[ \t]*unexport\b(?:[ \t]*$|.*\b{re.escape(reference.name)}\b)", self.text, re.MULTILINE
        ):
            raise RewriteRefused("The makefile hides the variable from its recipes; move the token by hand.")
        return changes

    def lacks(self, inserted: str) -> bool:
        """Return whether a variable refers to itself without `:=`."""
        return inserted == ":=" and any(
            not _AT_ONCE.fullmatch(found[2]) and f"$({found[1]})" in found[3] for found in self._assignments()
        )

    def lookups(self, name: str) -> Iterator[Span]:
        for match in re.finditer(rf"(?<!\$)\$\({re.escape(name)}\)|\$\$\{{{re.escape(name)}\}}", self.text):
            yield Span(*match.span())

    def quoted(self, span: Span, value: str) -> list[Quoted]:  # noqa: ARG002
        return [Quoted("", value, "")]

    def assigned(self, span: Span) -> str | None:
        assignment = _ASSIGNMENT.match(self.text, self._start(self.line(span)))
        return assignment[1] if assignment and span.start >= assignment.start(3) else None

    def _in_recipe(self, start: int, span: Span, reference: Reference) -> str:
        """Return a lookup by the shell, which prints no value; by make in quotes that the shell does not expand."""
        if _OTHER_SHELL.search(self.text):
            raise refuse("a recipe for a program other than a shell")
        if "$(eval" in self.text[start : span.start]:
            raise refuse("a text that make reads twice")
        quote = re.search("[\"']", _CLOSED.sub("", self.text[start : span.start]))
        return {
            "": f'"$${{{reference.name}}}"',
            '"': f"$${{{reference.name}}}",
            "'": f"$({reference.name})",
        }[quote[0] if quote else ""]

    def _start(self, line: Span) -> int:
        """Return the start of the first of the lines that backslashes join to this one."""
        start = line.start
        while start and _CONTINUED.search(self.text, max(0, start - 40), start):
            start = self.text.rfind("\n", 0, start - 1) + 1
        return start

    def _assignments(self, name: str | None = None) -> Iterator[re.Match[str]]:
        return (found for found in _ASSIGNMENT.finditer(self.text) if name in {None, found[1]})

    def _value(self, assignment: re.Match[str]) -> Span:
        start = assignment.start(3)
        return Span(start, start + len(assignment[3].rstrip()))
