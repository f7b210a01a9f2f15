r"""PHP: `getenv('NAME')` replaces a string or a part of one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from tokenward.model import Reference, Span
from tokenward.rewriting.code.code_syntax import CodeSyntax
from tokenward.rewriting.code.grammar import QUOTED, CodeGrammar, Quotes
from tokenward.rewriting.fallbacks import KEYWORD
from tokenward.rewriting.literal import Literal, Replacement, refuse
from tokenward.rewriting.spelling import Form
from tokenward.rewriting.syntax import Step, last_word

_ESCAPE = re.compile(r"\\(?:[nrtvef\\$\"]|[0-7]{1,3}|x[0-9A-Fa-f]{1,2}|u\{[^}]*\})")


class PhpSyntax(CodeSyntax):
    grammar = CodeGrammar(
        name="php",
        files=r"[^/]*\.(?:php|phtml)",
        ids="php",
        comment="//",
        strings={
            "string": (
                Quotes(
                    "'",
                    "'",
                    Form(re.compile(r"\\[\\']"), "bare-single", line_breaks=True, keeps_returns=True),
                ),
            ),
            "encapsed_string": (
                Quotes('"', '"', Form(_ESCAPE, "dollar", line_breaks=True, keeps_returns=True)),
            ),
        },
        parts=frozenset({"string_content", "escape_sequence"}),
        places=(
            "argument array_element_initializer arrow_function.body assignment_expression.right "
            "augmented_assignment_expression.right binary_expression case_statement.value cast_expression.value "
            "conditional_expression const_element echo_statement exit_statement expression_statement "
            "match_condition_list match_conditional_expression.return_expression "
            "match_default_expression.return_expression parenthesized_expression print_intrinsic return_statement "
            "sequence_expression subscript_expression unary_op_expression yield_expression"
        ),
        refused={
            "attribute": "an attribute, whose values are constants",
            "enum_case": "an enumeration, whose values are constants",
            "heredoc": "a here-document, which calls no function",
            "nowdoc": "a here-document, which calls no function",
            "shell_command_expression": "a shell command",
            "property_element": "a property's default, which is a constant",
            "property_promotion_parameter": "a default argument, which is a constant",
            "simple_parameter": "a default argument, which is a constant",
            "static_variable_declaration": "a static variable's first value, which is a constant",
        },
        lookup="getenv('NAME')",
        variants=("env('NAME')",),
        readings=(
            rf"(?<!\w)(?:get)?env\s*\(\s*{QUOTED}",
            rf"\$_(?:ENV|SERVER)\s*\[\s*{QUOTED}",
        ),
        glue=" . ",
        names=(
            "argument.None:name array_element_initializer.None:0 assignment_expression.right:left "
            "const_element.None:0 property_element.default_value:name simple_parameter.default_value:name "
            "static_variable_declaration.value:name"
        ),
        stops=frozenset({"arguments", "compound_statement"}),
        root="getenv",
        root_kinds=frozenset({"name"}),
        calls_env=True,
        sets=re.compile(r"\\?putenv\s*|\$_(?:ENV|SERVER)\s*\[[^\]]*\]\s*(?:\?\?|\.)?=\s*"),
    )

    def reads_root(self, path: Sequence[Step]) -> bool:
        """Return whether a name does not define a function; PHP prefers a function of the namespace."""
        imported = next((at for at, step in enumerate(path) if step.kind == "namespace_use_clause"), None)
        if imported is not None:
            is_global = path[-2].kind != "qualified_name"
            return is_global and path[imported - 1].kind == "namespace_use_declaration"
        return path[-2].kind != "function_definition"

    def adapted(self, path: Sequence[Step], literal: Literal) -> Literal:
        """Call `env` in Laravel's configuration; refuse a constant that `define` cannot create."""
        at = next((at for at, step in enumerate(path) if step.kind == "const_declaration"), 0)
        if at and path[at - 1].kind == "declaration_list":
            raise refuse("a constant of a class, which is set before the program runs")
        if at and (
            path[at].node.named_child_count > 1
            or not KEYWORD.fullmatch(
                self.text, self.span(path[at].node).start, self.span(path[at + 2].node).start
            )
        ):
            raise refuse("a list of constants, or one with a comment inside")
        is_configuration = path[1].kind == "return_statement" and any(
            word[-2].kind == "function_call_expression" for word in self.words("env")
        )
        if not is_configuration:
            return literal
        return replace(literal, filling=literal.filling.replace(self.grammar.root, "env"))

    def preamble(self, uses: Sequence[Span], reference: Reference) -> list[Replacement]:
        """Return `define` for `const`, because a look-up is not a constant."""
        changes = super().preamble(uses, reference)
        elements = {step.node for use in uses for step in self.path(use) if step.kind == "const_element"}
        for name, value in (element.named_children for element in elements):
            start, before = self.span(name).start, self.span(value)
            start = self.text.lower().rindex("const", 0, start)
            prefix = "__NAMESPACE__ . '\\" if self._in_namespace(start) else "'"
            keyword = Span(start, before.start)
            changes += [
                Replacement(
                    keyword, f"define({prefix}{self.source(name)}', ", before=self.text[start : before.start]
                ),
                Replacement(Span(before.end, before.end), ")"),
            ]
        return changes

    def assigned(self, span: Span) -> str | None:
        """Return the name, also of a constant that a call of `define` creates."""
        call = next((s.node for s in reversed(self.path(span)) if s.kind == "function_call_expression"), None)
        arguments = call.child_by_field_name("arguments") if call else None
        if call and arguments and self.source(call).startswith("define") and arguments.named_child_count == 2:
            name, value = arguments.named_children
            if self.span(value).contains(span):
                return last_word(self.source(name))
        return super().assigned(span)

    def lacks(self, inserted: str) -> bool:
        """Return whether a look-up would become the value of a constant without `define`."""
        is_define = inserted == ")" or inserted.startswith("define(")
        return is_define and any(
            step.kind == "const_element" for path in self.words(self.grammar.root) for step in path
        )

    def _in_namespace(self, start: int) -> bool:
        """Return whether a constant at a place belongs to a named namespace."""
        spaces = [node for node in self.root.named_children if node.type == "namespace_definition"]
        before = [node for node in spaces if self.span(node).start < start]
        return bool(before) and before[-1].child_by_field_name("name") is not None
