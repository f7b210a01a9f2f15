"""XML: a lookup replaces the token in a text or an attribute."""

from __future__ import annotations

import re

from tokenward.model import Reference, Span
from tokenward.rewriting.literal import Literal, refuse
from tokenward.rewriting.spelling import Form
from tokenward.rewriting.syntax import Step, Syntax, innermost
from tokenward.rewriting.tree import Node

# Characters that need an entity are treated as escapes that no codec writes, and so are entities where none is read.
_ENTITY = re.compile(r"&[^;\s]*;?|[<>\"']")
_FORM, _CDATA_FORM = Form(_ENTITY, "xml"), Form(_ENTITY)


class XmlSyntax(Syntax):
    """An XML file."""

    comment_kinds = frozenset({"Comment"})
    tree_grammar = "xml"

    def literal_at(self, path: list[Step], span: Span, reference: Reference) -> Literal:  # noqa: ARG002
        node = path[innermost(path, {"AttValue", "CharData", "CData"}, ())].node
        if node.type == "AttValue" and node.parent and self._name(node.parent).startswith("xmlns"):
            raise refuse("a namespace")
        whole = self.span(node)
        content = Span(whole.start + 1, whole.end - 1) if node.type == "AttValue" else whole
        form = _CDATA_FORM if node.type == "CData" else _FORM
        return Literal(whole, whole, content, form, str(reference))

    def assigned(self, span: Span) -> str | None:
        return next(reversed(self.keys(span)), None)

    def keys(self, span: Span) -> tuple[str, ...]:
        """Return the elements that lead to a text or an attribute; for `value`, the name or key beside it counts."""
        keys: list[str] = []
        for step in self.path(span):
            if step.kind == "element":
                keys.append(self._name(step.node.children[0]))
            elif step.kind == "Attribute":
                name = self._name(step.node)
                if name == "value" and step.node.parent:
                    beside = [one for one in step.node.parent.children if one.children]
                    named = {self._name(one): self.source(one.children[-1])[1:-1] for one in beside}
                    name = named.get("key") or named.get("name") or name
                keys.append(name)
        return tuple(key for key in keys if key)

    def _name(self, node: Node) -> str:
        return next((self.source(child) for child in node.children if child.type == "Name"), "")
