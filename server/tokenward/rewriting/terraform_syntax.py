"""Terraform: `TF_VAR_…` sets an input variable; its default becomes `null`, and other values a new variable."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from tokenward.errors import RewriteRefused
from tokenward.model import Reference, Span
from tokenward.rewriting.edits import Edit
from tokenward.rewriting.literal import Joint, Literal, Quoted, Replacement
from tokenward.rewriting.spelling import Form
from tokenward.rewriting.syntax import Step, Syntax, innermost
from tokenward.rewriting.tree import Node
from tokenward.text import newline_of

PREFIX = "TF_VAR_"
"""The prefix of the environment variables that Terraform reads."""

_FORM = Form(re.compile(r"\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)|\$\$?\{|%%?\{"), "double")
_READING_BLOCKS = {"data", "ephemeral", "locals", "module", "output", "provider", "resource"}
"""Blocks whose values may be variables."""
_FIXED_BLOCKS = {"lifecycle"}
_FIXED_ATTRIBUTES = {"source", "version"}
"""Arguments of a module that Terraform reads before variables."""
_SCOPES = {"data": "data_", "ephemeral": "ephemeral_", "locals": "local_", "module": "module_"}
_SCOPES |= {"output": "output_", "provider": "provider_"}
_LONGEST_NAME = 100
_DECLARATION = re.compile(
    r"(?:\r?\n){1,2}variable \"(?P<name>\w+)\" \{\r?\n  type *= string\r?\n(?:  sensitive = true\r?\n)?\}"
    r"(?=\r?\n|\Z)"
)
"""A variable as a move declares it."""
_NULL = re.compile(r"(?<![\w.-])null(?![\w-])")


class TerraformSyntax(Syntax):
    """A file of Terraform's configuration."""

    tree_grammar = "hcl"

    def literal_at(self, path: list[Step], span: Span, reference: Reference) -> Literal:
        path = path[: innermost(path, {"string_lit", "quoted_template"}, {"template_literal"}) + 1]
        whole = self.span(path[-1].node)
        content = Span(whole.start + 1, whole.end - 1)
        default = self._variable(path) if span == content else None
        variable = default or self._declared(path)
        if variable is None:
            raise RewriteRefused(
                "Terraform reads the environment only for the values of its variables; declare a variable, replace "
                "the token with var.NAME, and set TF_VAR_NAME in .env."
            )
        if reference.name != variable and (default or not reference.name.startswith(PREFIX)):
            raise RewriteRefused(
                "Terraform reads the variable for this value from {variable}; move the token under that name.",
                variable=variable,
            )
        if default:
            return Literal(
                whole, whole, content, _FORM, "null", Joint(), in_environment=True, is_look_up=False
            )
        name = f"var.{reference.name.removeprefix(PREFIX)}"
        if span == content:
            return Literal(whole, whole, content, _FORM, name, Joint(), in_environment=True)
        return Literal(whole, whole, content, _FORM, f"${{{name}}}", None, in_environment=True)

    def preamble(self, uses: Sequence[Span], reference: Reference) -> list[Replacement]:
        name = reference.name.removeprefix(PREFIX)
        paths = [self._string_path(use) for use in uses]
        if all(map(self._variable, paths)) or re.search(rf'^variable[ \t]+"{name}"', self.text, re.MULTILINE):
            return []
        # In other blocks, Terraform may show a value that is not sensitive, such as in an output.
        is_sensitive = all(self._blocks(path)[0] == "provider" for path in paths)
        lines = ["  type      = string", "  sensitive = true"] if is_sensitive else ["  type = string"]
        end = len(self.text.rstrip())
        declaration = "\n".join(["\n", f'variable "{name}" {{', *lines, "}"])
        return [Replacement(Span(end, end), declaration.replace("\n", newline_of(self.text)))]

    def lacks(self, inserted: str) -> bool:
        declared = _DECLARATION.match(inserted)
        return declared is not None and re.search(rf"\bvar\.{declared['name']}\b", self.text) is not None

    def epilogue(self, gone: Sequence[Span]) -> list[Edit]:
        """Return the removal of each variable that a move declared and that nothing reads now."""
        return [
            Edit(Span(*found.span()), "")
            for found in _DECLARATION.finditer(self.text)
            if (uses := [*self._uses(found["name"])])
            and all(any(span.contains(use) for span in gone) for use in uses)
        ]

    def quoted(self, span: Span, value: str) -> list[Quoted]:
        quotes = super().quoted(span, value)
        is_hole = self.text.startswith("${", span.start)
        return [Quoted("", quotes[0].written, "")] if is_hole else quotes

    def lookups(self, name: str) -> Iterator[Span]:
        if name.startswith(PREFIX):
            for match in _NULL.finditer(self.text):
                span = Span(*match.span())
                if self._variable(self.path(span)) == name:
                    yield span
            own = name.removeprefix(PREFIX)
            if any(found["name"] == own for found in _DECLARATION.finditer(self.text)):
                yield from self._uses(own)

    def assigned(self, span: Span) -> str | None:
        return next(reversed(_names(self, self.path(span))), None)

    def variable(self, span: Span) -> str | None:
        path = self._string_path(span)
        return self._variable(path) or self._declared(path)

    def _string_path(self, span: Span) -> list[Step]:
        path = self.path(span)
        at = next((at for at, step in enumerate(path) if step.kind in {"string_lit", "quoted_template"}), 0)
        return path[: at + 1]

    def _uses(self, name: str) -> Iterator[Span]:
        for found in re.finditer(rf"\$\{{var\.{name}\}}|(?<![\w.])var\.{name}(?![\w.\[-])", self.text):
            if not self.in_comment(Span(*found.span())):
                yield Span(*found.span())

    def _blocks(self, path: Sequence[Step]) -> list[str]:
        return [self._word(step.node.named_children[0]) for step in path if step.kind == "block"]

    def _declared(self, path: Sequence[Step]) -> str | None:
        """Return the environment's name for a new variable instead of the string at the end of a path."""
        blocks, keys = self._blocks(path), _names(self, path)
        is_key = any(
            parent.kind == "object_elem" and parent.node.named_children[0] == step.node
            for parent, step in pairwise(path)
        )
        if (
            not blocks
            or not keys
            or is_key
            or blocks[0] not in _READING_BLOCKS
            or _FIXED_BLOCKS.intersection(blocks)
        ):
            return None
        if blocks[0] == "module" and keys[0] in _FIXED_ATTRIBUTES:
            return None
        block = next(step.node for step in path if step.kind == "block")
        labels = [self._word(node) for node in block.named_children[1:] if node.type == "string_lit"]
        name = re.sub(r"\W+", "_", "_".join([*labels, *keys]))
        return f"{PREFIX}{_SCOPES.get(blocks[0], '')}{name}"[:_LONGEST_NAME]

    def _variable(self, path: Sequence[Step]) -> str | None:
        """Return the environment's name for the variable whose default is the literal at the end of a path."""
        kinds = [step.kind for step in path]
        if kinds[:-1] != ["config_file", "body", "block", "body", "attribute", "expression", "literal_value"]:
            return None
        words = [self._word(node) for node in path[2].node.named_children[:2]]
        is_default = self._word(path[4].node.named_children[0]) == "default"
        # A variable that must not be null cannot have that default.
        may_be_null = "nullable" not in self.source(path[2].node)
        return PREFIX + words[1] if words[0] == "variable" and is_default and may_be_null else None

    def _word(self, node: Node) -> str:
        return self.source(node).strip('"')


class TfvarsSyntax(Syntax):
    """An HCL file that assigns values to variables."""

    tree_grammar = "hcl"

    def literal_at(self, path: list[Step], span: Span, reference: Reference) -> Literal:  # noqa: ARG002
        whole = self.span(path[innermost(path, {"string_lit"}, {"template_literal"})].node)
        return Literal(whole, whole, Span(whole.start + 1, whole.end - 1), _FORM, str(reference))

    def assigned(self, span: Span) -> str | None:
        return next(reversed(self.keys(span)), None)

    def keys(self, span: Span) -> tuple[str, ...]:
        return _names(self, self.path(span))


def _names(syntax: Syntax, path: Sequence[Step]) -> tuple[str, ...]:
    holders = [step.node for step in path if step.kind in {"attribute", "object_elem"}]
    return tuple(syntax.source(node.children[0]).strip('"') for node in holders)
