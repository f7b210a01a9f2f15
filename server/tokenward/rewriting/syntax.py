"""Syntax: a text parsed by tree-sitter, with offsets in code points."""

from __future__ import annotations

import importlib
import re
from abc import abstractmethod
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cache
from time import monotonic
from typing import Any, Self

from tree_sitter import Language, Node, Parser, Tree, TreeCursor

from tokenward.errors import RewriteRefused
from tokenward.model import Reference, Span
from tokenward.rewriting.edits import Edit, apply_edits
from tokenward.rewriting.literal import COMMENT, Joint, Leaf, Literal, ParsedText, check_size, comment

MAX_DEPTH = 1_000
MAX_SECONDS = 10.0
"""Seconds of one parse, because a few grammars take quadratic time for a text in another language."""
_CHUNK = 2_048

_IN_OTHER_MODULES = {
    "csharp": ("tree_sitter_c_sharp", "language"),
    "elixir_script": ("tree_sitter_elixir", "language"),
    "php": ("tree_sitter_php", "language_php"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "xml": ("tree_sitter_xml", "language_xml"),
}
"""The grammars whose function in their module is not called `language`."""
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
        return self._tree.root_node

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
        old, after = self._tree.copy(), copy(self)
        for edit in reversed(edits):
            old.edit(**self._input_edit(edit))
        return after, after.parse_again(apply_edits(self.text, edits), old)

    def parse_again(self, text: str, old: Tree) -> list[Span]:
        """Parse another text, given this one's tree with the edits applied; return the places that differ."""
        self._parse(text, old)
        changed = old.changed_ranges(self._tree)
        return [self._between(part.start_byte, part.end_byte) for part in changed]

    def path(self, span: Span) -> list[Step]:
        """Return the nodes from the root to the smallest that contains the span."""
        cursor = self._tree.walk()
        steps = [Step(self.root, None)]
        start, end = self._byte(span.start), self._byte(span.end)
        while _descend(cursor, start, end):
            if cursor.node is not None:
                steps.append(Step(cursor.node, cursor.field_name))
            if len(steps) > MAX_DEPTH:
                raise RewriteRefused(
                    "The token is nested too deeply to be rewritten safely; move it by hand."
                )
        return steps

    def span(self, node: Node) -> Span:
        """Return the span of a node, in characters."""
        return self._between(node.start_byte, node.end_byte)

    def source(self, node: Node) -> str:
        """Return the text of a node."""
        span = self.span(node)
        return self.text[span.start : span.end]

    def leaves(self) -> Iterator[Leaf]:
        for node in _walk(self._tree.walk(), self.comment_kinds):
            is_comment = node.type in self.comment_kinds
            if (is_comment or node.child_count == 0) and node.end_byte > node.start_byte:
                yield Leaf(COMMENT if is_comment else node.type, self.span(node))

    def is_inside(self, offset: int) -> bool:
        if not 0 < offset < len(self.text):
            return False
        return self.path(Span(offset - 1, offset + 1))[-1].node.child_count == 0

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
        """Yield the kinds of a node's named children that overlap a span, without visiting the others."""
        cursor = node.walk()
        start, end = self._byte(span.start), self._byte(span.end)
        more = cursor.goto_first_child_for_byte(start) is not None
        while more and (child := cursor.node) is not None and child.start_byte < end:
            if child.is_named:
                yield child.type
            more = cursor.goto_next_sibling()

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

    def words(self, word: str) -> Iterator[list[Step]]:
        """Yield the path to each place of the whole word."""
        literal = re.escape(word)
        # A pattern that begins with a letter is searched for many times faster.
        for match in re.finditer(rf"{literal}(?<![\w$]{literal})(?![\w$])", self.text):
            yield self.path(Span(*match.span()))

    def _parse(self, text: str, old: Tree | None = None) -> None:
        check_size(text)
        self.text = text
        # Some grammars require a final line break, and it does no harm to others; no offset before it changes.
        self._content = _encoded(text + "\n")
        self._tree = _parsed(Parser(_language(self.tree_grammar)), self._content, old)
        self._characters: list[int] = []
        self._bytes: list[int] = []
        self._extra = [0]
        for match in () if text.isascii() else _NOT_ASCII.finditer(text):
            self._characters.append(match.start())
            self._bytes.append(match.start() + self._extra[-1])
            self._extra.append(self._extra[-1] + len(match[0].encode("utf-8", "surrogatepass")) - 1)

    def _input_edit(self, edit: Edit) -> dict[str, Any]:
        start, end = self._byte(edit.span.start), self._byte(edit.span.end)
        inserted = _encoded(edit.text)
        row, column = _point(self._content, start)
        more_rows, last_column = _point(inserted, len(inserted))
        return {
            "start_byte": start,
            "old_end_byte": end,
            "new_end_byte": start + len(inserted),
            "start_point": (row, column),
            "old_end_point": _point(self._content, end),
            "new_end_point": (row + more_rows, last_column + (0 if more_rows else column)),
        }

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


def _parsed(parser: Parser, content: bytes, old: Tree | None) -> Tree:
    """Return the tree of a text, read in chunks so that a parse can be stopped."""
    end, is_late = monotonic() + MAX_SECONDS, False

    def read(offset: int, _: object) -> bytes:
        nonlocal is_late
        is_late = is_late or monotonic() > end
        return b"" if is_late else content[offset : offset + _CHUNK]

    tree = parser.parse(read, old) if old else parser.parse(read)
    if is_late:
        raise RewriteRefused("The file takes too long to be parsed; move the token by hand.")
    return tree


def _point(content: bytes, at: int) -> tuple[int, int]:
    """Return the row and the column of a byte."""
    return content.count(b"\n", 0, at), at - content.rfind(b"\n", 0, at) - 1


@cache
def _language(grammar: str) -> Language:
    """Load a grammar when its language is first needed."""
    module, function = _IN_OTHER_MODULES.get(grammar, (f"tree_sitter_{grammar}", "language"))
    try:
        return Language(getattr(importlib.import_module(module), function)())
    except ModuleNotFoundError:
        raise RewriteRefused(
            "This installation has no grammar for {grammar} files; move the token by hand.", grammar=grammar
        ) from None


def _descend(cursor: TreeCursor, start: int, end: int) -> bool:
    if cursor.goto_first_child_for_byte(start) is None:
        return False
    node = cursor.node
    if node is not None and node.start_byte <= start and end <= node.end_byte:
        return True
    cursor.goto_parent()
    return False


def _walk(cursor: TreeCursor, whole: Collection[str]) -> Iterator[Node]:
    """Yield every node, except those inside nodes of the whole kinds."""
    while True:
        node = cursor.node
        if node is not None:
            yield node
        if (node is None or node.type not in whole) and cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return


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
