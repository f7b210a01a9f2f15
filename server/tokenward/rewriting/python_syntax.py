"""Python: `os.environ["NAME"]` replaces a string or a part of one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tree_sitter import Node

from tokenward.errors import RewriteRefused
from tokenward.language import phrase
from tokenward.model import Reference, Span
from tokenward.rewriting.fallbacks import fallback_of, refuse_fallback, refuse_setting, set_variable
from tokenward.rewriting.literal import COMMENT, Joint, Literal, Quoted, Replacement, refuse
from tokenward.rewriting.python_import import IMPORT, import_of_os, uses_os_unimported
from tokenward.rewriting.spelling import Form, Spelling
from tokenward.rewriting.syntax import Step, Syntax, innermost, last_word, operator_of

_ESCAPE = r"\\(?:\r\n|N\{[^}]*\}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|[0-7]{1,3}|.)"
_STRING_ESCAPE = re.compile(_ESCAPE, re.DOTALL)
_FORMAT_ESCAPE = re.compile(_ESCAPE + r"|\{\{|\}\}", re.DOTALL)
_RAW_ESCAPE = re.compile(r"\\.", re.DOTALL)
_RAW_FORMAT_ESCAPE = re.compile(r"\\.|\{\{|\}\}", re.DOTALL)
_PREFIXES = {"", "u", "r", "b", "f", "br", "rb", "fr", "rf"}
_CODECS = {'"': "double", "'": "single"}

# Nodes in which any expression is allowed.
_EXPRESSION_PARENTS = {
    "argument_list", "as_pattern", "assert_statement", "assignment", "attribute", "augmented_assignment",
    "binary_operator", "boolean_operator", "comparison_operator", "conditional_expression",
    "default_parameter", "dictionary_comprehension", "elif_clause", "expression_list", "for_in_clause",
    "for_statement", "generator_expression", "if_clause", "if_statement", "interpolation", "keyword_argument",
    "lambda", "list", "list_comprehension", "list_splat", "named_expression", "not_operator", "pair",
    "parenthesized_expression", "return_statement", "set", "set_comprehension", "slice", "subscript",
    "tuple", "typed_default_parameter", "while_statement", "with_item", "yield",
}  # fmt: skip
_FORBIDDEN_ANCESTORS = {
    "type": phrase("a type"),
    "case_pattern": phrase("a match pattern"),
    "format_specifier": phrase("a format specification"),
}
_ENVIRONMENT = re.compile(r"(?:os\.)?environb?\[.*\]", re.DOTALL)
_ASSIGNMENTS = {"assignment", "augmented_assignment"}
_EAGER = re.compile(r"(?:os\.)?(?:getenvb?|environb?\.(?:get|pop|setdefault))")
"""Calls whose second argument is evaluated even when the variable is set."""
_NAMES = {
    "assignment": ("right", "left"),
    "default_parameter": ("value", "name"),
    "keyword_argument": ("value", "name"),
    "named_expression": ("value", "name"),
    "pair": ("value", "key"),
    "typed_default_parameter": ("value", "name"),
}


class PythonSyntax(Syntax):
    """A Python file or notebook cell."""

    tree_grammar = "python"

    def __init__(self, text: str) -> None:
        super().__init__(text)
        if text.lstrip().startswith("%%"):
            raise RewriteRefused(
                "The cell starts with a cell magic, so it may not be Python; move the token by hand."
            )

    def literal_at(self, path: list[Step], span: Span, reference: Reference) -> Literal:
        index = innermost(path, {"string"}, {"string_content", "escape_sequence", "escape_interpolation"})
        whole = self.span(path[index].node)
        opening, content = self._delimiters(path[index])
        prefix, quote = opening.rstrip("\"'").lower(), opening.lstrip("rRbBuUfF")
        if prefix not in _PREFIXES:
            raise refuse("a string of an unknown kind")
        if index == len(path) - 1:
            raise refuse("a string together with an expression inside it")
        form = _form(prefix, quote)
        outer = index - 1 if path[index - 1].kind == "concatenated_string" else index
        zone = self.span(path[outer].node)
        if path[outer - 1].kind == "expression_statement":
            _check_no_docstring(path[:outer])
            return Literal(zone, whole, content, form, str(reference), inert=True)
        self._check_place(path[: outer + 1])
        lookup = self._lookup(path[:index], reference, quote if "f" in prefix else "")
        if (around := self._fallback(path, index, span, reference.name)) is not None:
            return Literal(around, around, content, form, lookup, Joint(), in_environment=True)
        if "f" in prefix:
            return Literal(zone, whole, content, form, f"{{{lookup}}}", None, in_environment=True)
        filling = lookup + (".encode()" if "b" in prefix else "")
        joint = self.joint(path[index].node if outer != index else None, " + ")
        return Literal(zone, whole, content, form, filling, joint, in_environment=True)

    def preamble(self, uses: Sequence[Span], reference: Reference) -> list[Replacement]:  # noqa: ARG002
        return import_of_os(self, uses)

    def lookups(self, name: str) -> Iterator[Span]:
        pattern = rf"os\.environ\[([\"']){re.escape(name)}\1\](\.encode\(\))?"
        for match in re.finditer(pattern, self.text):
            span = Span(*match.span())
            *_, parent, last = self.path(span)
            is_target = parent.kind in _ASSIGNMENTS and last.field == "left"
            if last.kind in {"subscript", "call"} and self.span(last.node) == span and not is_target:
                yield span

    def quoted(self, span: Span, value: str) -> list[Quoted]:
        prefix = "b" if self.text[: span.end].endswith(".encode()") else ""
        quotes = _free_quotes(self._format_quotes(self.path(span)))
        return [Quoted(prefix + quote, Spelling(_CODECS[quote]).written(value), quote) for quote in quotes]

    def lacks(self, inserted: str) -> bool:
        return IMPORT in inserted and uses_os_unimported(self)

    def assigned(self, span: Span) -> str | None:
        if (variable := self.fallback(span)) is not None:
            return variable
        path = self.path(span)
        for parent, step in zip(path[-2::-1], path[:0:-1], strict=True):
            value_field, name_field = _NAMES.get(parent.kind, ("", ""))
            if step.field == value_field and (name := parent.node.child_by_field_name(name_field)):
                return last_word(self.source(name))
            if parent.kind in {"argument_list", "block", "module", "lambda"}:
                return None
        return None

    def extent(self, span: Span) -> Span:
        """Return the whole string if it is a fallback, which the variable replaces."""
        path = self.path(span)
        index = max((at for at, step in enumerate(path) if step.kind == "string"), default=0)
        if path[index].kind != "string" or path[index - 1].kind != "argument_list":
            return span
        whole, (opening, content) = self._fallback_span(path[: index + 1]), self._delimiters(path[index])
        is_fixed = opening.rstrip("\"'").lower() in {"", "r", "u"}
        return content if is_fixed and whole and fallback_of(self.text, whole, content) else span

    def fallback(self, span: Span) -> str | None:
        span = self.extent(span)
        path = self.path(span)
        index = max((at for at, step in enumerate(path) if step.kind == "string"), default=0)
        whole = self._fallback_span(path[: index + 1])
        return fallback_of(self.text, whole, span) if whole else self._set_variable(path[: index + 1], span)

    def _set_variable(self, path: Sequence[Step], span: Span) -> str | None:
        """Return the variable that is set to the whole string at the end of a path."""
        target = self._set_target(path[-2]) if len(path) > 1 else None
        is_whole = self._delimiters(path[-1])[1] == span if target else False
        return set_variable(self.text[self.span(target).start : span.start]) if target and is_whole else None

    def _set_target(self, parent: Step) -> Node | None:
        left = parent.node.child_by_field_name("left") if parent.kind in _ASSIGNMENTS else None
        return left if left and _ENVIRONMENT.fullmatch(self.source(left)) else None

    def _fallback(self, path: Sequence[Step], index: int, span: Span, name: str) -> Span | None:
        """Return the span that a look-up of the variable replaces if the token is the whole fallback from it.

        Raises:
            RewriteRefused: any other look-up would be evaluated, and could fail, when the token is not needed.
        """
        parent = path[index - 2] if path[index - 1].kind == "concatenated_string" else path[index - 1]
        if self._set_target(parent) and self._set_variable(path[: index + 1], span) is None:
            raise refuse_setting()
        whole = self._fallback_span(path[: index + 1])
        known = fallback_of(self.text, whole, span) if whole else None
        if known == name:
            return whole
        if whole and path[index - 1].kind != "boolean_operator":
            raise refuse_fallback(known)
        return None

    def _fallback_span(self, path: Sequence[Step]) -> Span | None:
        """Return the span of the look-up whose fallback is at the end of the path; None for any other place."""
        if len(path) > 1 and path[-2].kind == "boolean_operator":
            return self._or_span(path[-2].node, path[-1])
        call = next((step.node for step in reversed(path) if step.kind == "call"), None)
        function = call.child_by_field_name("function") if call else None
        arguments = call.child_by_field_name("arguments") if call else None
        if not (call and function and arguments and _EAGER.fullmatch(self.source(function))):
            return None
        first = arguments.named_child(0)
        is_first = first is None or first.end_byte >= path[-1].node.end_byte
        return None if is_first else self.span(call)

    def _or_span(self, operation: Node, literal: Step) -> Span | None:
        left = operation.child_by_field_name("left")
        while left and left.type == "boolean_operator" and operator_of(left) == "or":
            left = left.child_by_field_name("right")
        if left is None or literal.field != "right" or operator_of(operation) != "or":
            return None
        return Span(self.span(left).start, self.span(literal.node).end)

    def _delimiters(self, step: Step) -> tuple[str, Span]:
        first, last = step.node.child(0), step.node.child(step.node.child_count - 1)
        if first is None or last is None:
            raise refuse("a string without quotes")
        opening = self.span(first)
        return self.text[opening.start : opening.end], Span(opening.end, self.span(last).start)

    def _check_place(self, path: Sequence[Step]) -> None:
        for step in path:
            if step.kind in _FORBIDDEN_ANCESTORS:
                raise refuse(_FORBIDDEN_ANCESTORS[step.kind])
            if step.kind == "interpolation" and any(child.type == "=" for child in step.node.children):
                raise refuse("an f-string that prints its own source")
        parent = path[-2]
        if parent.kind not in _EXPRESSION_PARENTS:
            raise refuse("a place where no expression is allowed")
        value = parent.node.child_by_field_name("value") if parent.kind == "subscript" else None
        if value and self.source(value).split(".")[-1] == "Literal":
            raise refuse("a type")

    def _lookup(self, around: Sequence[Step], reference: Reference, quote: str) -> str:
        taken = self._format_quotes(around) | {quote[:1]}
        free = _free_quotes(taken)
        if not free:
            raise refuse("an f-string inside another one with other quotes")
        return f"os.environ[{free[0]}{reference.name}{free[0]}]"

    def _format_quotes(self, path: Sequence[Step]) -> set[str]:
        """Return the quotes of the f-strings around a place; before Python 3.12 none of them may be inside."""
        strings = (step.node.children[0] for step in path if step.kind == "string" and step.node.child_count)
        return {self.source(start)[-1] for start in strings}


def _free_quotes(taken: set[str]) -> list[str]:
    return [quote for quote in ('"', "'") if quote not in taken]


def _form(prefix: str, quote: str) -> Form:
    formatted, line_breaks = "f" in prefix, len(quote) == 3
    if "r" in prefix:
        return Form(_RAW_FORMAT_ESCAPE if formatted else _RAW_ESCAPE, line_breaks=line_breaks)
    return Form(_FORMAT_ESCAPE if formatted else _STRING_ESCAPE, _CODECS[quote[0]], line_breaks=line_breaks)


def _check_no_docstring(path: Sequence[Step]) -> None:
    statement, body = path[-1].node, path[-2].node
    first = next((child for child in body.named_children if child.type != COMMENT), None)
    if body.type in {"module", "block"} and first is not None and first.start_byte == statement.start_byte:
        raise refuse("a docstring")
