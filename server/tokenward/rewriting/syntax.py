"""Syntax: a text parsed by tree-sitter, with offsets in code points."""

from __future__ import annotations

import re
from abc import abstractmethod
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import takewhile
from typing import Self

from tokenward.errors import RewriteRefused
from tokenward.model import Reference, Span
from tokenward.rewriting.edits import Edit, apply_edits
from tokenward.rewriting.literal import COMMENT, Joint, Leaf, Literal, ParsedText, check_size, comment
from tokenward.rewriting.planner import ByteEdit, parse
from tokenward.rewriting.tree import Node

MAX_DEPTH = 1_000
_SURROGATE = re.compile("[\ud800-\udfff]")
_QUOTED_END = re.compile(r"[\"'`]([^\"'`]*)[\"'`]\]?\Z")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


@dataclass(frozen=True, slots=True)
class Step:
    """A node on the path from the root to a place, and the field of its parent that it fills."""

    node: Node
    field: str | None

    @property
    def kind(self) -> str:
        """Return the kind of the node in the grammar."""
        return self.node.type


class Syntax(ParsedText):
    """A text parsed by tree-sitter.

    Raises:
        RewriteRefused: the text is too long to be parsed while a user waits, or its grammar is not installed.
    """

    tree_grammar: str
    """The name of tree-sitter's grammar."""
    comment_kinds: frozenset[str] = frozenset({COMMENT})

    def __init__(self, text: str) -> None:
        self._parse(text)

    @property
    def root(self) -> Node:
        """The node of the whole text."""
        return self._tree.root

    def literal(self, span: Span, reference: Reference) -> Literal:
        path = self.path(span)
        if remark := next((step for step in path if step.kind in self.comment_kinds), None):
            return comment(self.span(remark.node), reference)
        return self.literal_at(path, span, reference)

    @abstractmethod
    def literal_at(self, path: list[Step], span: Span, reference: Reference) -> Literal:
        """Return the literal at the end of a path, outside comments.

        Raises:
            RewriteRefused: nothing is there, or its place cannot contain a reference.
        """

    def edited(self, edits: Sequence[Edit]) -> tuple[Self, list[Span]]:
        """Return the text after edits, and the places in it whose structure has changed."""
        after = copy(self)
        return after, after.parse_again(apply_edits(self.text, edits), self._content, self._byte_edits(edits))

    def check(self, text: str) -> None:
        """Return if a text may be parsed.

        Raises:
            RewriteRefused: it is too long or too deep.
        """
        check_size(text)

    def parse_again(self, text: str, old: bytes, edits: Sequence[ByteEdit]) -> list[Span]:
        """Parse another text, given the old one and the edits of it; return the places that differ."""
        return [self._between(start, end) for start, end in self._parse(text, old, edits)]

    def path(self, span: Span) -> list[Step]:
        """Return the nodes from the root to the smallest that contains the span."""
        if span not in self._paths:
            self._paths[span] = self._found_path(span)
        return self._paths[span]

    def span(self, node: Node) -> Span:
        """Return the span of a node, in characters."""
        return self._between(node.start_byte, node.end_byte)

    def source(self, node: Node) -> str:
        """Return the text of a node."""
        span = self.span(node)
        return self.text[span.start : span.end]

    def leaves(self) -> Iterator[Leaf]:
        for kind, start, end in self._tree.leaves(self.comment_kinds):
            if end > start:
                yield Leaf(COMMENT if kind in self.comment_kinds else kind, self._between(start, end))

    def is_inside(self, offset: int) -> bool:
        if not 0 < offset < len(self.text):
            return False
        return self.path(Span(offset - 1, offset + 1))[-1].node.size == 1

    def in_comment(self, span: Span) -> bool:
        return any(step.kind in self.comment_kinds for step in self.path(span))

    def errors(self) -> list[Span]:
        return [self.span(node) for node in self.error_nodes()]

    def error_nodes(self) -> Iterator[Node]:
        """Yield the nodes at which the text does not parse, the first ones first."""
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            if node.is_error or node.is_missing:
                yield node
            if node.has_error:
                waiting += reversed(node.children)

    def parts(self, node: Node, span: Span) -> Iterator[str]:
        """Return the kinds of a node's named children that overlap a span, without visiting the others."""
        start, end = self._byte(span.start), self._byte(span.end)
        near = takewhile(lambda child: child.start_byte < end, node.children_from(start))
        return (child.type for child in near if child.is_named)

    def joint(self, piece: Node | None, glue: str) -> Joint:
        """Return how to cut a string, and a piece of several that stand side by side from those beside it."""
        before = piece.prev_named_sibling if piece else None
        after = piece.next_named_sibling if piece else None
        while before and before.type in self.comment_kinds:
            before = before.prev_named_sibling
        while after and after.type in self.comment_kinds:
            after = after.next_named_sibling
        following = self.span(after).start if after else None
        return Joint(
            glue, ("(", ")"), glue.lstrip() if before else "", glue.rstrip() if after else "", following
        )

    def words(self, word: str) -> Sequence[list[Step]]:
        """Return the path to each place of the whole word."""
        if word not in self._words:
            literal = re.escape(word)
            # A pattern that begins with a letter is searched for many times faster.
            found = re.finditer(rf"{literal}(?<![\w$]{literal})(?![\w$])", self.text)
            self._words[word] = [self._found_path(Span(*match.span())) for match in found]
        return self._words[word]

    def _found_path(self, span: Span) -> list[Step]:
        steps = [Step(self.root, None)]
        start, end = self._byte(span.start), self._byte(span.end)
        while (inner := _around(steps[-1].node, start, end)) is not None:
            steps.append(Step(inner, inner.field))
            if len(steps) > MAX_DEPTH:
                raise too_deep()
        return steps

    def _parse(self, text: str, old: bytes = b"", edits: Sequence[ByteEdit] = ()) -> list[tuple[int, int]]:
        self.check(text)
        self.text = text
        # Some grammars require a final line break, and it does no harm to others; no offset before it changes.
        self._content = _encoded(text + "\n")
        self._tree, changed = parse(self.tree_grammar, self._content, old, edits)
        self._words: dict[str, list[list[Step]]] = {}
        self._paths: dict[Span, list[Step]] = {}
        self._characters: list[int] = []
        self._bytes: list[int] = []
        self._extra = [0]
        for match in () if text.isascii() else _NOT_ASCII.finditer(text):
            self._characters.append(match.start())
            self._bytes.append(match.start() + self._extra[-1])
            self._extra.append(self._extra[-1] + len(match[0].encode("utf-8", "surrogatepass")) - 1)
        return changed

    def _byte_edits(self, edits: Sequence[Edit]) -> list[ByteEdit]:
        return [
            ByteEdit(self._byte(edit.span.start), self._byte(edit.span.end), _encoded(edit.text).decode())
            for edit in edits
        ]

    def _between(self, start: int, end: int) -> Span:
        return Span(self._character(start), self._character(end))

    def _byte(self, character: int) -> int:
        return character + self._extra[bisect_left(self._characters, character)]

    def _character(self, byte: int) -> int:
        return min(byte - self._extra[bisect_left(self._bytes, byte)], len(self.text))


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text).encode()


