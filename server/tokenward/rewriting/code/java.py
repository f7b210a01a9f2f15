"""Java: `System.getenv("NAME")` takes the place of a string or of a part of one."""

from __future__ import annotations

from collections.abc import Sequence

from tokenward.rewriting.code.code_syntax import CodeSyntax
from tokenward.rewriting.code.grammar import DOUBLE_ESCAPE, QUOTED, CodeGrammar, Quotes
from tokenward.rewriting.literal import Literal, refuse
from tokenward.rewriting.spelling import Form
from tokenward.rewriting.syntax import Step

_CONSTANT_USES = {"annotation", "switch_label"}


class JavaSyntax(CodeSyntax):
    grammar = CodeGrammar(
        name="java",
        files=r"[^/]*\.java",
        ids="java",
        comment="//",
        comments=frozenset({"line_comment", "block_comment"}),
        # The lines of a text block are indented together, so it cannot be cut.
        strings={"string_literal": (Quotes('"(?!"")', '"', Form(DOUBLE_ESCAPE, "double")),)},
        parts=frozenset({"string_fragment", "multiline_string_fragment", "escape_sequence"}),
        places=(
            "argument_list array_access.index array_initializer assert_statement assignment_expression.right "
            "binary_expression cast_expression.value expression_statement lambda_expression.body "
            "method_invocation.object parenthesized_expression return_statement ternary_expression throw_statement "
            "variable_declarator.value yield_statement"
        ),
        refused={
            "annotation": "an annotation, whose values are constants",
            "annotation_type_element_declaration": "an annotation, whose values are constants",
            "switch_label": "a case, whose values are constants",
        },
        lookup='System.getenv("NAME")',
        readings=(
            rf"(?<!\w)System\s*\.\s*getenv\s*\(\s*{QUOTED}",
            rf"(?<!\w)getenv\(\)\s*\.\s*\w+\(\s*{QUOTED}",
        ),
        names="assignment_expression.right:left variable_declarator.value:name element_value_pair.value:key",
        stops=frozenset({"argument_list", "block", "class_body", "lambda_expression"}),
        root="System",
        root_kinds=frozenset({"identifier", "type_identifier"}),
        root_reads="field_access.object method_invocation.object method_reference",
    )

    def reads_root(self, path: Sequence[Step]) -> bool:
        qualified = path[-2].kind == "scoped_identifier" and self.source(path[-2].node) == "java.lang.System"
        return qualified or super().reads_root(path)

    def adapted(self, path: Sequence[Step], literal: Literal) -> Literal:
        declarator = next((step for step in reversed(path) if step.kind == "variable_declarator"), None)
        name = declarator.node.child_by_field_name("name") if declarator else None
        if name is not None and any(
            step.kind in _CONSTANT_USES for word in self.words(self.source(name)) for step in word
        ):
            raise refuse("a constant of an annotation or a case")
        return literal
