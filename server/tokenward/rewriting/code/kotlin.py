"""Kotlin: `System.getenv("NAME")` replaces a string or a part of one."""

from __future__ import annotations

import re

from tokenward.rewriting.code.code_syntax import CodeSyntax
from tokenward.rewriting.code.grammar import QUOTED, CodeGrammar, Constants, Quotes
from tokenward.rewriting.spelling import Form

_TEMPLATE = r"\$[A-Za-z_{`]"
_ESCAPE = re.compile(rf"\\(?:u[0-9a-fA-F]{{4}}|.)|{_TEMPLATE}", re.DOTALL)
_HOLE = ("${", "}")


class KotlinSyntax(CodeSyntax):
    """Reads the strings of Kotlin, and writes its lookups."""

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
        constants=Constants(
            uses=frozenset({"annotation", "file_annotation"}),
            keywords={"property_declaration": ""},
            in_order=frozenset({"property_declaration"}),
            later=frozenset({"function_body", "lambda_literal"}),
        ),
        root="System",
        root_reads="navigation_expression qualified_identifier",
        on_devices=re.compile(r"^import\s+androidx?\.", re.MULTILINE),
    )
