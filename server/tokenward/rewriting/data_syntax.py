"""JSON, YAML and TOML: a reference replaces the token inside the literal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from tokenward.errors import RewriteRefused
from tokenward.model import Reference, Span
from tokenward.rewriting.literal import COMMENT, Joint, Literal, refuse
from tokenward.rewriting.spelling import Form
from tokenward.rewriting.syntax import Step, Syntax, innermost, too_deep
from tokenward.rewriting.tree import Node

# Characters that must be escaped in a literal are treated as escapes that no codec writes.
_JSON = Form(re.compile(r"\\(?:u[0-9a-fA-F]{4}|.)|[\x00-\x1f]", re.DOTALL), "double")
_ESCAPE = re.compile(
    r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|\r\n|.)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]",
    re.DOTALL,
)
_YAML_DOUBLE = Form(_ESCAPE, "double")
_YAML_SINGLE = Form(re.compile("''"), "doubled")
_TOML = {
    '"': Form(_ESCAPE, "double"),
    "'": Form(),
    '"""': Form(_ESCAPE, "double", line_breaks=True),
    "'''": Form(line_breaks=True),
}
_TOML_OPENING = re.compile("\"\"\"|'''|\"|'")
_BLOCK_HEADER = re.compile(r"([|>])([^\r\n]*)(?:\r\n|\r|\n)(?:[ \t]*(?:\r\n|\r|\n))*( *)")

# Plain scalars that YAML 1.1 or 1.2 does not read as strings.
_NOT_TEXT = re.compile(
    r"[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_:]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9_]+"
    r"(?:[eE][-+]?[0-9]+)?)|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*|~|null|true|false|yes|no|on|off",
    re.IGNORECASE,
)


# Starts that make a plain scalar something else, and characters that end one in a flow collection.
_NOT_PLAIN = re.compile(r"[{}\[\],&*!|>%@`\"'#]|[-?:](?:\s|\Z)")
_OPENING_LINE = re.compile(r"^(?P<indent>[ \t]*)[^ \t\r\n][^\r\n]*", re.MULTILINE)
_OPENS = re.compile(r"[-?:](?=\s|\Z)")
_MOST_OPEN = 200
"""Lists and mappings that are open at one place."""
_FLOW = re.compile(r"[{}\[\],]")
_NEEDS_ESCAPE = re.compile(r"[\"\\\r\n]")
_TOML_HOLDERS = {"pair", "table", "table_array_element"}
_TOML_KEY = re.compile(r"[\"']([^\"']*)[\"']|([^.\s\"']+)")

_PART_OF_SCALAR = {
    "escape_sequence",
    "boolean_scalar",
    "float_scalar",
    "integer_scalar",
    "null_scalar",
    "string_scalar",
    "timestamp_scalar",
}


class DataSyntax(Syntax):
    """A file of keys and values."""

    pairs: frozenset[str]
    """The kinds of nodes that contain a key and its value."""

    def assigned(self, span: Span) -> str | None:
        return next(reversed(self.keys(span)), None)

    def keys(self, span: Span) -> tuple[str, ...]:
        found = [key for pair in self._pairs(span) if (key := pair.child_by_field_name("key"))]
        return tuple(self.source(key).strip("\"'") for key in found)

    def beside(self, span: Span, levels: int) -> dict[str, Span]:
        """Return the values of the mapping `levels` above the value at the span, by their keys."""
        pairs = self._pairs(span)
        mapping = pairs[-levels].parent if levels <= len(pairs) else None
        return {key: self.span(value) for key, value in self.entries(mapping).items()}

    def entries(self, mapping: Node | None) -> dict[str, Node]:
        """Return the values of a mapping by their keys; none if there is no mapping."""
        pairs = [pair for pair in mapping.named_children if pair.type in self.pairs] if mapping else []
        found = [(pair.child_by_field_name("key"), pair.child_by_field_name("value")) for pair in pairs]
        return {self.source(key).strip("\"'"): value for key, value in found if key and value}

    def _pairs(self, span: Span) -> list[Node]:
        return [step.node for step in self.path(span) if step.kind in self.pairs]


