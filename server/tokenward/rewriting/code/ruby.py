"""Ruby: `ENV.fetch("NAME")` replaces a string or a part of one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tokenward.model import Reference, Span
from tokenward.rewriting.code.code_syntax import CodeSyntax
from tokenward.rewriting.code.grammar import QUOTED, CodeGrammar, Quotes
from tokenward.rewriting.literal import Literal, refuse
from tokenward.rewriting.spelling import Form
from tokenward.rewriting.syntax import Step

_ESCAPE = re.compile(r"\\(?:\r\n|u\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)", re.DOTALL)
_QUOTED_ESCAPE = re.compile(r"\\.", re.DOTALL)
_HOLE = ("#{", "}")
_BRACKET = r"[(\[{<|!]"


class RubySyntax(CodeSyntax):
    """Reads the strings of Ruby, and writes its lookups."""

    grammar = CodeGrammar(
        name="ruby",
        files=r"[^/]*\.(?:rb|rake|gemspec|ru|podspec|jbuilder)|(?:gem|rake|cap|guard|pod|fast|match|app|danger|brew|vagrant)file",
        ids="ruby",
        comment="#",
        strings={
            "string": (
                Quotes('"', '"', Form(_ESCAPE, "double", line_breaks=True), _HOLE),
                Quotes("'", "'", Form(_QUOTED_ESCAPE, "bare-single", line_breaks=True)),
                Quotes(rf"%Q?{_BRACKET}", ")", Form(_ESCAPE, line_breaks=True), _HOLE),
                Quotes(rf"%q{_BRACKET}", ")", Form(_QUOTED_ESCAPE, line_breaks=True)),
            )
        },
        parts=frozenset({"string_content", "escape_sequence"}),
        places=(
            "argument_list array assignment.right begin binary block_body body_statement call.receiver conditional "
            "element_reference else ensure if_modifier.body interpolation keyword_parameter.value method.body "
            "operator_assignment.right optional_parameter.value pair.value parenthesized_statements pattern program "
            "right_assignment_list then unless_modifier.body"
        ),
        refused={"in_clause.pattern": "a pattern"},
        lookup='ENV.fetch("NAME")',
        readings=(rf"(?<!\w)ENV\s*(?:\[|\.\s*(?:fetch|delete|dig)\b\s*\(?)\s*{QUOTED}",),
        chains=frozenset({"chained_string"}),
        names=(
            "assignment.right:left keyword_parameter.value:name operator_assignment.right:left "
            "optional_parameter.value:name pair.value:key"
        ),
        stops=frozenset({"argument_list", "block_body", "body_statement", "then"}),
        sets=re.compile(r"ENV\[[^\]]*\]\s*=\s*"),
        eager=re.compile(r"ENV\.fetch\s*"),
    )

    def special_literal(self, path: Sequence[Step], span: Span, reference: Reference) -> Literal | None:
        """Return a here-document, which the grammar separates from its opening."""
        body = next((step.node for step in path if step.kind == "heredoc_body"), None)
        if body is None or path[-1].kind not in {"heredoc_content", "heredoc_body", "escape_sequence"}:
            return None
        if set(self.parts(body, span)) - {"heredoc_content", "escape_sequence"}:
            raise refuse("a here-document together with an expression inside it")
        return self._heredoc(body, Form(_ESCAPE, "double"), self.filling(path, reference.name).join(_HOLE))
