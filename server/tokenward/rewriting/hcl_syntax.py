"""TfvarsSyntax: files with values of Terraform's variables."""

from __future__ import annotations

import re

from tokenward.model import Reference, Span
from tokenward.rewriting.literal import COMMENT, Literal, comment
from tokenward.rewriting.spelling import Form
from tokenward.rewriting.syntax import Syntax, innermost

_FORM = Form(re.compile(r"\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)|\$\$?\{|%%?\{"), "double")


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
        holders = [step.node for step in self.path(span) if step.kind in {"attribute", "object_elem"}]
        return tuple(self.source(node.children[0]).strip('"') for node in holders)