class JsonSyntax(DataSyntax):
    """A JSON file; comments are allowed, although strict JSON has none."""

    pairs = frozenset({"pair"})
    tree_grammar = "json"

    def literal_at(self, path: list[Step], span: Span, reference: Reference) -> Literal:  # noqa: ARG002
        index = innermost(path, {"string"}, {"string_content", "escape_sequence"})
        if path[index].field == "key":
            raise refuse("a key")
        whole = self.span(path[index].node)
        return Literal(whole, whole, Span(whole.start + 1, whole.end - 1), _JSON, str(reference))

    def trail(self, span: Span) -> tuple[str, ...]:
        trail: list[str] = []
        for parent, step in pairwise(self.path(span)):
            if parent.kind == "array":
                items = (child for child in parent.node.named_children if child.type != COMMENT)
                trail.append(str(sum(child.end_byte <= step.node.start_byte for child in items)))
            elif step.kind == "pair" and (key := step.node.child_by_field_name("key")):
                trail.append(self.source(key).strip('"'))
        return tuple(trail)


class JsonWithCommentsSyntax(JsonSyntax):
    """A JSON file as editors write their settings: comments and trailing commas are not errors."""

    def error_nodes(self) -> Iterator[Node]:
        return (node for node in super().error_nodes() if not self._is_trailing(node))

    def _is_trailing(self, node: Node) -> bool:
        """Return whether an error is a comma after the last member, or the member missing after it."""
        after, before = node.next_sibling, node.prev_sibling
        while after is not None and after.type == COMMENT:
            after = after.next_sibling
        if after is None or after.type not in {"]", "}"} or before is None or before.type in {"[", "{"}:
            return False
        return node.is_missing or self.source(node) == ","


class TomlSyntax(DataSyntax):
    """A TOML file; the keys of a value include those of its table's header."""

    pairs = frozenset({"pair"})
    tree_grammar = "toml"

    def literal_at(self, path: list[Step], span: Span, reference: Reference) -> Literal:  # noqa: ARG002
        index = innermost(path, {"string"}, {"escape_sequence"})
        whole = self.span(path[index].node)
        opening = _TOML_OPENING.match(self.text, whole.start)
        if not opening:
            raise refuse("no string")
        content = Span(opening.end(), whole.end - len(opening[0]))
        return Literal(whole, whole, content, _TOML[opening[0]], str(reference))

    def keys(self, span: Span) -> tuple[str, ...]:
        holders = [step.node for step in self.path(span) if step.kind in _TOML_HOLDERS]
        found = [key for holder in holders if (key := next(iter(holder.named_children), None))]
        return tuple(word for key in found for word in _dotted(self.source(key)))

    def beside(self, span: Span, levels: int) -> dict[str, Span]:
        """Return the values of the table that contains the last `levels` keys of the value at the span, each once."""
        pairs = self._pairs(span)
        if levels <= len(pairs) and (table := pairs[-levels].parent) and table.type == "inline_table":
            inside = self._entries(table.named_children)
            return {keys[0]: self.span(value) for keys, value in inside if len(keys) == 1}
        above = list(self.keys(span)[:-levels])
        own = [step.node for step in self.path(span) if step.kind == "table_array_element"]
        found: dict[str, list[Span]] = {}
        for keys, value in self._entries(own or self.root.named_children):
            if keys[:-1] == above:
                found.setdefault(keys[-1], []).append(self.span(value))
        return {key: values[0] for key, values in found.items() if len(values) == 1}

    def _entries(self, holders: Iterable[Node]) -> Iterator[tuple[list[str], Node]]:
        for holder in holders:
            is_table = holder.type in _TOML_HOLDERS - {"pair"}
            above = (
                _dotted(self.source(holder.named_children[0])) if is_table and holder.named_children else []
            )
            for pair in holder.named_children if is_table else [holder]:
                # If the text does not parse, a pair may lack its value.
                if pair.type == "pair" and len(pair.named_children) > 1:
                    key, value = pair.named_children[:2]
                    yield [*above, *_dotted(self.source(key))], value


