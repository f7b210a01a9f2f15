"""Swift: `ProcessInfo.processInfo.environment["NAME"]!` replaces a string or a part of one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tokenward.rewriting.code.code_syntax import CodeSyntax
from tokenward.rewriting.code.grammar import QUOTED, CodeGrammar, Quotes
from tokenward.rewriting.code.import_line import ImportLine
from tokenward.rewriting.literal import Literal, refuse
from tokenward.rewriting.spelling import Form
from tokenward.rewriting.syntax import Step

_ESCAPE = re.compile(r"\\(?:u\{[^}]*\}|[^(])", re.DOTALL)
_STRING_TYPES = {": String", ": String?", ": Any", ": Any?"}


class SwiftSyntax(CodeSyntax):
    """Reads the strings of Swift, and writes its lookups."""

    grammar = CodeGrammar(
        name="swift",
        files=r"[^/]*\.swift",
        ids="swift",
        comment="//",
        comments=frozenset({"comment", "multiline_comment"}),
        strings={
            "line_string_literal": (Quotes('"', '"', Form(_ESCAPE, "double"), ("\\(", ")")),),
            "multi_line_string_literal": (Quotes('"""', '"""', Form(_ESCAPE, "double"), ("\\(", ")")),),
            "raw_string_literal": (
                Quotes('#"(?!"")', '"#', Form(), ("\\#(", ")")),
                Quotes('(#{2,8})"(?!"")', r'"\1', Form()),
            ),
        },
        parts=frozenset(
            {"line_str_text", "multi_line_str_text", "raw_str_end_part", "raw_str_part", "str_escaped_char"}
        ),
        # The grammar applies a subscript after a sum to the whole sum.
        unparsed=frozenset({"postfix_expression"}),
        places=(
            "additive_expression array_literal.element as_expression.expr assignment.result "
            "control_transfer_statement.result dictionary_literal equality_expression for_statement.collection "
            "function_declaration.default_value init_declaration.default_value interpolated_expression.value "
            "lambda_literal navigation_expression.target nil_coalescing_expression property_declaration.value "
            "source_file statements subscript_declaration.default_value ternary_expression tuple_expression.value "
            "value_argument.value"
        ),
        refused={
            "attribute": "an attribute, whose values may be constants",
            "enum_entry": "a raw value, which is a constant",
            "pattern": "a pattern",
        },
        lookup='ProcessInfo.processInfo.environment["NAME"]!',
        readings=(rf"(?<!\w)(?:environment\s*\[|getenv\s*\()\s*{QUOTED}",),
        names=(
            "assignment.result:target property_declaration.computed_value:name property_declaration.value:name "
            "value_argument.value:name"
        ),
        stops=frozenset({"class_body", "function_body", "lambda_literal", "value_arguments"}),
        root="ProcessInfo",
        root_kinds=frozenset({"simple_identifier", "type_identifier"}),
        root_reads="navigation_expression.target user_type",
        import_line=ImportLine(
            "import Foundation",
            re.compile(r"(?:@\w+(?:\(\w+\))?\s+)*import\s+Foundation(?:Essentials)?"),
            frozenset({"import_declaration"}),
        ),
        on_devices=re.compile(r"^import\s+(?:AppKit|Cocoa|SwiftUI|UIKit|WatchKit|WidgetKit)\b", re.MULTILINE),
        sets=re.compile(r"setenv"),
    )

    def adapted(self, path: Sequence[Step], literal: Literal) -> Literal:
        """Refuse a variable of a type that only a literal can create."""
        if path[-2].kind == "property_declaration":
            kinds = [node for node in path[-2].node.children if node.type == "type_annotation"]
            if any(self.source(kind) not in _STRING_TYPES for kind in kinds):
                raise refuse("a variable of a type other than String")
        return literal
