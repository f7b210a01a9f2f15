"""C: `getenv("NAME")` replaces a string at run time."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tokenward.rewriting.code.grammar import DOUBLE_ESCAPE, QUOTED, CodeGrammar, Quotes
from tokenward.rewriting.code.import_line import ImportLine
from tokenward.rewriting.code.macro_syntax import BOARD, MACRO, MacroSyntax
from tokenward.rewriting.literal import Literal, refuse
from tokenward.rewriting.spelling import Form
from tokenward.rewriting.syntax import Step


class CSyntax(MacroSyntax):
    grammar = CodeGrammar(
        name="c",
        files=r"[^/]*\.[ch]",
        ids="c",
        comment="//",
        strings={"string_literal": (Quotes('"', '"', Form(DOUBLE_ESCAPE, "double")),)},
        parts=frozenset({"string_content", "escape_sequence"}),
        unparsed=frozenset({MACRO}),
        places=(
            "argument_list assignment_expression.right binary_expression cast_expression.value comma_expression "
            "conditional_expression init_declarator.value parenthesized_expression return_statement "
            "subscript_expression.argument"
        ),
        refused={"sizeof_expression": "a size"},
        lookup='getenv("NAME")',
        readings=(rf"(?<!\w)(?:secure_)?getenv\s*\(\s*{QUOTED}",),
        names=(
            "assignment_expression.right:left init_declarator.value:declarator initializer_pair.value:designator "
            "preproc_def.value:name"
        ),
        stops=frozenset({"argument_list", "compound_statement"}),
        glue=None,
        root="getenv",
        root_reads="call_expression.function",
        import_line=ImportLine(
            "#include <stdlib.h>",
            re.compile(r"#\s*include\s*<stdlib\.h>.*"),
            frozenset({"preproc_include"}),
        ),
        on_devices=BOARD,
        sets=re.compile(r"(?:setenv|putenv)"),
    )

    def adapted(self, path: Sequence[Step], literal: Literal) -> Literal:
        """Refuse a variable that is set before the program runs, and an array of characters."""
        declaration = next((step.node for step in reversed(path) if step.kind == "declaration"), None)
        if declaration is None:
            return literal
        in_function = any(step.kind == "compound_statement" for step in path)
        if not in_function or any(child.text in {b"static", b"constexpr"} for child in declaration.children):
            raise refuse("a variable that is set before the program runs")
        declarator = next(step.node for step in reversed(path) if step.kind == "init_declarator")
        name = declarator.child_by_field_name("declarator")
        if path[-2].kind == "init_declarator" and name and name.type == "array_declarator":
            raise refuse("an array of characters")
        return literal
