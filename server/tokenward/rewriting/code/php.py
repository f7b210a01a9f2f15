r"""PHP: `getenv('NAME')` replaces a string or a part of one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

from tokenward.model import Reference, Span
from tokenward.rewriting.code.code_syntax import CodeSyntax
from tokenward.rewriting.code.grammar import QUOTED, CodeGrammar, Quotes
from tokenward.rewriting.edits import Edit
from tokenward.rewriting.fallbacks import KEYWORD
from tokenward.rewriting.literal import Literal, Replacement, refuse
from tokenward.rewriting.spelling import Form
from tokenward.rewriting.syntax import Step, last_word
from tokenward.text import line_span, newline_of

# A constant expression calls no function, but reads a constant when it is first evaluated.
_CONSTANT = "\\ENV_NAME"
_DEFINED = "defined('ENV_NAME') || define('ENV_NAME', (string) getenv('NAME'));"
_DEFINING = re.compile(re.escape(_DEFINED).replace("NAME", r"(\w+)"))
_EVALUATED = frozenset(
    {"property_element", "property_promotion_parameter", "simple_parameter", "static_variable_declaration"}
)
_HEADERS = frozenset(
    {"comment", "declare_statement", "namespace_definition", "namespace_use_declaration", "php_tag"}
)
_ESCAPE = re.compile(r"\\(?:[nrtvef\\$\"]|[0-7]{1,3}|x[0-9A-Fa-f]{1,2}|u\{[^}]*\})")


class PhpSyntax(CodeSyntax):
    """Reads the strings of PHP, and writes its lookups."""

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
            "match_default_expression.return_expression parenthesized_expression print_intrinsic "
            "property_element.default_value property_promotion_parameter.default_value return_statement "
            "sequence_expression simple_parameter.default_value static_variable_declaration.value "
            "subscript_expression unary_op_expression yield_expression"
        ),
        refused={
            "attribute": "an attribute, whose values are constants",
            "enum_case": "an enumeration, whose values are constants",
            "heredoc": "a here-document, which calls no function",
            "nowdoc": "a here-document, which calls no function",
            "shell_command_expression": "a shell command",
        },
        lookup="getenv('NAME')",
        variants=("env('NAME')", "\\ENV_NAME"),
        readings=(rf"(?<!\w)(?:get)?env\s*\(\s*{QUOTED}", rf"\$_(?:ENV|SERVER)\s*\[\s*{QUOTED}"),
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
        """Call `env` in Laravel's configuration; read a constant where calls are not allowed.

        Raises:
            RewriteRefused: `define` cannot create the constant that the string is the value of.
        """
        at = next((at for at, step in enumerate(path) if step.kind == "const_declaration"), 0)
        if self._is_constant(path):
            return replace(literal, filling=_CONSTANT.replace("NAME", literal.filling.split("'")[1]))
        if at and (
            len(path[at].node.named_children) > 1
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
        """Return the call of `define` that replaces `const`, and the line that defines what constants read."""
        changes = super().preamble(uses, reference)
        paths = [path for use in uses if not self._is_constant(path := self.path(use))]
        if len(paths) < len(uses):
            changes += self._definition(reference.name)
        elements = {step.node for path in paths for step in path if step.kind == "const_element"}
        spaces = [node for node in self.root.named_children if node.type == "namespace_definition"]
        for name, value in (element.named_children for element in elements):
            start, before = self.span(name).start, self.span(value)
            start = self.text.lower().rindex("const", 0, start)
            above = [node for node in spaces if self.span(node).start < start]
            is_in_named = bool(above) and above[-1].child_by_field_name("name") is not None
            prefix = "__NAMESPACE__ . '\\" if is_in_named else "'"
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
        if (
            call
            and arguments
            and self.source(call).startswith("define")
            and len(arguments.named_children) == 2
        ):
            name, value = arguments.named_children
            if self.span(value).contains(span):
                return last_word(self.source(name))
        return super().assigned(span)

    def lacks(self, inserted: str) -> bool:
        """Return whether a lookup would become the value of a constant without `define`."""
        defining = _DEFINING.search(inserted)
        if defining:
            return any(self.text.startswith("\\", span.start) for span in self.lookups(defining[1]))
        is_define = inserted == ")" or inserted.startswith("define(")
        return is_define and any(
            step.kind == "const_element" for path in self.words(self.grammar.root) for step in path
        )

    def find_lookups(self, names: str) -> Iterator[Span]:
        """Yield each lookup of the variables whose name a pattern matches, except the definitions of constants."""
        for span in super().find_lookups(names):
            line = line_span(self.text, span)
            if not _DEFINING.fullmatch(self.text, line.start, line.end):
                yield span

    def epilogue(self, gone: Sequence[Span]) -> list[Edit]:
        """Return the edits that remove the definitions of constants that only these lookups read."""
        return [
            Edit(Span(found.start() - len(newline_of(self.text)), found.end()), "")
            for found in _DEFINING.finditer(self.text)
            if not {
                span for span in self.lookups(found[1]) if self.text.startswith("\\", span.start)
            }.difference(gone)
        ]

    def _is_constant(self, path: Sequence[Step]) -> bool:
        """Return whether the end of a path is in an expression that calls no function."""
        for at in range(len(path) - 1, 0, -1):
            kind = path[at].kind
            if kind in _EVALUATED or kind in {"compound_statement", "arrow_function"}:
                return kind in _EVALUATED
            if kind == "const_declaration":
                return path[at - 1].kind.endswith("declaration_list")
        return False

    def _definition(self, name: str) -> list[Replacement]:
        """Return the line that defines a constant, after the imports, unless the file has it."""
        line = _DEFINED.replace("NAME", name)
        if line in self.text:
            return []
        if re.search(rf"\bENV_{name}\b", self.text):
            raise refuse(f"a file with a constant ENV_{name} of its own")
        nodes = [*takewhile(lambda node: node.type in _HEADERS, self.root.named_children)]
        last = next((node for node in reversed(nodes) if node.type != "comment"), None)
        if last is None or last.child_by_field_name("body"):
            raise refuse("a file whose first statement is not at its top")
        end, newline = self.span(last).start + len(self.source(last).rstrip()), newline_of(self.text)
        if self.text[end : line_span(self.text, Span(end, end)).end].strip():
            raise refuse("a file with more than one statement in a line")
        return [Replacement(Span(end, end), newline * 2 + line)]
