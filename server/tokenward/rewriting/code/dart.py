"""Dart: `Platform.environment['NAME']!` replaces a string or a part of one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tokenward.model import Span
from tokenward.rewriting.code.code_syntax import CodeSyntax
from tokenward.rewriting.code.grammar import QUOTED, CodeGrammar, Constants, Quotes
from tokenward.rewriting.code.import_line import ImportLine
from tokenward.rewriting.literal import Literal, Replacement, refuse
from tokenward.rewriting.spelling import Form
from tokenward.rewriting.syntax import Step
from tokenward.rewriting.tree import Node

_ESCAPE = re.compile(r"\\(?:u\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)|\$", re.DOTALL)
_HOLE = ("${", "}")
_PART = re.compile(r"^part\s+of\b", re.MULTILINE)
_VARIABLE, _VARIABLES = "initialized_variable_definition", "static_final_declaration_list"
_CONSTANT = "const_builtin"
_CONSTANTS = frozenset({"annotation", "constant_pattern", "enum_constant", "optional_formal_parameters"})
_COLLECTIONS = {"const_object_expression", "list_literal", "record_literal", "set_or_map_literal"}


class DartSyntax(CodeSyntax):
    """Reads the strings of Dart, and writes its lookups."""

    grammar = CodeGrammar(
        name="dart",
        files=r"[^/]*\.dart",
        ids="dart",
        comment="//",
        comments=frozenset({"comment", "documentation_comment"}),
        strings={
            "string_literal": (
                Quotes("'''", "'''", Form(_ESCAPE, "single-dollar", line_breaks=True), _HOLE),
                Quotes('"""', '"""', Form(_ESCAPE, "dollar", line_breaks=True), _HOLE),
                Quotes("'", "'", Form(_ESCAPE, "single-dollar"), _HOLE),
                Quotes('"', '"', Form(_ESCAPE, "dollar"), _HOLE),
                Quotes("r('''|\"\"\")", r"\1", Form(line_breaks=True)),
                Quotes("r(['\"])", r"\1", Form()),
            )
        },
        parts=frozenset({"escape_sequence"}),
        places=(
            "additive_expression argument assertion_arguments assignment_expression.right conditional_expression "
            "equality_expression field_initializer for_loop_parts.value function_body function_expression_body "
            "if_null_expression initialized_identifier initialized_variable_definition list_literal named_argument "
            "pair parenthesized_expression record_field return_statement set_or_map_literal static_final_declaration "
            "switch_expression_case template_substitution type_cast_expression yield_statement"
        ),
        refused={
            "annotation": "an annotation, whose values are constants",
            "constant_pattern": "a pattern, whose values are constants",
            "optional_formal_parameters": "a default argument, which is a constant",
        },
        lookup="Platform.environment['NAME']!",
        readings=(rf"(?<!\w)(?:environment\s*\[|fromEnvironment\s*\()\s*{QUOTED}",),
        names=(
            "assignment_expression.right:left field_initializer.None:identifier initialized_identifier.None:identifier "
            "initialized_variable_definition.value:name named_argument.None:label pair.value:key "
            "static_final_declaration.None:identifier"
        ),
        stops=frozenset({"arguments", "block", "class_body", "function_expression"}),
        constants=Constants(uses=_CONSTANTS),
        root="Platform",
        root_kinds=frozenset({"identifier", "type_identifier"}),
        import_line=ImportLine(
            "import 'dart:io';",
            re.compile(
                r"import\s+['\"]dart:io['\"](?:\s+show\s+(?:\w+\s*,\s*)*Platform(?:\s*,\s*\w+)*)?\s*;"
            ),
            frozenset({"import_or_export"}),
            frozenset({"library_name", "script_tag"}),
        ),
        on_devices=re.compile(
            r"^import\s+['\"](?:package:(?:flutter|web)\w*/|dart:(?:html|js|ui)\w*)", re.MULTILINE
        ),
        eager=re.compile(r".*fromEnvironment\s*", re.DOTALL),
    )

    def reads_root(self, path: Sequence[Step]) -> bool:
        end = self.span(path[-1].node).end
        return path[-2].kind == "combinator" or self.text.startswith(".environment", end)

    def find_lookups(self, names: str) -> Iterator[Span]:
        """Yield each lookup, which the grammar splits into several nodes."""
        for match in self.grammar.lookups(names).finditer(self.text):
            if self.path(Span(match.start(), match.start() + 1))[-1].kind == "identifier":
                yield Span(*match.span())

    def constant(self, path: Sequence[Step]) -> Replacement | None:
        """Return `final` for a variable's `const`."""
        node = next((step.node for step in reversed(path) if step.kind in {_VARIABLE, _VARIABLES}), None)
        before = node.children[0] if node and node.type == _VARIABLE else node.prev_sibling if node else None
        while (
            node
            and node.type == _VARIABLES
            and before
            and before.type not in {_CONSTANT, "final_builtin", ";"}
        ):
            before = before.prev_sibling
        if before is None or before.type != _CONSTANT:
            return None
        return Replacement(self.span(before), "final", before="const")

    def adapted(self, path: Sequence[Step], literal: Literal) -> Literal:
        """Refuse a value that must stay a constant, and a string with more than one pair of quotes."""
        if _PART.search(self.text):
            raise refuse("a part of a library, which imports nothing")
        quotes = [child for child in path[-1].node.children if not child.is_named]
        closing = quotes[0].type.removeprefix("r") if quotes else ""
        if next((quote for quote in quotes[1:] if quote.type == closing), None) != path[-1].node.children[-1]:
            raise refuse("a string of several parts")
        if _is_constant(path):
            raise refuse("a constant")
        if self.constant(path) is not None:
            at = next(step.node for step in reversed(path) if step.kind in {_VARIABLE, _VARIABLES})
            for name in _names(at):
                self.check_uses(name)
                if any(map(_is_constant, self.uses(name))):
                    raise refuse("a constant that the compiler needs")
        return literal


def _is_constant(path: Sequence[Step]) -> bool:
    """Return whether the compiler evaluates the end of a path, apart from the value of a variable."""
    for step in path:
        kinds = {child.type for child in step.node.children}
        if step.kind in _CONSTANTS or (step.kind in _COLLECTIONS and _CONSTANT in kinds):
            return True
        if step.kind == "declaration" and "constant_constructor_signature" in kinds:
            return True
    return False


def _names(node: Node) -> Iterator[Node]:
    for part in [node, *node.named_children]:
        if name := part.child_by_field_name("name"):
            yield name
        elif part.type in {"static_final_declaration", "initialized_identifier"}:
            yield part.named_children[0]
