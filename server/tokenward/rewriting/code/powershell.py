"""PowerShell: `$env:NAME` replaces a string or a part of one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tokenward.model import Reference, Span
from tokenward.rewriting.code.code_syntax import CodeSyntax
from tokenward.rewriting.code.grammar import NAME, QUOTED, CodeGrammar, Quotes
from tokenward.rewriting.literal import Joint, Literal, refuse
from tokenward.rewriting.spelling import Form
from tokenward.rewriting.syntax import Step

# PowerShell treats curly quotes as straight ones.
_DOUBLE_ESCAPE = re.compile('`(?:u\\{[0-9a-fA-F]+\\}|\r\n|.)|["\u201c-\u201e]{1,2}', re.DOTALL)
_HERE_ESCAPE = re.compile(r"`(?:u\{[0-9a-fA-F]+\}|\r\n|.)", re.DOTALL)
_SINGLE_ESCAPE = re.compile("['\u2018-\u201b]{1,2}")
_WORD = Form(plain=re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*"))
_HOLE = ("$(", ")")
_DATA_FILE = re.compile(r"\ufeff?(?:\s|#[^\n]*\n|<#(?:[^#]|#(?!>))*#>)*@\{")
_NAMED_VARIABLE = {"class_property_definition", "script_parameter"}


class PowerShellSyntax(CodeSyntax):
    """Reads the strings of PowerShell, and writes its lookups."""

    grammar = CodeGrammar(
        name="powershell",
        files=r"[^/]*\.psm?1",
        ids="powershell",
        comment="#",
        strings={
            "expandable_string_literal": (
                Quotes(
                    '"', '"', Form(_DOUBLE_ESCAPE, "powershell", line_breaks=True, keeps_returns=True), _HOLE
                ),
            ),
            "verbatim_string_characters": (
                Quotes("'", "'", Form(_SINGLE_ESCAPE, "doubled", line_breaks=True, keeps_returns=True)),
            ),
            "expandable_here_string_literal": (
                Quotes(
                    '@"', '"@', Form(_HERE_ESCAPE, "powershell", line_breaks=True, keeps_returns=True), _HOLE
                ),
            ),
        },
        parts=frozenset(),
        places="string_literal",
        refused={
            "attribute": "an attribute, whose values are constants",
            "data_statement": "a data section, which reads no variables",
            "member_name": "the name of a member",
            "verbatim_here_string_characters": "a here-string in single quotes",
        },
        lookup="$env:NAME",
        readings=(
            rf"(?i:\$env:){NAME}",
            rf"(?i:\$\{{env:){NAME}\}}",
            rf"(?i:GetEnvironmentVariable)\(\s*{QUOTED}",
        ),
        names="assignment_expression.value:0 hash_entry.None:0",
        stops=frozenset({"argument_list", "command", "script_block", "statement_block"}),
        sets=re.compile(
            r"\$(?:env:\w+|\{env:[^}]*\})\s*\+?=\s*|\[(?:System\.)?Environment\]::SetEnvironmentVariable"
            r"|\s*(?:-\w+\s+)?env:\S+\s.*",
            re.IGNORECASE | re.DOTALL,
        ),
    )

    def special_literal(self, path: Sequence[Step], span: Span, reference: Reference) -> Literal | None:
        """Return a bare word that is an argument; refuse a data file."""
        if _DATA_FILE.match(self.text):
            raise refuse("a data file, which reads no variables")
        is_bare = len(path) > 2 and path[-1].kind == "generic_token"
        if is_bare and self.source(path[-3].node).lower().startswith("using"):
            raise refuse("a using statement, whose values are constants")
        word = self.span(path[-1].node)
        if path[-1].kind != "generic_token" or word != span or path[-2].kind != "command_elements":
            return None
        filling = self.grammar.lookup.replace("NAME", reference.name)
        return Literal(word, word, word, _WORD, filling, Joint(), in_environment=True)

    def assigned(self, span: Span) -> str | None:
        """Return the name, also of a parameter before an argument: `-ApiKey "…"`."""
        path = self.path(span)
        for step in reversed(path):
            if step.kind in _NAMED_VARIABLE:
                names = [child for child in step.node.named_children if child.type == "variable"]
                return self.source(names[0]) if names else None
            before = step.node.prev_named_sibling
            if before and before.type == "command_argument_sep":
                before = before.prev_named_sibling
                return self.source(before) if before and before.type == "command_parameter" else None
        name = super().assigned(span)
        return re.split("[$:]", name)[-1] if name else None
