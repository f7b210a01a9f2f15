"""Java: `System.getenv("NAME")` replaces a string or a part of one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tokenward.model import Reference, Span
from tokenward.rewriting.code.code_syntax import CodeSyntax
from tokenward.rewriting.code.grammar import DOUBLE_ESCAPE, NAME, QUOTED, CodeGrammar, Quotes
from tokenward.rewriting.literal import Literal, Quoted, refuse
from tokenward.rewriting.spelling import Form
from tokenward.rewriting.syntax import Step, innermost

_INJECTS = re.compile(
    r"^import\s+(?:org\.springframework\.beans\.factory|io\.micronaut\.context)\.annotation\.(?:Value|\*)\s*;",
    re.MULTILINE,
)
_CONSTANT_USES = {"annotation", "switch_label"}


class JavaSyntax(CodeSyntax):
    """Reads the strings of Java, and writes its lookups."""

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
            rf"@Value\(\"[^\"]{{0,99}}\$\{{{NAME}[:}}]",
        ),
        names=(
            "assignment_expression.right:left element_value_pair.value:key field_declaration.None:variable_declarator "
            "formal_parameter.None:identifier variable_declarator.value:name"
        ),
        stops=frozenset({"argument_list", "block", "class_body", "lambda_expression"}),
        root="System",
        root_kinds=frozenset({"identifier", "type_identifier"}),
        root_reads="field_access.object method_invocation.object method_reference",
        on_devices=re.compile(r"^import\s+androidx?\.", re.MULTILINE),
    )

    def special_literal(self, path: Sequence[Step], span: Span, reference: Reference) -> Literal | None:
        """Return the text of a value that Spring or Micronaut injects; it may name a variable, and stays constant."""
        if not self._is_injected(path):
            return None
        index = innermost(path, self.grammar.strings, self.grammar.parts)
        whole, (quotes, content) = self.span(path[index].node), self._quotes(path[index])
        before = self.text[content.start : span.start]
        # In a default, placeholders are replaced too.
        if before.rfind("${") > max(before.rfind("}"), before.rfind(":")):
            raise refuse("a property's name")
        return Literal(whole, whole, content, quotes.form, f"${{{reference.name}}}", in_environment=True)

    def lookups(self, name: str) -> Iterator[Span]:
        yield from super().lookups(name)
        for match in re.finditer(rf"\$\{{{re.escape(name)}\}}", self.text):
            if self._is_injected(self.path(Span(*match.span()))):
                yield Span(*match.span())

    def quoted(self, span: Span, value: str) -> list[Quoted]:
        quoted = super().quoted(span, value)
        is_inside = self.text.startswith("$", span.start)
        return [Quoted("", item.written, "") for item in quoted] if is_inside else quoted

    def _is_injected(self, path: Sequence[Step]) -> bool:
        annotation = next((step.node for step in path if step.kind == "annotation"), None)
        name = annotation.child_by_field_name("name") if annotation else None
        return name is not None and self.source(name) == "Value" and _INJECTS.search(self.text) is not None

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