def _around(node: Node, start: int, end: int) -> Node | None:
    """Return the node directly inside a node that contains some bytes."""
    inner = next(node.children_from(start), None)
    return inner if inner and inner.start_byte <= start and end <= inner.end_byte else None


def too_deep() -> RewriteRefused:
    """Return the refusal of a text that is nested too deeply."""
    return RewriteRefused("The token is nested too deeply to be rewritten safely; move it by hand.")


def operator_of(node: Node) -> str:
    """Return the operator of an operation; empty for any other node."""
    operator = node.child_by_field_name("operator")
    return operator.type if operator else ""


def last_word(name: str) -> str:
    """Return `c` of `a.b.c`, `a->c`, `a::c`, `a["c"]` and `"c"`; a quoted name stays whole."""
    quoted = _QUOTED_END.search(name)
    return quoted[1] if quoted else re.split(r"[.\[]|->|::", name)[-1].strip("] #?")


def innermost(path: Sequence[Step], kinds: Collection[str], inside: Collection[str]) -> int:
    """Return the index of the innermost node of these kinds, with nothing but `inside` between it and the place.

    Raises:
        RewriteRefused: the place is not in such a node.
    """
    for index in range(len(path) - 1, -1, -1):
        if path[index].kind in kinds:
            return index
        if path[index].kind not in inside:
            break
    raise RewriteRefused("The token is not inside a string, so nothing can replace it; move it by hand.")
