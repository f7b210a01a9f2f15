"""Perl: `$ENV{NAME}` replaces a string or a part of one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from tokenward.model import Reference, Span
from tokenward.rewriting.code.code_syntax import CodeSyntax
from tokenward.rewriting.code.grammar import NAME, CodeGrammar, Quotes
from tokenward.rewriting.literal import Literal, Quoted, refuse
from tokenward.rewriting.spelling import Form, Spelling
from tokenward.rewriting.syntax import Step, operator_of

_ESCAPE = re.compile(r"\\(?:\r\n|x\{[^}]*\}|x[0-9a-fA-F]{1,2}|[0-7]{1,3}|N\{[^}]*\}|c.|.)", re.DOTALL)
_QUOTED_ESCAPE = re.compile(r"\\.", re.DOTALL)
_HOLE = ("", "")
_DELIMITER = r"\s?[(\[<|!/]"
_PLAIN_PARTS = {"string_content", "escape_sequence", "escaped_delimiter"}
_LOOSER = {".", "||", "&&", "//", "==", "!=", "eq", "ne"}
"""The operators that do not bind tighter than the one that joins strings."""


class PerlSyntax(CodeSyntax):
    """Reads the strings of Perl, and writes its lookups."""

    grammar = CodeGrammar(
        name="perl",
        files=r"[^/]*\.(?:pl|pm|t|psgi|cgi)|cpanfile",
        ids="perl perl5",
        comment="#",
        comments=frozenset({"comment", "pod"}),
        strings={
            "interpolated_string_literal": (
                Quotes('"', '"', Form(_ESCAPE, "sigils", line_breaks=True, keeps_returns=True), _HOLE),
                Quotes(rf"qq{_DELIMITER}", ")", Form(_ESCAPE, line_breaks=True, keeps_returns=True), _HOLE),
                # Between braces, the grammar reads no element of a hash.
                Quotes(r"qq\s?\{", "}", Form(_ESCAPE, line_breaks=True, keeps_returns=True)),
            ),
            "string_literal": (
                Quotes(
                    "'",
                    "'",
                    Form(re.compile(r"\\[\\']"), "bare-single", line_breaks=True, keeps_returns=True),
                ),
                Quotes(
                    rf"q(?:{_DELIMITER}|\s?\{{)",
                    ")",
                    Form(_QUOTED_ESCAPE, line_breaks=True, keeps_returns=True),
                ),
            ),
        },
        parts=frozenset(_PLAIN_PARTS),
        places=(
            "ambiguous_function_call_expression.arguments anonymous_array_expression anonymous_hash_expression "
            "assignment_expression.right binary_expression conditional_expression equality_expression "
            "expression_statement func1op_call_expression function_call_expression.arguments "
            "hash_element_expression.key list_expression logical_not_expression lowprec_logical_expression "
            "map_grep_expression.list method_call_expression.arguments parenthesized_expression "
            "postfix_conditional_expression relational_expression return_expression unary_expression use_statement"
        ),
        lookup="$ENV{NAME}",
        readings=(rf"\$ENV\{{\s*[\"']?{NAME}",),
        glue=" . ",
        names="assignment_expression.right:left",
        stops=frozenset({"block", "function_call_expression", "list_expression", "method_call_expression"}),
        sets=re.compile(r"(?:local\s+)?[$%@]ENV(?:\s*\{[^}]*\})?\s*(?:\|\||//|\.)?=\s*"),
    )

    def special_literal(self, path: Sequence[Step], span: Span, reference: Reference) -> Literal | None:
        """Return a here-document; refuse a string in which a lookup would run into its neighbours."""
        content = next((s.node for s in path if s.kind in {"string_content", "heredoc_content"}), None)
        if content is None:
            return None
        if set(self.parts(content, span)) - _PLAIN_PARTS:
            raise refuse("a string together with an expression inside it")
        is_plain = any(step.kind == "string_literal" for step in path)
        if not is_plain and re.compile(r"(?:->)?[\[{]").match(self.text, span.end):
            raise refuse("a string, before a bracket")
        if content.type == "string_content":
            return None
        form = Form(_ESCAPE, "sigils", keeps_returns=True)
        return self._heredoc(content, form, self.filling(path, reference.name))

    def adapted(self, path: Sequence[Step], literal: Literal) -> Literal:
        """Return a literal without parentheses where these would become a call's."""
        call = next((step.node for step in path if step.kind == "ambiguous_function_call_expression"), None)
        arguments = call.child_by_field_name("arguments") if call else None
        if literal.joint is None or arguments is None or self.span(arguments).start != literal.whole.start:
            return literal
        operator = operator_of(path[-2].node)
        if operator and operator not in _LOOSER:
            raise refuse("the first argument of a call without parentheses")
        return replace(literal, joint=replace(literal.joint, wrap=("", "")))

    def quoted(self, span: Span, value: str) -> list[Quoted]:
        if any(step.kind in {"string_content", "heredoc_content"} for step in self.path(span)):
            return [Quoted("", Spelling(codec).written(value), "") for codec in ("plain", "sigils")]
        return super().quoted(span, value)

    def assigned(self, span: Span) -> str | None:
        """Return the name, also of the key before `=>`."""
        for step in reversed(self.path(span)):
            before = step.node.prev_sibling
            if before and before.type == "=>" and before.prev_named_sibling:
                return self.source(before.prev_named_sibling).strip("\"'")
        name = super().assigned(span)
        word = re.search(r"([\w-]+)[\"'}\])\s]*\Z", name) if name else None
        return word[1] if word else None
