"""C#: `Environment.GetEnvironmentVariable("NAME")` replaces a string or a part of one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tokenward.rewriting.code.code_syntax import CodeSyntax
from tokenward.rewriting.code.grammar import DOUBLE_ESCAPE, QUOTED, CodeGrammar, Constants, Quotes
from tokenward.rewriting.literal import Literal, refuse
from tokenward.rewriting.spelling import Form
from tokenward.rewriting.syntax import Step

_NULLABLE = {
    "file_scoped_namespace_declaration",
    "global_statement",
    "preproc_nullable",
    "record_declaration",
}
"""Kinds known only to compilers that also know `!`, and warn without it."""
_BRACES = r"\{\{|\}\}"
_IN_HOLES = Form(re.compile(f"{DOUBLE_ESCAPE.pattern}|{_BRACES}", re.DOTALL), "double")
_VERBATIM_IN_HOLES = Form(re.compile(f'""|{_BRACES}'), "doubled-double", line_breaks=True, keeps_returns=True)
_VERBATIM = Form(re.compile('""'), "doubled-double", line_breaks=True, keeps_returns=True)
_HOLE = ("{", "}")


class CSharpSyntax(CodeSyntax):
    """Reads the strings of C#, and writes its lookups."""

    grammar = CodeGrammar(
        name="csharp",
        files=r"[^/]*\.csx?",
        ids="csharp",
        comment="//",
        strings={
            "string_literal": (Quotes('"', '"', Form(DOUBLE_ESCAPE, "double")),),
            "verbatim_string_literal": (Quotes('@"', '"', _VERBATIM),),
            # The lines of a longer string are indented together, so it cannot be cut.
            "raw_string_literal": (Quotes(r'("{3,8})(?![ \t]*[\r\n])', r"\1", Form()),),
            "interpolated_string_expression": (
                Quotes(r'\$("{3,8})', r"\1", Form(), _HOLE),
                Quotes(r'\$\$("{3,8})', r"\1", Form(), ("{{", "}}")),
                Quotes(r'\$"', '"', _IN_HOLES, _HOLE),
                Quotes(r'(?:\$@|@\$)"', '"', _VERBATIM_IN_HOLES, _HOLE),
            ),
        },
        parts=frozenset(
            {
                "string_literal_content",
                "raw_string_content",
                "string_content",
                "escape_sequence",
                "raw_string_end",
            }
        ),
        places=(
            "anonymous_object_creation_expression argument arrow_expression_clause assignment_expression.right "
            "binary_expression cast_expression.value conditional_expression element_access_expression.expression "
            "expression_element foreach_statement.right initializer_expression interpolation lambda_expression.body "
            "member_access_expression.expression parenthesized_expression property_declaration.value return_statement "
            "switch_expression_arm variable_declarator with_initializer yield_statement"
        ),
        refused={
            "attribute": "an attribute, whose values are constants",
            "constant_pattern": "a pattern, whose values are constants",
            "parameter": "a default argument, which is a constant",
        },
        lookup='System.Environment.GetEnvironmentVariable("NAME")',
        variants=(
            'System.Environment.GetEnvironmentVariable("NAME")!',
            'Environment.GetEnvironmentVariable("NAME")!',
            'Environment.GetEnvironmentVariable("NAME")',
        ),
        readings=(rf"(?<!\w)Environment\s*\.\s*GetEnvironmentVariable\s*\(\s*@?{QUOTED}",),
        names=(
            "argument.None:name assignment_expression.right:left attribute_argument.None:name "
            "property_declaration.value:name variable_declarator.None:name with_initializer.None:name"
        ),
        stops=frozenset({"argument_list", "block", "declaration_list", "lambda_expression"}),
        constants=Constants(
            uses=frozenset(
                {"attribute", "constant_pattern", "parameter", "enum_member_declaration", "goto_statement"}
            ),
            keywords={"field_declaration": "static readonly", "local_declaration_statement": ""},
            in_order=frozenset({"field_declaration", "property_declaration"}),
            later=frozenset({"arrow_expression_clause", "block", "lambda_expression"}),
        ),
        root="System",
        root_reads=(
            "alias_qualified_name member_access_expression.expression qualified_name.qualifier using_directive"
        ),
        sets=re.compile(r"(?:System\s*\.\s*)?Environment\s*\.\s*SetEnvironmentVariable"),
    )

    def __init__(self, text: str) -> None:
        super().__init__(text)
        nodes = self.root.named_children
        is_known = any(self.source(node) == "using System;" for node in nodes)
        self._is_short = is_known and all(
            word[-2].kind == "member_access_expression" and word[-1].field == "expression"
            for word in self.words("Environment")
        )
        self._knows_null = any(node.type in _NULLABLE for node in nodes)

    def filling(self, path: Sequence[Step], name: str) -> str:
        """Return the lookup, by its short name if the file has that, and with `!` if the compiler knows it."""
        lookup = super().filling(path, name).removeprefix("System." if self._is_short else "")
        return lookup + ("!" if self._knows_null else "")

    def adapted(self, path: Sequence[Step], literal: Literal) -> Literal:
        """Refuse a string of bytes, and a constant that must stay one."""
        if path[-1].node.children and path[-1].node.children[-1].type == "string_literal_encoding":
            raise refuse("a string of bytes")
        return super().adapted(path, literal)
