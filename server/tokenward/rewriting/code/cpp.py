"""C++: `std::getenv("NAME")` replaces a string, or a part of a `std::string`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from tokenward.model import Reference, Span
from tokenward.rewriting.code.grammar import DOUBLE_ESCAPE, QUOTED, CodeGrammar, Constants, Quotes
from tokenward.rewriting.code.import_line import ImportLine
from tokenward.rewriting.code.macro_syntax import MACRO, MacroSyntax
from tokenward.rewriting.literal import Literal, Replacement, refuse
from tokenward.rewriting.spelling import Form
from tokenward.rewriting.syntax import Step, operator_of
from tokenward.rewriting.tree import Node

_CONSTEXPR = "constexpr "
_DECLARATIONS = {"declaration", "field_declaration"}
_FUNCTIONS = {"function_definition", "lambda_expression"}
_STRING = {"std::string", "string"}
_STRING_OPERATORS = {"+", "==", "!=", "<<"}


class CppSyntax(MacroSyntax):
    """Reads the strings of C++, and writes its lookups."""

    grammar = CodeGrammar(
        name="cpp",
        files=r"[^/]*\.(?:cc|cpp|cxx|c\+\+|hh|hpp|hxx|h\+\+|inl|ipp|tpp)",
        ids="cpp",
        comment="//",
        strings={
            "string_literal": (Quotes('"', '"', Form(DOUBLE_ESCAPE, "double")),),
            "raw_string_literal": (Quotes(r'R"(\w{0,16})\(', r')\1"', Form(line_breaks=True)),),
        },
        parts=frozenset({"string_content", "raw_string_content", "escape_sequence"}),
        unparsed=frozenset({MACRO}),
        places=(
            "argument_list assignment_expression.right binary_expression cast_expression.value co_return_statement "
            "conditional_expression field_declaration.default_value init_declarator.value initializer_list "
            "initializer_pair.value optional_parameter_declaration.default_value parenthesized_expression "
            "return_statement subscript_argument_list subscript_expression.argument"
        ),
        refused={
            "attribute": "an attribute, whose values are constants",
            "for_range_loop.right": "a list that a loop runs through",
            "sizeof_expression": "a size",
            "static_assert_declaration": "an assertion that the compiler checks",
        },
        lookup='std::getenv("NAME")',
        readings=(rf"(?<!\w)(?:secure_)?getenv\s*\(\s*{QUOTED}",),
        names=(
            "assignment_expression.right:left field_declaration.default_value:declarator "
            "field_initializer.None:field_identifier init_declarator.value:declarator "
            "initializer_pair.value:designator optional_parameter_declaration.default_value:declarator "
            "preproc_def.value:name"
        ),
        stops=frozenset({"call_expression", "compound_statement", "new_expression"}),
        constants=Constants(
            uses=frozenset({"array_declarator", "static_assert_declaration", "template_argument_list"})
        ),
        root="std",
        root_kinds=frozenset({"identifier", "namespace_identifier"}),
        root_reads="nested_namespace_specifier qualified_identifier.scope namespace_definition.name using_declaration",
        import_line=ImportLine(
            "#include <cstdlib>",
            re.compile(r"#\s*include\s*<cstdlib>.*"),
            frozenset({"preproc_include"}),
        ),
        sets=re.compile(r"(?:::|std::)?(?:setenv|putenv)"),
    )

    def literal(self, span: Span, reference: Reference) -> Literal:
        literal = super().literal(span, reference)
        if literal.joint is None or literal.joint.glue == "" or span == literal.content:
            return literal
        if not self._makes_string(self.path(literal.whole)):
            raise refuse("a part of a string that may not be a std::string")
        return literal

    def adapted(self, path: Sequence[Step], literal: Literal) -> Literal:
        """Refuse constants and arrays of characters; make pieces one `std::string`."""
        if any(_is_evaluated(step.node) for step in path):
            raise refuse("a function that the compiler evaluates")
        if path[-2].kind == "return_statement" and self._returns_deduced(path):
            raise refuse("a function whose other results have a different type than a lookup")
        declarator = path[-2].node.child_by_field_name("declarator")
        if path[-2].kind == "init_declarator" and declarator and declarator.type == "array_declarator":
            raise refuse("an array of characters")
        if self.constant(path) is not None:
            for name in _names(path[_declaration(path)].node):
                self.check_uses(name)
                if any(_is_evaluated(step.node) for use in self.uses(name) for step in use):
                    raise refuse("a constant that the compiler needs")
        if literal.joint is not None and literal.joint.glue:
            return replace(literal, joint=replace(literal.joint, wrap=("(std::string() + ", ")")))
        return literal

    def constant(self, path: Sequence[Step]) -> Replacement | None:
        """Return the replacement for `constexpr`: the least that keeps the variable in its file or class."""
        at = _declaration(path)
        declaration = path[at].node
        word = next((child for child in declaration.children if child.text == b"constexpr"), None)
        if word is None:
            return None
        texts = {child.text for child in declaration.children}
        is_member = declaration.type == "field_declaration"
        is_outside = not is_member and not any(step.kind == "compound_statement" for step in path[:at])
        words = [
            *(["inline"] if is_member and b"inline" not in texts else []),
            *(["static"] if is_outside and b"const" in texts and not texts & {b"static", b"inline"} else []),
            *(["const"] if b"const" not in texts else []),
        ]
        start = self.span(word).start
        if not words:
            return Replacement(Span(start, start + len(_CONSTEXPR)), "", before=_CONSTEXPR)
        return Replacement(self.span(word), " ".join(words), before="constexpr")

    def _returns_deduced(self, path: Sequence[Step]) -> bool:
        """Return whether the compiler deduces one type from several results of a function."""
        function = next((step.node for step in reversed(path) if step.kind in _FUNCTIONS), None)
        body = function.child_by_field_name("body") if function else None
        if function is None or body is None:
            return False
        head = self.text[self.span(function).start : self.span(body).start]
        is_deduced = "->" not in head and (function.type == "lambda_expression" or "auto" in head.split())
        return is_deduced and self.source(body).count("return ") > 1

    def _makes_string(self, path: Sequence[Step]) -> bool:
        """Return whether a `std::string` may replace the string at the end of a path."""
        has_header = "#include <string>" in self.text
        for parent in reversed(path[:-1]):
            if operator_of(parent.node) in _STRING_OPERATORS:
                return has_header
            if parent.kind in {"call_expression", "compound_literal_expression"}:
                made = parent.node.child_by_field_name("function") or parent.node.child_by_field_name("type")
                return made is not None and self.source(made) in _STRING
            if parent.kind in {*_DECLARATIONS, "optional_parameter_declaration"}:
                kind = parent.node.child_by_field_name("type")
                return kind is not None and self.source(kind) in _STRING
            if parent.kind not in {"argument_list", "init_declarator", "initializer_list"}:
                return False
        return False


def _declaration(path: Sequence[Step]) -> int:
    """Return the index of the innermost declaration of a path, or 0."""
    return next((at for at in range(len(path) - 1, -1, -1) if path[at].kind in _DECLARATIONS), 0)


def _names(declaration: Node) -> list[Node]:
    names = []
    for declarator in declaration.children_by_field_name("declarator"):
        name: Node | None = declarator
        while name is not None and (inner := name.child_by_field_name("declarator")):
            name = inner
        names += [name] if name is not None else []
    return names


def _is_evaluated(node: Node) -> bool:
    return node.type == "function_definition" and any(
        child.text in {b"constexpr", b"consteval"} for child in node.children
    )
