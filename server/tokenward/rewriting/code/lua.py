"""Lua: `os.getenv("NAME")` replaces a string or a part of one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from tokenward.errors import RewriteRefused
from tokenward.model import Reference, Span
from tokenward.rewriting.code.code_syntax import CodeSyntax
from tokenward.rewriting.code.grammar import NAME, QUOTED, CodeGrammar, Quotes
from tokenward.rewriting.literal import Literal, refuse
from tokenward.rewriting.spelling import Form
from tokenward.rewriting.syntax import Step

_ESCAPE = re.compile(r"\\(?:\r\n|x[0-9a-fA-F]{2}|u\{[^}]*\}|z\s*|[0-9]{1,3}|.)", re.DOTALL)
_NGINX = re.compile(r"(?<!\w)ngx\s*\.")


class LuaSyntax(CodeSyntax):
    """Reads the strings of Lua, and writes its lookups."""

    grammar = CodeGrammar(
        name="lua",
        files=r"[^/]*\.(?:lua|rockspec)|\.luacheckrc",
        ids="lua",
        comment="--",
        strings={
            "string": (
                Quotes('"', '"', Form(_ESCAPE, "double")),
                Quotes("'", "'", Form(_ESCAPE, "single")),
                Quotes(r"\[(=*)\[(?:\r?\n)?", r"]\1]", Form(line_breaks=True)),
            )
        },
        parts=frozenset({"string_content", "escape_sequence"}),
        places=(
            "arguments assignment_statement binary_expression bracket_index_expression.field "
            "elseif_statement.condition expression_list field for_generic_clause if_statement.condition "
            "parenthesized_expression repeat_statement.condition unary_expression variable_list "
            "while_statement.condition"
        ),
        lookup='os.getenv("NAME")',
        readings=(rf"(?<!\w)os\s*\.\s*getenv\s*\(?\s*{QUOTED}", rf"(?<!\w)vim\.env\.{NAME}"),
        glue=" .. ",
        names="assignment_statement.None:0 field.value:name",
        stops=frozenset({"arguments", "block", "function_definition"}),
        root="os",
        root_reads=(
            "bracket_index_expression.table dot_index_expression.field dot_index_expression.table field.name "
            "method_index_expression.method"
        ),
        sets=re.compile(r"(?:\w+\s*[.:]\s*)?(?:set|put)env"),
    )

    def special_literal(self, path: Sequence[Step], span: Span, reference: Reference) -> Literal | None:
        """Refuse code that nginx runs, and a long string of which a piece would lose its initial line break."""
        if _NGINX.search(self.text):
            raise RewriteRefused(
                "nginx hides the environment from Lua; write `env {name};` into nginx.conf, and replace the "
                'token with os.getenv("{name}").',
                name=reference.name,
            )
        string = next((step.node for step in path if step.kind == "string"), None)
        source = self.source(string) if string else ""
        is_swallowed = source.startswith("[") and not re.match(r"\[=*\[\r?\n", source)
        if is_swallowed and self.text[span.end : span.end + 1] in {"\r", "\n"}:
            raise refuse("a long string, at the end of a line")
        return None

    def adapted(self, path: Sequence[Step], literal: Literal) -> Literal:
        """Return a literal that adds parentheses to a call without any."""
        is_bare = path[-2].kind == "arguments" and not self.source(path[-2].node).startswith("(")
        if literal.joint is None or not is_bare:
            return literal
        return replace(literal, joint=replace(literal.joint, always_wrapped=True))
