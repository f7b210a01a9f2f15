"""R: `Sys.getenv("NAME")` replaces a string or a part of one."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from tokenward.model import Reference, Span
from tokenward.rewriting.code.grammar import DOUBLE_ESCAPE
from tokenward.rewriting.fallbacks import fallback_of, refuse_setting
from tokenward.rewriting.line_syntax import LineSyntax
from tokenward.rewriting.literal import COMMENT, Joint, Leaf, Literal, Quoted, comment, refuse
from tokenward.rewriting.spelling import Form, Spelling

_UNIT = re.compile(
    r"(?P<comment>#[^\r\n]*)"
    r"|(?P<raw>[rR][\"']-*[(\[{])"
    r"|(?P<string>\"(?:\\.|[^\"\\])*(?:\"|\Z)|'(?:\\.|[^'\\])*(?:'|\Z))"
    r"|(?P<name>`(?:\\.|[^`\\])*`|[^\W\d][\w.]*|\.[\w.]*|\d[\w.]*)"
    r"|(?P<open>[(\[{])|(?P<close>[)\]}])"
    r"|(?P<operator><<?-|->>?|:::?|[<>=!]=|\|>|%[^%\r\n]*%|[^\s])",
    re.DOTALL,
)
_FORMS = {
    '"': Form(DOUBLE_ESCAPE, "double", line_breaks=True),
    "'": Form(DOUBLE_ESCAPE, "single", line_breaks=True),
}
_RAW = Form(line_breaks=True)
_JOINT = Joint(", ", ("paste0(", ")"))
_TO_LEFT = {"<-", "<<-", "=", ":="}
_TO_RIGHT = {"->", "->>"}
_JOINING = {"c", "list", "paste", "paste0", "sprintf", ""}
"""Functions whose result is named like their arguments; without a name, parentheses."""
_QUOTING = {"bquote", "expression", "library", "quote", "require", "substitute"}
_PAIRS = {"(": ")", "[": "]", "{": "}"}
_MOST_UNITS = 2_000
"""The most units that are searched for the bracket around one."""
_LONGEST_WORD = 256


@dataclass(frozen=True, slots=True)
class _Unit:
    kind: str
    span: Span
    word: str


class RSyntax(LineSyntax):
    """An R script."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._units = list(_units(text))
        self._starts = [unit.span.start for unit in self._units]

    def leaves(self) -> Iterator[Leaf]:
        return (Leaf(COMMENT if unit.kind == "comment" else unit.kind, unit.span) for unit in self._units)

    def errors(self) -> list[Span]:
        found, opened = [], list[_Unit]()
        for unit in self._units:
            if unit.kind == "open":
                opened.append(unit)
            elif (
                unit.kind == "close" and not (opened and _PAIRS[opened.pop().word] == unit.word)
            ) or unit.kind == "unclosed":
                found.append(unit.span)
        return [*found, *(unit.span for unit in opened)]

    def literal(self, span: Span, reference: Reference) -> Literal:
        at = self._at(span)
        unit = self._units[at] if at is not None else None
        if at is None or unit is None or unit.kind not in {"comment", "raw", "string"}:
            raise refuse("neither a string nor a comment")
        if unit.kind == "comment":
            return comment(unit.span, reference)
        self._check_place(at)
        content, form = self._content(unit)
        if (target := self._set_by(at)) is not None and not (target and content == span):
            raise refuse_setting()
        look_up = f'Sys.getenv("{reference.name}")'
        around = self._call_of_getenv(at)
        if around and fallback_of(self.text, around, content) == reference.name and content == span:
            return Literal(around, around, content, form, look_up, Joint(), in_environment=True)
        return Literal(unit.span, unit.span, content, form, look_up, _JOINT, in_environment=True)

    def lookups(self, name: str) -> Iterator[Span]:
        for found in re.finditer(rf"(?<![\w.$@])Sys\.getenv\(\"{re.escape(name)}\"\)", self.text):
            at = bisect_left(self._starts, found.start())
            if at < len(self._units) and self._starts[at] == found.start() and self._units[at].kind == "name":
                yield Span(*found.span())

    def quoted(self, span: Span, value: str) -> list[Quoted]:  # noqa: ARG002
        forms = _FORMS.items()
        return [Quoted(quote, Spelling(form.codec).written(value), quote) for quote, form in forms]

    def assigned(self, span: Span) -> str | None:
        if (variable := self.fallback(span)) is not None:
            return variable
        at = self._at(span)
        while at is not None:
            if name := self._target(at):
                return name.strip("`\"'")
            at = self._opening(at)
            if at is None or self._word(at) != "(" or self._callee(at) not in _JOINING:
                return None
            at -= self._callee(at) != ""
        return None

    def fallback(self, span: Span) -> str | None:
        at = self._at(span)
        if at is None or self._units[at].kind not in {"raw", "string"}:
            return None
        around = self._call_of_getenv(at)
        found = fallback_of(self.text, around, span) if around else None
        return found or (self._set_by(at) if self._content(self._units[at])[0] == span else None)

    def _content(self, unit: _Unit) -> tuple[Span, Form]:
        if unit.kind == "string":
            return Span(unit.span.start + 1, unit.span.end - 1), _FORMS[self.text[unit.span.start]]
        opening = _UNIT.match(self.text, unit.span.start)
        width = len(opening[0]) if opening else 0
        return Span(unit.span.start + width, unit.span.end - width + 1), _RAW

    def _check_place(self, at: int) -> None:
        """Refuse a string that is a name, or that R does not evaluate."""
        before, after = self._word(at - 1), self._word(at + 1)
        if (
            after in _TO_LEFT
            or before in _TO_RIGHT
            or before in {"$", "@", "::", ":::"}
            or after in {"(", "::", ":::"}
        ):
            raise refuse("a name")
        opening = self._opening(at)
        if opening is not None and self._callee(opening) in _QUOTING:
            raise refuse("code that R does not evaluate")

    def _target(self, at: int) -> str | None:
        """Return the name to which a unit is assigned or passed."""
        if self._word(at + 1) in _TO_RIGHT:
            return self._word(at + 2)
        if self._word(at - 1) not in _TO_LEFT:
            return None
        at -= 2
        while self._word(at) == "]":
            at -= 1
        return self._word(at)

    def _set_by(self, at: int) -> str | None:
        """Return the variable that `Sys.setenv` sets to the string; empty if that is not certain."""
        opening = self._opening(at)
        while opening is not None and self._callee(opening) != "Sys.setenv":
            opening = self._opening(opening)
        if opening is None:
            return None
        is_direct = opening == self._opening(at) and self._word(at + 1) in {",", ")"}
        return self._word(at - 2).strip("`\"'") if is_direct and self._word(at - 1) == "=" else ""

    def _call_of_getenv(self, at: int) -> Span | None:
        opening = self._opening(at)
        if opening is None or self._word(at + 1) != ")" or self._callee(opening) != "Sys.getenv":
            return None
        first = opening - 3 if self._word(opening - 2) == "::" else opening - 1
        return Span(self._starts[first], self._units[at + 1].span.end)

    def _opening(self, at: int) -> int | None:
        """Return the index of the bracket around a unit."""
        depth = 0
        for index in range(at - 1, max(at - _MOST_UNITS, -1), -1):
            kind = self._units[index].kind
            if kind == "open" and depth == 0:
                return index
            depth += (kind == "close") - (kind == "open")
        return None

    def _callee(self, opening: int) -> str:
        """Return the name of the function that is called with a parenthesis; empty for none."""
        before = self._units[opening - 1] if opening else None
        return before.word if before and before.kind == "name" and self._word(opening) == "(" else ""

    def _word(self, at: int) -> str:
        return self._units[at].word if 0 <= at < len(self._units) else ""

    def _at(self, span: Span) -> int | None:
        at = bisect_left(self._starts, span.start + 1) - 1
        return at if at >= 0 and self._units[at].span.contains(span) else None


def _units(text: str) -> Iterator[_Unit]:
    """Yield the parts of a text; after a string that is not closed there is nothing."""
    at = 0
    while found := _UNIT.search(text, at):
        kind, start, at = found.lastgroup or "", *found.span()
        if kind == "raw":
            closing = _PAIRS[found[0][-1]] + found[0][2:-1] + found[0][1]
            end = text.find(closing, at)
            kind, at = (kind, end + len(closing)) if end >= 0 else ("unclosed", len(text))
        elif kind == "string" and (
            at - start == 1 or text[at - 1] != text[start] or _is_escaped(text, start, at - 1)
        ):
            kind, at = "unclosed", len(text)
        yield _Unit(kind, Span(start, at), text[start:at] if at - start <= _LONGEST_WORD else "")


def _is_escaped(text: str, start: int, at: int) -> bool:
    before = text[start + 1 : at]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1
