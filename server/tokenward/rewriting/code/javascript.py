"""JavaScript and TypeScript: `process.env.NAME` replaces a string or a part of one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from tokenward.errors import RewriteRefused
from tokenward.language import phrase
from tokenward.model import Reference, Span
from tokenward.rewriting.code.code_syntax import CodeSyntax
from tokenward.rewriting.code.grammar import NAME, QUOTED, CodeGrammar, Quotes
from tokenward.rewriting.fallbacks import refuse_fallback
from tokenward.rewriting.literal import Joint, Literal, Quoted, refuse
from tokenward.rewriting.spelling import Form
from tokenward.rewriting.syntax import Step, last_word, operator_of

_ESCAPE = re.compile(r"\\(?:\r\n|u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[0-7]{1,3}|.)", re.DOTALL)
_ATTRIBUTE = Form(re.compile(r"&[^;\s&]{1,32};|[\\\r\n]"))
_BUNDLES = re.compile(
    r"(?:from|require\()\s{0,9}[\"'](?:vite|vitest/config|astro/config|esbuild|tsup|rolldown|@rspack/core|@rsbuild/core)[\"']"
)
"""Matches the configuration of a bundler whose entry `define` has code to copy."""
_BUNDLER_PLUGIN = re.compile(r"(?:[\w.]+\.)?(?:Define|Environment)Plugin")
_TRANSPARENT = {"parenthesized_expression", "ternary_expression"}
_OBJECT = r"(?<![\w$])(?:process|Bun|import\.meta)\.env"


class JavaScriptSyntax(CodeSyntax):
    """A JavaScript file."""

    grammar = CodeGrammar(
        name="javascript",
        files=r"[^/]*\.[cm]?jsx?",
        ids="javascript javascriptreact",
        comment="//",
        strings={
            "string": (
                Quotes('"', '"', Form(_ESCAPE, "double")),
                Quotes("'", "'", Form(_ESCAPE, "single")),
            ),
            "template_string": (Quotes("`", "`", Form(_ESCAPE, "backtick", line_breaks=True)),),
        },
        parts=frozenset({"string_fragment", "escape_sequence", "html_character_reference"}),
        places=(
            "arguments array arrow_function.body as_expression assignment_expression.right assignment_pattern.right "
            "augmented_assignment_expression.right await_expression binary_expression computed_property_name "
            "export_statement.value field_definition.value for_in_statement.right jsx_attribute jsx_expression "
            "member_expression.object non_null_expression object_assignment_pattern.right optional_parameter.value "
            "pair.value parenthesized_expression public_field_definition.value required_parameter.value "
            "return_statement satisfies_expression sequence_expression subscript_expression.index "
            "subscript_expression.object switch_case.value template_substitution ternary_expression throw_statement "
            "type_assertion unary_expression variable_declarator.value yield_expression"
        ),
        refused={
            "ambient_declaration": phrase("a declaration without a run time"),
            "enum_assignment": phrase("an enum, whose members are constants"),
            "import_attribute": phrase("an import"),
        },
        lookup="process.env.NAME",
        readings=(
            rf"{_OBJECT}(?:\?\.|\.){NAME}(?![\w$])",
            rf"{_OBJECT}(?:\?\.)?\[\s*{QUOTED}",
            rf"(?<![\w$])Deno\.env\.get\(\s*{QUOTED}",
        ),
        names=(
            "assignment_expression.right:left assignment_pattern.right:left field_definition.value:property "
            "jsx_attribute.None:0 object_assignment_pattern.right:left optional_parameter.value:pattern "
            "pair.value:key public_field_definition.value:name required_parameter.value:pattern "
            "variable_declarator.value:name"
        ),
        stops=frozenset({"arguments", "statement_block", "class_body", "arrow_function"}),
        root="process",
        root_kinds=frozenset({"identifier", "shorthand_property_identifier_pattern"}),
        root_reads="arguments binary_expression member_expression.object parenthesized_expression unary_expression",
        sets=re.compile(r"process\.env(?:\.[\w$]+|\[[^\]]*\])\s*[^\w\s|?=!<>]{0,3}=\s*"),
        sets_alone=True,
    )

    def special_literal(self, path: Sequence[Step], span: Span, reference: Reference) -> Literal | None:
        """Refuse the fallback that an assignment gives to another variable, which would become the text "undefined"."""
        around = [parent for parent, step in pairwise(path) if step.kind in self.grammar.strings]
        is_lazy = bool(around) and operator_of(around[-1].node) in {"||=", "??="}
        known = self.fallback(span) if is_lazy else None
        if known not in {None, reference.name}:
            raise refuse_fallback(known)
        return None

    def adapted(self, path: Sequence[Step], literal: Literal) -> Literal:
        parent, string = path[-2], path[-1]
        if literal.zone != self.span(string.node):
            return literal
        if string.kind == "template_string":
            return replace(literal, filling=f"${{{literal.filling.removesuffix('!')}}}", joint=None)
        if parent.kind == "jsx_attribute":
            if _ATTRIBUTE.cuts(self.text, literal.content):
                raise refuse("a JSX attribute with escapes")
            return replace(literal, form=_ATTRIBUTE, joint=Joint(" + ", ("{", "}"), always_wrapped=True))
        return literal

    def reads_root(self, path: Sequence[Step]) -> bool:
        statement = next((step for step in reversed(path) if step.kind == "import_statement"), None)
        source = statement.node.child_by_field_name("source") if statement else None
        if source is not None and path[-2].kind == "import_clause":
            return self.source(source)[1:-1] in {"process", "node:process"}
        return super().reads_root(path)

    def find_lookups(self, names: str) -> Iterator[Span]:
        for span in super().find_lookups(names):
            if self.path(span)[-1].kind == "member_expression":
                after = self.text[span.end : span.end + 3]
                is_asserted = self.grammar.lookup.endswith("!") and re.match(r"!(?!=[^=>])", after)
                yield Span(span.start, span.end + 1) if is_asserted else span

    def quoted(self, span: Span, value: str) -> list[Quoted]:
        return super().quoted(span, value)[:1]

    def check_place(self, path: Sequence[Step]) -> None:
        if any(map(self._is_bundled, path)):
            raise RewriteRefused(
                "Bundlers copy this into the code that they build, where anyone can read the token, whatever its "
                "source; keep the token on a server, and revoke this one."
            )
        super().check_place(path)
        if _is_constant(path):
            raise refuse("a constant assertion")
        # Otherwise, a parenthesis in the literal's place could continue the statement before it.
        statement = next((step for step in reversed(path) if step.kind == "expression_statement"), None)
        if statement is not None and statement.node.start_byte == path[-1].node.start_byte:
            raise refuse("the beginning of a statement")

    def _is_bundled(self, step: Step) -> bool:
        """Return whether a bundler replaces names by the content of a node."""
        if step.kind == "new_expression" and (plugin := step.node.child_by_field_name("constructor")):
            return _BUNDLER_PLUGIN.fullmatch(self.source(plugin)) is not None
        key = step.node.child_by_field_name("key") if step.kind == "pair" else None
        return (
            key is not None
            and last_word(self.source(key)) == "define"
            and _BUNDLES.search(self.text) is not None
        )


class TypeScriptSyntax(JavaScriptSyntax):
    """A TypeScript file, where a variable may be undefined unless the code asserts that it is not."""

    grammar = replace(
        JavaScriptSyntax.grammar,
        name="typescript",
        files=r"[^/]*\.[cm]?ts",
        ids="typescript",
        lookup="process.env.NAME!",
        variants=("process.env.NAME",),
    )


class TsxSyntax(TypeScriptSyntax):
    """A TypeScript file with JSX."""

    grammar = replace(TypeScriptSyntax.grammar, name="tsx", files=r"[^/]*\.tsx", ids="typescriptreact tsx")


def _is_constant(path: Sequence[Step]) -> bool:
    """Return whether `as const` makes the literal, or an expression around it, a type."""
    for parent, step in zip(path[-2::-1], path[:0:-1], strict=True):
        if parent.kind == "as_expression" and any(child.type == "const" for child in parent.node.children):
            return step.kind in {"string", "template_string", *_TRANSPARENT}
        if parent.kind == "type_assertion" and b"const" in (parent.node.children[0].text or b""):
            return True
        if parent.kind not in _TRANSPARENT:
            return False
    return False
