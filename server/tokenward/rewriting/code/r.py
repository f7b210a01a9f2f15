"""R: `Sys.getenv("NAME")` replaces a string or a part of one."""

from __future__ import annotations

import re
from itertools import islice

from tokenward.model import Reference, Span
from tokenward.rewriting.code.grammar import DOUBLE_ESCAPE, QUOTED
from tokenward.rewriting.code.string_syntax import MOST_AROUND, StringGrammar, StringSyntax, Where
from tokenward.rewriting.fallbacks import fallback_of, refuse_setting
from tokenward.rewriting.literal import Joint, Leaf, Literal, Quoted, refuse
from tokenward.rewriting.spelling import Form, Spelling

_FORMS = {
    '"': Form(DOUBLE_ESCAPE, "double", line_breaks=True),
    "'": Form(DOUBLE_ESCAPE, "single", line_breaks=True),
}
_RAW_OPENING = re.compile("[rR][\"']-*[(\\[{]")
_CALLEE = re.compile(r"(?:\w+::)?(?P<name>[\w.]*)\s*\Z")
_NAME = r"(?P<name>[\w.]+|`[^`\r\n]+`|\"[^\"\r\n]+\"|'[^'\r\n]+')"
_NAMED_BY = re.compile(rf"{_NAME}\s*\]*\s*(?:<<?-|(?<![=<>!]):?=)\s*\Z")
_NAMES = re.compile(rf"\s*->>?\s*{_NAME}")
_BEFORE_NAME = re.compile(r"(?:->>?|[$@]|::)\s*\Z")
_AFTER_NAME = re.compile(r"\s*(?:<<?-|:?=(?!=)|\(|::)")
_JOINING = {"c", "list", "paste", "paste0", "sprintf", ""}
"""Functions whose result is named like their arguments; without a name, parentheses."""
_QUOTING = {"bquote", "expression", "library", "quote", "require", "substitute"}
_REACH = 256
"""Characters before a string or a bracket that say what it is."""


class RSyntax(StringSyntax):
    """An R script."""

    grammar = StringGrammar(
        name="r",
        files=r"[^/]*\.r|\.rprofile",
        ids="r",
        comment="#",
        units=(
            r"(?P<comment>#[^\r\n]*)"
            r"|(?P<raw>[rR](?P<quote>[\"'])(?P<dashes>-*)(?:\([\s\S]*?\)|\[[\s\S]*?\]|\{[\s\S]*?\})(?P=dashes)(?P=quote))"
            r"|(?P<string>\"(?:\\[\s\S]|[^\"\\])*\"|'(?:\\[\s\S]|[^'\\])*')"
            r"|(?P<name>`(?:\\[\s\S]|[^`\\])*`|(?![rR][\"']-*[(\[{])(?:[^\W\d][\w.]*|\.[\w.]*))"
            r"|(?P<unclosed>(?:[\"'`]|[rR][\"'])[\s\S]*)"
            r"|(?P<opaque>%[^%\r\n]*%)"
        ),
        lookup='Sys.getenv("NAME")',
        places=(Where("", ""),),
        readings=(rf"(?<![\w.])Sys\.getenv\(\s*{QUOTED}",),
        names="(?!)",
        joint=Joint(", ", ("paste0(", ")")),
    )

    def errors(self) -> list[Span]:
        closed = {place for pair in self._brackets[2].items() for place in pair}
        brackets = (leaf.span for leaf in self._leaves if self.text[leaf.span.start] in "()[]{}")
        return [*super().errors(), *(span for span in brackets if span.start not in closed)]

    def literal(self, span: Span, reference: Reference) -> Literal:
        literal = super().literal(span, reference)
        leaf = self._leaf_from(span.start)
        if literal.inert or leaf is None:
            return literal
        is_whole = literal.content == span
        if (variable := self._set_by(leaf)) is not None and not (variable and is_whole):
            raise refuse_setting()
        around = self._call_of_getenv(leaf) if is_whole else None
        if around is None or fallback_of(self.text, around, span) != reference.name:
            return literal
        return Literal(around, around, span, literal.form, literal.filling, Joint(), in_environment=True)

    def quoted(self, span: Span, value: str) -> list[Quoted]:  # noqa: ARG002
        forms = _FORMS.items()
        return [Quoted(quote, Spelling(form.codec).written(value), quote) for quote, form in forms]

    def assigned(self, span: Span) -> str | None:
        if (variable := self.fallback(span)) is not None:
            return variable
        leaf = self._leaf_from(span.start)
        start, end = (leaf.span.start, leaf.span.end) if leaf else (0, 0)
        for opening in (*islice(self._around(start), MOST_AROUND), None):
            before = self.text[max(0, start - _REACH) : start]
            if name := _NAMES.match(self.text, end) or _NAMED_BY.search(before):
                return name["name"].strip("`\"'")
            if opening is None or self.text[opening] != "(":
                return None
            callee = self._callee(opening)
            if callee not in _JOINING:
                return None
            start, end = opening - len(callee), self._brackets[2].get(opening, opening) + 1
        return None

    def fallback(self, span: Span) -> str | None:
        leaf = self._leaf_from(span.start)
        if leaf is None or leaf.kind not in {"raw", "string"} or not leaf.span.contains(span):
            return None
        around = self._call_of_getenv(leaf)
        found = fallback_of(self.text, around, span) if around else None
        return found or (self._set_by(leaf) if self.content(leaf)[0] == span else None)

    def content(self, leaf: Leaf) -> tuple[Span, Form]:
        if leaf.kind == "string":
            return Span(leaf.span.start + 1, leaf.span.end - 1), _FORMS[self.text[leaf.span.start]]
        opening = _RAW_OPENING.match(self.text, leaf.span.start)
        width = len(opening[0]) if opening else 0
        return Span(leaf.span.start + width, leaf.span.end - width + 1), Form(line_breaks=True)

    def _where(self, whole: Span) -> Where:
        """Refuse a string that is a name, or that R does not evaluate."""
        lead = self._code[max(0, whole.start - _REACH) : whole.start]
        if _BEFORE_NAME.search(lead) or _AFTER_NAME.match(self._code, whole.end):
            raise refuse("a name")
        opening = next(self._around(whole.start), None)
        if opening is not None and self._callee(opening) in _QUOTING:
            raise refuse("code that R does not evaluate")
        return self.grammar.places[0]

    def _set_by(self, leaf: Leaf) -> str | None:
        """Return the variable that `Sys.setenv` sets to the string; empty if that is not certain."""
        start, end = leaf.span.start, leaf.span.end
        callees = [self._callee(opening) for opening in islice(self._around(start), MOST_AROUND)]
        if "Sys.setenv" not in callees:
            return None
        name = _NAMED_BY.search(self.text[max(0, start - _REACH) : start])
        is_direct = callees[0] == "Sys.setenv" and re.compile(r"\s*[,)]").match(self._code, end)
        return name["name"].strip("`\"'") if name and is_direct else ""

    def _call_of_getenv(self, leaf: Leaf) -> Span | None:
        opening = next(self._around(leaf.span.start), None)
        if opening is None or self._callee(opening) != "Sys.getenv":
            return None
        call = _CALLEE.search(self._code, max(0, opening - _REACH), opening)
        end = re.compile(r"\s*\)").match(self._code, leaf.span.end)
        return Span(call.start(), end.end()) if call and end else None

    def _callee(self, opening: int) -> str:
        """Return the name of the function that is called with a parenthesis; empty for none."""
        found = _CALLEE.search(self._code, max(0, opening - _REACH), opening)
        return found["name"] if found and self.text[opening] == "(" else ""