class YamlSyntax(DataSyntax):
    """A YAML file; a plain scalar gets quotes if its new text needs them."""

    pairs = frozenset({"block_mapping_pair", "flow_pair"})
    tree_grammar = "yaml"

    def check(self, text: str) -> None:
        super().check(text)
        columns: list[int] = []
        for line in _OPENING_LINE.finditer(text):
            while columns and columns[-1] >= line.end("indent") - line.start():
                columns.pop()
            columns.append(line.end("indent") - line.start())
            # The grammar writes behind its memory from the 254th on.
            if len(columns) + len(_OPENS.findall(line[0])) > _MOST_OPEN:
                raise too_deep()

    def literal_at(self, path: list[Step], span: Span, reference: Reference) -> Literal:
        scalars = {"plain_scalar", "double_quote_scalar", "single_quote_scalar", "block_scalar"}
        index = innermost(path, scalars, _PART_OF_SCALAR)
        for parent, step in pairwise(path[: index + 1]):
            pair = parent.kind in {"block_mapping_pair", "flow_pair"}
            if (pair and step.field == "key") or (parent.kind == "flow_mapping" and step.kind == "flow_node"):
                raise refuse("a key")
        tags = [self.source(child) for child in path[index - 1].node.children if child.type == "tag"]
        if any(tag.startswith("!!") and tag != "!!str" for tag in tags):
            raise refuse("a value whose tag makes it something other than text")
        whole = self.span(path[index].node)
        content = Span(whole.start + 1, whole.end - 1) if path[index].kind.endswith("quote_scalar") else whole
        return Literal(whole, whole, content, self._form(path[index].kind, whole, span), str(reference))

    def whole_value(self, span: Span) -> Span:
        if any(step.kind == "block_scalar" for step in self.path(span)):
            raise refuse("a block of lines")
        return super().whole_value(span)

    def fitted(self, literal: Literal, span: Span, filling: str) -> Literal:
        literal = super().fitted(literal, span, filling)
        path = self.path(span)
        if literal.whole != literal.content or path[-1].kind == "block_scalar":
            return literal
        in_flow = any(step.kind in {"flow_mapping", "flow_sequence"} for step in path)
        starts = span.start == literal.content.start and _NOT_PLAIN.match(filling)
        if not starts and not (in_flow and _FLOW.search(filling)):
            return literal
        if _NEEDS_ESCAPE.search(self.text, literal.content.start, literal.content.end) or '"' in filling:
            raise refuse("a value that would need quotes")
        return replace(literal, joint=Joint(wrap=('"', '"'), always_wrapped=True))

    def _form(self, kind: str, whole: Span, span: Span) -> Form:
        if kind == "double_quote_scalar":
            return _YAML_DOUBLE
        if kind == "single_quote_scalar":
            return _YAML_SINGLE
        if kind == "block_scalar":
            header = _BLOCK_HEADER.match(self.text, whole.start, whole.end)
            literal = header is not None and header[1] == "|" and not re.search("[0-9]", header[2])
            return Form(line_breaks=literal, indent=header[3] if header else "")
        if whole == span and _NOT_TEXT.fullmatch(self.text, span.start, span.end):
            raise RewriteRefused(
                "The token is not quoted and looks like a number; put it in quotes, then move it."
            )
        return Form()


def _dotted(key: str) -> list[str]:
    """Return the words of a dotted TOML key, without their quotes."""
    return [quoted or bare for quoted, bare in _TOML_KEY.findall(key)]
