"""Scala: `sys.env("NAME")` replaces a string or a part of one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tokenward.rewriting.code.code_syntax import CodeSyntax
from tokenward.rewriting.code.grammar import DOUBLE_ESCAPE, QUOTED, CodeGrammar, Constants, Quotes
from tokenward.rewriting.literal import Literal, refuse
from tokenward.rewriting.spelling import Form
from tokenward.rewriting.syntax import Step

_TEMPLATE = re.compile(r"\$")
_TEMPLATE_ESCAPE = re.compile(rf"{DOUBLE_ESCAPE.pattern}|\$", re.DOTALL)
_HOLE = ("${", "}")


class ScalaSyntax(CodeSyntax):
    """Reads the strings of Scala, and writes its lookups."""

    grammar = CodeGrammar(
        name="scala",
        files=r"[^/]*\.(?:scala|sc|sbt)",
        ids="scala sbt",
        comment="//",
        comments=frozenset({"comment", "block_comment"}),
        strings={
            "string": (
                Quotes('"""', '"""', Form(line_breaks=True)),
                Quotes('"', '"', Form(DOUBLE_ESCAPE, "double")),
            ),
            "interpolated_string_expression": (
                Quotes('(?:s|f|raw)"""', '"""', Form(_TEMPLATE, line_breaks=True), _HOLE),
                Quotes('[sf]"', '"', Form(_TEMPLATE_ESCAPE, "double"), _HOLE),
                Quotes('raw"', '"', Form(_TEMPLATE), _HOLE),
            ),
        },
        parts=frozenset({"interpolated_string", "escape_sequence"}),
        places=(
            "arguments ascription_expression assignment_expression.right block case_clause.body "
            "class_parameter.default_value compilation_unit enumerator field_expression.value for_expression.body "
            "function_definition.body given_definition.body if_expression indented_block infix_expression "
            "lambda_expression parameter.default_value parenthesized_expression return_expression try_expression.body "
            "tuple_expression val_definition.value var_definition.value"
        ),
        refused={
            "annotation": "an annotation, whose values are constants",
            "case_clause.pattern": "a pattern",
            "literal_type": "a type",
        },
        lookup='sys.env("NAME")',
        readings=(
            rf"(?<!\w)sys\.env(?:\.\w+)?\s*\(\s*{QUOTED}",
            rf"(?<!\w)(?:System\s*\.\s*getenv|envOr\w+)\s*\(\s*{QUOTED}",
        ),
        names=(
            "assignment_expression.right:left class_parameter.default_value:name function_definition.body:name "
            "parameter.default_value:name val_definition.value:pattern var_definition.value:pattern"
        ),
        stops=frozenset({"arguments", "block", "case_clause", "lambda_expression", "template_body"}),
        constants=Constants(
            uses=frozenset({"annotation", "literal_type"}),
            in_order=frozenset({"val_definition", "var_definition"}),
            later=frozenset({"function_definition", "lambda_expression"}),
        ),
        root="sys",
        root_reads="field_expression import_declaration",
        on_devices=re.compile(r"^[ \t]*import\s+(?:android|org\.scalajs)\b", re.MULTILINE),
        eager=re.compile(r".*\.getOrDefault\s*", re.DOTALL),
    )

    def adapted(self, path: Sequence[Step], literal: Literal) -> Literal:
        """Refuse a constant that the compiler needs; `final` makes a value without a type a constant."""
        definition = next((step.node for step in reversed(path) if step.kind == "val_definition"), None)
        modifiers = {
            word
            for node in (definition.children if definition else [])
            if node.type == "modifiers"
            for word in (node.text or b"").split()
        }
        if b"inline" in modifiers:
            raise refuse("an inline value, which is a constant")
        name = definition.child_by_field_name("pattern") if definition else None
        if name is not None and b"final" in modifiers:
            self.check_uses(name)
        return literal
