"""Shell: `${NAME}` replaces a word or a part of one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tokenward.language import phrase
from tokenward.model import Reference, Span
from tokenward.rewriting.fallbacks import fallback_of
from tokenward.rewriting.line_syntax import refuse_clash
from tokenward.rewriting.literal import Joint, Literal, Quoted, Replacement, refuse
from tokenward.rewriting.spelling import Form
from tokenward.rewriting.syntax import Step, Syntax, innermost

_SIGNS = re.compile(r"[A-Za-z0-9_./+=:@%-]+")
_WORD = Form(re.compile(r"\\.", re.DOTALL), plain=_SIGNS)
_DOUBLE = Form(re.compile(r"\\[\\\"$`\n]"), "shell", line_breaks=True, keeps_returns=True)
_SINGLE = Form(line_breaks=True, keeps_returns=True)
_ANSI = Form(re.compile(r"\\.", re.DOTALL), line_breaks=True, keeps_returns=True)
_HEREDOC = Form(re.compile(r"\\[\\$`\n]"), line_breaks=True, keeps_returns=True)
_RAW = {"raw_string": (1, _SINGLE), "ansi_c_string": (2, _ANSI)}
"""Strings in which no variable is expanded: the length of their opening quote, and their form."""

_LITERALS = {"word", "number", "string", "raw_string", "ansi_c_string", "heredoc_body"}
_WORD_PARENTS = {
    "array", "case_item", "case_statement", "command", "command_name", "concatenation", "declaration_command",
    "expansion", "file_redirect", "for_statement", "herestring_redirect", "redirected_statement",
    "variable_assignment",
}  # fmt: skip
_TEST_PARENTS = {"binary_expression", "test_command", "unary_expression"}
_FORBIDDEN_ANCESTORS = {
    "arithmetic_expansion": phrase("an arithmetic expression"),
    "c_style_for_statement": phrase("an arithmetic expression"),
    "subscript": phrase("a subscript"),
}


class ShellSyntax(Syntax):
    """A script for sh, bash or zsh."""

    look_up = "${NAME}"
    """Expands to the value of NAME."""
    look_up_kind = "expansion"
    in_environment = True
    tree_grammar = "bash"

    def literal_at(self, path: list[Step], span: Span, reference: Reference) -> Literal:
        index = self._word_with_signs(path) or innermost(
            path, _LITERALS, {"string_content", "heredoc_content"}
        )
        whole = self.span(path[index].node)
        kind = path[index].kind
        variable = self.look_up.replace("NAME", reference.name)
        if kind == "heredoc_body":
            if not self._expands(path[index - 1]):
                raise refuse("a here-document with a quoted delimiter")
            _check_no_expansion(self, path[index], span)
            return Literal(whole, whole, whole, _HEREDOC, variable, None, in_environment=self.in_environment)
        self._check_place(path[: index + 1], whole, span)
        inner = Span(whole.start + 1, whole.end - 1)
        around = self._fallback_span(path[: index + 1])
        if around and fallback_of(self.text, around, span) == reference.name:
            content, form = (inner, _DOUBLE) if kind == "string" else (whole, _WORD)
            return Literal(
                around, around, content, form, variable, Joint(), in_environment=self.in_environment
            )
        if kind == "string":
            return Literal(whole, whole, inner, _DOUBLE, variable, None, in_environment=self.in_environment)
        if kind in _RAW:
            width, form = _RAW[kind]
            inner = Span(whole.start + width, whole.end - 1)
            quoted = f'"{variable}"'
            return Literal(whole, whole, inner, form, quoted, Joint(), in_environment=self.in_environment)
        quoted = variable if path[index - 1].kind == "expansion" else f'"{variable}"'
        return Literal(whole, whole, whole, _WORD, quoted, None, in_environment=self.in_environment)

    def preamble(self, uses: Sequence[Span], reference: Reference) -> list[Replacement]:
        if any(self._sets(path, uses) for path in self.words(reference.name)) and uses:
            raise refuse_clash(reference.name)
        return []

    def lookups(self, name: str) -> Iterator[Span]:
        for match in re.finditer(re.escape(self.look_up.replace("NAME", name)), self.text):
            span = Span(*match.span())
            path = self.path(span)
            if path[-1].kind == "heredoc_body" and self._expands(path[-2]):
                yield span
            # The grammar counts spaces before an expansion as a part of it.
            if path[-1].kind == self.look_up_kind and self.source(path[-1].node).strip() == match[0]:
                alone = path[-2].kind == "string" and len(self.span(path[-2].node)) == len(span) + 2
                yield self.span(path[-2].node) if alone else span

    def quoted(self, span: Span, value: str) -> list[Quoted]:
        path = self.path(span)
        if "heredoc_body" in {path[-1].kind, path[-2].kind}:
            return [Quoted("", value, "")]
        spellings = [spelling.written(value) for spelling in _DOUBLE.spellings(self.text)]
        if path[-1].kind != "string" and path[-2].kind == "string":
            return [Quoted("", written, "") for written in spellings]
        return [Quoted('"', written, '"') for written in spellings]

    def assigned(self, span: Span) -> str | None:
        if (variable := self.fallback(span)) is not None:
            return variable
        path = self.path(span)
        owner = next((step.node for step in reversed(path) if step.kind == "variable_assignment"), None)
        name = owner.child_by_field_name("name") if owner else None
        return self.source(name) if name else None

    def fallback(self, span: Span) -> str | None:
        path = self.path(span)
        index = next((at for at, step in enumerate(path) if step.kind == "expansion"), 0)
        around = self._fallback_span(path[: index + 2]) if index else None
        return fallback_of(self.text, around, span) if around else None

    def _fallback_span(self, path: Sequence[Step]) -> Span | None:
        """Return the expansion whose fallback is the literal at the end of the path."""
        if path[-2].kind != "expansion":
            return None
        around = self.span(path[-2].node)
        # The grammar counts spaces before an expansion as a part of it.
        return Span(self.text.index("$", around.start), around.end)

    def _word_with_signs(self, path: Sequence[Step]) -> int | None:
        """Return the index of a fallback that the grammar takes for several words, as in `${A:-b-c}`."""
        for index, step in enumerate(path):
            if step.kind == "concatenation" and path[index - 1].kind == "expansion":
                return index if _SIGNS.fullmatch(self.source(step.node)) else None
        return None

    def _expands(self, redirect: Step) -> bool:
        """Return whether variables are expanded in a here-document."""
        starts = [child for child in redirect.node.children if child.type == "heredoc_start"]
        return bool(starts) and not re.search(r"[\"'\\]", self.source(starts[0]))

    def _check_place(self, path: Sequence[Step], whole: Span, span: Span) -> None:
        for step in path:
            if step.kind in _FORBIDDEN_ANCESTORS:
                raise refuse(_FORBIDDEN_ANCESTORS[step.kind])
        parent, literal = path[-2], path[-1]
        if parent.kind == "expansion" and literal.kind in _RAW:
            raise refuse("quotes inside an expansion")
        in_test = parent.kind in _TEST_PARENTS and literal.kind != "word"
        if not (in_test or parent.kind in _WORD_PARENTS) or self.text[whole.start - 1 : whole.start] == "$":
            raise refuse("a place where no variable is allowed")
        if literal.kind != "concatenation":
            _check_no_expansion(self, literal, span)

    def _sets(self, path: Sequence[Step], uses: Sequence[Span]) -> bool:
        """Return whether the word gives the variable a value other than the token."""
        leaf, parent = path[-1], path[-2] if len(path) > 1 else path[-1]
        if leaf.kind == "word":
            return True
        if leaf.kind != "variable_name" or parent.kind == "simple_expansion":
            return False
        if parent.kind == "expansion":
            sets = re.match(r"\s*\$\{\w+:?=", self.source(parent.node)) is not None
            return sets and not self._falls_back_to_token(
                self.span(parent.node), self.source(leaf.node), uses
            )
        if parent.kind == "declaration_command":
            return not self.source(parent.node).startswith("export")
        value = parent.node.child_by_field_name("value")
        appends = any(child.type == "+=" for child in parent.node.children)
        if value is None or appends:
            return True
        span = self.span(value)
        is_token = any(Span(span.start + width, span.end - (width > 0)) in uses for width in (0, 1, 2))
        return not (is_token or self._falls_back_to_token(span, self.source(leaf.node), uses))

    def _falls_back_to_token(self, value: Span, name: str, uses: Sequence[Span]) -> bool:
        """Return whether a value is the variable itself, with a token as its fallback."""
        bare = Span(value.start + 1, value.end - 1) if self.text[value.start] == '"' else value
        return any(bare.contains(use) and fallback_of(self.text, bare, use) == name for use in uses)


class DirenvSyntax(ShellSyntax):
    """A script that direnv runs in its folder whenever a shell enters it; it reads the keyring itself."""

    look_up = "$(tokenward get NAME)"
    look_up_kind = "command_substitution"
    in_environment = False

    def preamble(self, uses: Sequence[Span], reference: Reference) -> list[Replacement]:  # noqa: ARG002
        return []

    def _fallback_span(self, path: Sequence[Step]) -> Span | None:  # noqa: ARG002
        # The lookup does not read the variable whose fallback this is, so it stays a fallback.
        return None


def _check_no_expansion(syntax: Syntax, literal: Step, span: Span) -> None:
    if set(syntax.parts(literal.node, span)) - {"string_content", "heredoc_content"}:
        raise refuse("a string together with an expansion inside it")
