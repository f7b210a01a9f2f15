"""Kotlin: `System.getenv("NAME")` replaces a string or a part of one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tree_sitter import Node

from tokenward.model import Span
from tokenward.rewriting.code.code_syntax import CodeSyntax
from tokenward.rewriting.code.grammar import QUOTED, CodeGrammar, Quotes
from tokenward.rewriting.literal import Literal, Replacement, refuse
from tokenward.rewriting.spelling import Form
from tokenward.rewriting.syntax import Step

_TEMPLATE = r"\$[A-Za-z_{`]"
_ESCAPE = re.compile(rf"\\(?:u[0-9a-fA-F]{{4}}|.)|{_TEMPLATE}", re.DOTALL)
_HOLE = ("${", "}")
_PROPERTY = "property_declaration"
_CONST = "const "


class KotlinSyntax(CodeSyntax):
    """Reads the strings of Kotlin, and writes its look-ups."""

    grammar = CodeGrammar(
        name="kotlin",
        files=r"[^/]*\.kts?",
        ids="kotlin",
        comment="//",
        comments=frozenset({"line_comment", "block_comment"}),
        strings={
            "string_literal": (Quotes('"', '"', Form(_ESCAPE, "dollar"), _HOLE),),
            "multiline_string_literal": (
                Quotes('"""', '"""', Form(re.compile(_TEMPLATE), line_breaks=True), _HOLE),
            ),
        },
        parts=frozenset({"string_content", "escape_sequence"}),
        places=(
            "as_expression.left assignment.right binary_expression block class_parameter for_statement function_body "
            "function_value_parameters if_expression in_expression.left index_expression infix_expression "
            "interpolation lambda_literal navigation_expression parenthesized_expression property_declaration "
            "return_expression source_file value_argument when_entry when_subject"
        ),
        refused={
            "annotation": "an annotation, whose values are constants",
            "file_annotation": "an annotation, whose values are constants",
        },
        lookup='System.getenv("NAME")',
        readings=(
            rf"(?<!\w)System\s*\.\s*getenv\s*\(\s*{QUOTED}",
            rf"(?<!\w)getenv\(\)\s*(?:\.\s*\w+\(|\[)\s*{QUOTED}",
        ),
        names=(
            "assignment.right:left class_parameter.None:identifier property_declaration.None:variable_declaration "
            "value_argument.None:identifier"
        ),
        stops=frozenset({"block", "class_body", "lambda_literal", "value_arguments"}),
        root="System",
        root_reads="navigation_expression qualified_identifier",
        on_devices=re.compile(r"^import\s+androidx?\.", re.MULTILINE),
    )

    def constant(self, path: Sequence[Step]) -> Replacement | None:
        """Return the removal of `const`."""
        declaration = _property(path)
        modifiers = [node for node in declaration.children if node.type == "modifiers"] if declaration else []
        word = next((child for node in modifiers for child in node.children if child.text == b"const"), None)
        if word is None:
            return None
        start = self.span(word).start
        return Replacement(Span(start, start + len(_CONST)), "", before=_CONST)

    def adapted(self, path: Sequence[Step], literal: Literal) -> Literal:
        declaration, change = _property(path), self.constant(path)
        if declaration is None or change is None:
            return literal
        if self.text[change.span.start : change.span.end] != _CONST:
            raise refuse("a constant")
        variable = next(node for node in declaration.children if node.type == "variable_declaration")
        self.check_uses(
            variable.named_children[0],
            constants={"annotation", "file_annotation"},
            in_order={_PROPERTY},
            later={"function_body", "lambda_literal"},
        )
        return literal


def _property(path: Sequence[Step]) -> Node | None:
    return next((step.node for step in reversed(path) if step.kind == _PROPERTY), None)
