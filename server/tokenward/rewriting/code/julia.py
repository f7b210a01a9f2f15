"""Julia: `ENV["NAME"]` replaces a string or a part of one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tokenward.model import Span
from tokenward.rewriting.code.code_syntax import CodeSyntax
from tokenward.rewriting.code.grammar import DOUBLE_ESCAPE, QUOTED, CodeGrammar, Quotes
from tokenward.rewriting.literal import Literal, refuse
from tokenward.rewriting.spelling import Form
from tokenward.rewriting.syntax import Step, last_word

_FORM = Form(DOUBLE_ESCAPE, "dollar")
_HOLE = ("$(", ")")
_CALLED = {"arrow_function_expression", "function_definition"}


class JuliaSyntax(CodeSyntax):
    """Reads the strings of Julia, and writes its lookups."""

    grammar = CodeGrammar(
        name="julia",
        files=r"[^/]*\.jl",
        ids="julia",
        comment="#",
        comments=frozenset({"line_comment", "block_comment"}),
        strings={"string_literal": (Quotes('"""', '"""', _FORM, _HOLE), Quotes('"', '"', _FORM, _HOLE))},
        parts=frozenset({"content", "escape_sequence"}),
        places=(
            "argument_list arrow_function_expression assignment binary_expression named_argument "
            "parenthesized_expression return_statement string_interpolation ternary_expression tuple_expression "
            "vector_expression"
        ),
        refused={"macrocall_expression": "the argument of a macro"},
        lookup='ENV["NAME"]',
        readings=(rf"(?<!\w)ENV\s*\[\s*{QUOTED}", rf"(?<!\w)get!?\(\s*ENV\s*,\s*{QUOTED}"),
        glue=" * ",
        names="assignment.None:0 named_argument.None:0",
        stops=frozenset({"argument_list", "function_definition"}),
        sets=re.compile(r"ENV\s*\[[^\]]*\]\s*=\s*|withenv"),
        eager=re.compile(r"get!?\s*"),
    )

    def adapted(self, path: Sequence[Step], literal: Literal) -> Literal:
        """Refuse a value that is read when a module is compiled, because it would stay in the cache."""
        kinds = [step.kind for step in path]
        is_short = any(
            step.kind == "assignment" and step.node.named_children[0].type == "call_expression"
            for step in path
        )
        if "module_definition" in kinds and not is_short and not _CALLED.intersection(kinds):
            raise refuse("a module outside a function, which may run when it is compiled")
        return literal

    def assigned(self, span: Span) -> str | None:
        """Return the name, also of the key before `=>`."""
        pair = next((s.node for s in reversed(self.path(span)) if s.kind == "binary_expression"), None)
        if pair and self.source(pair.named_children[1]) == "=>":
            key, *_, value = pair.named_children
            if self.span(value).contains(span):
                return last_word(self.source(key)).lstrip(":")
        return super().assigned(span)
