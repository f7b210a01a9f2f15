"""Groovy, including Gradle's build scripts: `System.getenv("NAME")` replaces a string or a part of one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from tokenward.errors import RewriteRefused
from tokenward.model import Reference, Span
from tokenward.rewriting.code.code_syntax import CodeSyntax
from tokenward.rewriting.code.grammar import DOUBLE_ESCAPE, NAME, QUOTED, CodeGrammar, Quotes
from tokenward.rewriting.literal import Literal, refuse
from tokenward.rewriting.spelling import Form
from tokenward.rewriting.syntax import Step, last_word

_BRACES = re.compile(r"\\.|\$?\{|\}", re.DOTALL)
_JENKINS = re.compile(
    r"^[ \t]*pipeline\s*\{|@Library\b|\bwithCredentials\b|\bcheckout[ \t]+scm\b|\bstage[ \t]*\(\s*[\"']",
    re.MULTILINE,
)
_END_OF_CALL = re.compile(r"[ \t]*(?:[;})]|/[/*]|\Z|\r?\n(?!\s*[.?:]))")
_FIELDS = {"buildConfigField", "resValue"}


class GroovySyntax(CodeSyntax):
    """Reads the strings of Groovy, and writes its lookups."""

    grammar = CodeGrammar(
        name="groovy",
        files=r"[^/]*\.(?:groovy|gradle)",
        ids="groovy gradle",
        comment="//",
        comments=frozenset({"line_comment", "block_comment"}),
        strings={
            "string_literal": (
                Quotes("'''", "'''", Form(DOUBLE_ESCAPE, "single", line_breaks=True)),
                Quotes('"""', '"""', Form(DOUBLE_ESCAPE, "dollar", line_breaks=True)),
                Quotes('"', '"', Form(DOUBLE_ESCAPE, "dollar")),
            ),
            "character_literal": (Quotes("'", "'", Form(DOUBLE_ESCAPE, "single")),),
        },
        parts=frozenset({"string_fragment", "multiline_string_fragment", "escape_sequence"}),
        places=(
            "argument_list array_access.index array_literal assignment_expression.right binary_expression "
            "cast_expression.value closure expression_statement formal_parameter map_item.value "
            "method_invocation.object parenthesized_expression return_statement ternary_expression throw_statement "
            "variable_declarator.value"
        ),
        refused={"annotation": "an annotation, whose values are constants"},
        lookup='System.getenv("NAME")',
        readings=(
            rf"(?<!\w)System\s*\.\s*getenv\s*\(\s*{QUOTED}",
            rf"(?<!\w)System\s*\.\s*env\s*\.\s*{NAME}",
            rf"(?<!\w)environmentVariable\s*\(\s*{QUOTED}",
        ),
        names=(
            "assignment_expression.right:left formal_parameter.None:name juxt_function_call.args:name "
            "map_item.value:key variable_declarator.value:name"
        ),
        stops=frozenset({"closure", "method_invocation", "object_creation_expression"}),
        root="System",
        root_kinds=frozenset({"identifier", "type_identifier"}),
        root_reads="field_access.object method_invocation.object",
    )

    def errors(self) -> list[Span]:
        """Return the errors except empty nodes, which the grammar adds to `?:` and lines without semicolons."""
        return [span for span in super().errors() if len(span)]

    def special_literal(self, path: Sequence[Step], span: Span, reference: Reference) -> Literal | None:  # noqa: ARG002
        """Refuse a pipeline of Jenkins, and an expression inside a string, which the grammar does not see."""
        if _JENKINS.search(self.text):
            raise RewriteRefused(
                "Jenkins pipelines do not get your environment; add the token to Jenkins as a credential, and "
                "write NAME = credentials('its-id') into environment { }."
            )
        depth = 0
        for brace in _BRACES.finditer(self.text, self.span(path[-1].node).start, span.start):
            is_opening = brace[0] == "${" or (brace[0] == "{" and depth > 0)
            depth = depth + 1 if is_opening else max(0, depth - (brace[0] == "}"))
        if depth and path[-1].kind in self.grammar.parts:
            raise refuse("an expression inside a string")
        return None

    def adapted(self, path: Sequence[Step], literal: Literal) -> Literal:
        """Return a literal that adds parentheses to a call without any."""
        at = -2 if path[-2].kind != "map_item" else -3
        if path[at - 1].kind != "juxt_function_call" or literal.joint is None:
            return literal
        zone = self.span(path[at].node)
        if not _END_OF_CALL.match(self.text, zone.end):
            raise refuse("a part of the argument of a call without parentheses")
        return replace(literal, zone=zone, joint=replace(literal.joint, always_wrapped=True))

    def assigned(self, span: Span) -> str | None:
        """Return the name, also of a field that a build adds: `buildConfigField("String", "API_KEY", …)`."""
        for step in reversed(self.path(span)):
            name = step.node.child_by_field_name("name")
            arguments = step.node.child_by_field_name("args") or step.node.child_by_field_name("arguments")
            if name and arguments and self.source(name) in _FIELDS and len(arguments.named_children) > 1:
                return last_word(self.source(arguments.named_children[1]))
        return super().assigned(span)
