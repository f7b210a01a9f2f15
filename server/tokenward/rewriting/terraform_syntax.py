"""Terraform: the default of an input variable becomes `null`, and the variable `TF_VAR_…` sets it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tree_sitter import Node

from tokenward.errors import RewriteRefused
from tokenward.model import Reference, Span
from tokenward.rewriting.literal import COMMENT, Joint, Literal, comment
from tokenward.rewriting.spelling import Form
from tokenward.rewriting.syntax import Step, Syntax, innermost

PREFIX = "TF_VAR_"
"""The prefix of the environment variables that Terraform reads."""

_FORM = Form(re.compile(r"\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)|\$\$?\{|%%?\{"), "double")
_NULL = re.compile(r"(?<![\w.-])null(?![\w-])")


class TerraformSyntax(Syntax):
    """A file of Terraform's configuration."""

    def __init__(self, text: str) -> None:
        super().__init__(text, "hcl")

    def literal(self, span: Span, reference: Reference) -> Literal:
        path = self.path(span)
        if path[-1].kind == COMMENT:
            return comment(self.span(path[-1].node), reference)
        path = path[: innermost(path, {"string_lit", "quoted_template"}, {"template_literal"}) + 1]
        whole = self.span(path[-1].node)
        content = Span(whole.start + 1, whole.end - 1)
        variable = self._variable(path) if span == content else None
        if variable is None:
            raise RewriteRefused(
                "Terraform reads the environment only for the values of its variables; declare a variable, replace "
                "the token with var.NAME, and set TF_VAR_NAME in .env."
            )
        if reference.name != variable:
            raise RewriteRefused(
                f"The token is the default of a variable that Terraform reads from {variable}; move it under that name."
            )
        return Literal(whole, whole, content, _FORM, "null", Joint(), in_environment=True)

    def lookups(self, name: str) -> Iterator[Span]:
        if name.startswith(PREFIX):
            for match in _NULL.finditer(self.text):
                span = Span(*match.span())
                if self._variable(self.path(span)) == name:
                    yield span

    def assigned(self, span: Span) -> str | None:
        return next(reversed(_keys(self, span)), None)

    def variable(self, span: Span) -> str | None:
        path = self.path(span)
        at = next((at for at, step in enumerate(path) if step.kind == "string_lit"), 0)
        return self._variable(path[: at + 1])

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

    def __init__(self, text: str) -> None:
        super().__init__(text, "hcl")

    def literal(self, span: Span, reference: Reference) -> Literal:
        path = self.path(span)
        if path[-1].kind == COMMENT:
            return comment(self.span(path[-1].node), reference)
        whole = self.span(path[innermost(path, {"string_lit"}, {"template_literal"})].node)
        return Literal(whole, whole, Span(whole.start + 1, whole.end - 1), _FORM, str(reference))

    def assigned(self, span: Span) -> str | None:
        return next(reversed(self.keys(span)), None)

    def keys(self, span: Span) -> tuple[str, ...]:
        return _keys(self, span)


def _keys(syntax: Syntax, span: Span) -> tuple[str, ...]:
    holders = [step.node for step in syntax.path(span) if step.kind in {"attribute", "object_elem"}]
    return tuple(syntax.source(node.children[0]).strip('"') for node in holders)
