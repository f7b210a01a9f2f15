"""Tree and Node: what a Planner has parsed."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from tokenward.errors import RewriteRefused
from tokenward.language import phrase

BROKEN = phrase("The text cannot be rewritten here, because its parser failed at it; move the token by hand.")

_START, _END, _FIELD, _SIZE = range(1, 5)
WIDTH = 5
"""Numbers for each node: its kind and flags, start, end, field, and how many nodes it contains with itself."""
_KIND, _HAS_ERROR, _IS_ERROR, _IS_MISSING = 0xFFFF, 1 << 16, 1 << 17, 1 << 18
_ERROR = "ERROR", True


@contextmanager
def refusing_false_trees() -> Iterator[None]:
    """Refuse a text whose tree lacks what its grammar promises, as the answer of a planner that was taken over may."""
    try:
        yield
    except (LookupError, StopIteration, ValueError):
        raise RewriteRefused(BROKEN) from None


class Tree:
    """The nodes of a text in their order, each before those inside it.

    Another process made them, which hostile text may have taken over: any numbers are read without a crash, and in a
    time that grows with their count.

    Raises:
        RewriteRefused: it has no node.
    """

    def __init__(
        self,
        content: bytes,
        rows: memoryview,
        kinds: Mapping[int, tuple[str, bool]],
        fields: Mapping[int, str | None],
    ) -> None:
        if not rows or len(rows) % WIDTH:
            raise RewriteRefused(BROKEN)
        self.content = content
        self.rows = rows
        self.fields = fields
        self.kinds = kinds
        self._inside: dict[int, array[int]] = {}

    @property
    def root(self) -> Node:
        """The node of the whole text."""
        return Node(self, 0, None)

    def leaves(self, whole: Collection[str]) -> Iterator[tuple[str, int, int]]:
        """Yield kind, start and end of each node that contains none, and of each of the whole kinds."""
        index, count = 0, len(self.rows) // WIDTH
        while index < count:
            kind, _ = self.kind(index)
            size = self.size(index)
            if kind in whole or size == 1:
                yield kind, self.rows[index * WIDTH + _START], self.rows[index * WIDTH + _END]
            index += size if kind in whole else 1

    def kind(self, index: int) -> tuple[str, bool]:
        """Return the kind of a node, and whether the grammar names it."""
        return self.kinds.get(self.rows[index * WIDTH] & _KIND, _ERROR)

    def size(self, index: int) -> int:
        """Return how many nodes a node contains, with itself."""
        return max(1, self.rows[index * WIDTH + _SIZE])

    def inside(self, index: int) -> array[int]:
        """Return the nodes directly inside a node.

        Raises:
            RewriteRefused: the numbers contradict each other.
        """
        if index not in self._inside:
            self._inside[index] = self._found_inside(index)
        return self._inside[index]

    def _found_inside(self, index: int) -> array[int]:
        rows, first, end = self.rows, index + 1, index + self.size(index)
        if end * WIDTH > len(rows):
            raise RewriteRefused(BROKEN)
        # No call for each node, because a long text has many side by side.
        count, below = 0, first
        while below < end:
            count += 1
            below += rows[below * WIDTH + _SIZE] or 1
        if below != end:
            raise RewriteRefused(BROKEN)
        found, below = array("I", bytes(4 * count)), first
        for at in range(count):
            found[at] = below
            below += rows[below * WIDTH + _SIZE] or 1
        return found


# Not frozen, which takes three times as long to make.
@dataclass(slots=True, unsafe_hash=True)
class Node:
    """A node, with the names that tree-sitter gives to what it knows."""

    _tree: Tree = field(repr=False)
    index: int
    parent: Node | None = field(repr=False, compare=False)

    @property
    def type(self) -> str:
        """Its kind in the grammar."""
        return self._tree.kind(self.index)[0]

    @property
    def is_named(self) -> bool:
        """Return whether the grammar names it."""
        return self._tree.kind(self.index)[1]

    @property
    def start_byte(self) -> int:
        """Where it starts."""
        return self._number(_START)

    @property
    def end_byte(self) -> int:
        """Where it ends."""
        return max(self._number(_START), self._number(_END))

    @property
    def start_row(self) -> int:
        """The number of the line on which it starts."""
        return self._tree.content.count(b"\n", 0, self.start_byte)

    @property
    def end_row(self) -> int:
        """The number of the line on which it ends."""
        return self._tree.content.count(b"\n", 0, self.end_byte)

    @property
    def text(self) -> bytes:
        """Its bytes."""
        return self._tree.content[self.start_byte : self.end_byte]

    @property
    def field(self) -> str | None:
        """The field of its parent that it fills."""
        return self._tree.fields.get(self._number(_FIELD))

    @property
    def has_error(self) -> bool:
        """Return whether the text does not parse there, or inside it."""
        return bool(self._number(0) & _HAS_ERROR)

    @property
    def is_error(self) -> bool:
        """Return whether the grammar has nothing for the text there."""
        return bool(self._number(0) & _IS_ERROR)

    @property
    def is_missing(self) -> bool:
        """Return whether the grammar expects it where it is not."""
        return bool(self._number(0) & _IS_MISSING)

    @property
    def size(self) -> int:
        """How many nodes it contains, with itself."""
        return self._tree.size(self.index)

    @property
    def children(self) -> list[Node]:
        """The nodes directly inside it."""
        return [self._child(one) for one in self._tree.inside(self.index)]

    @property
    def named_children(self) -> list[Node]:
        """Those of them that the grammar names."""
        kinds, rows, inside = self._tree.kinds, self._tree.rows, self._tree.inside(self.index)
        named = (one for one in inside if kinds.get(rows[one * WIDTH] & _KIND, _ERROR)[1])
        return [Node(self._tree, one, self) for one in named]

    def children_from(self, byte: int) -> Iterator[Node]:
        """Yield the nodes directly inside it that end behind a byte."""
        inside = self._tree.inside(self.index)
        first = bisect_right(inside, byte, key=lambda one: self._tree.rows[one * WIDTH + _END])
        return (self._child(inside[at]) for at in range(first, len(inside)))

    def children_by_field_name(self, name: str) -> list[Node]:
        """Return the children that fill a field."""
        return [*self._filling(name)]

    def child_by_field_name(self, name: str) -> Node | None:
        """Return the first child that fills a field."""
        return next(self._filling(name), None)

    @property
    def prev_sibling(self) -> Node | None:
        """The node before it with the same parent."""
        return next(self._beside(-1), None)

    @property
    def next_sibling(self) -> Node | None:
        """The node after it with the same parent."""
        return next(self._beside(1), None)

    @property
    def prev_named_sibling(self) -> Node | None:
        """The last one before it that the grammar names."""
        return next((node for node in self._beside(-1) if node.is_named), None)

    @property
    def next_named_sibling(self) -> Node | None:
        """The first one after it that the grammar names."""
        return next((node for node in self._beside(1) if node.is_named), None)

    def _filling(self, name: str) -> Iterator[Node]:
        rows, numbers = self._tree.rows, {one for one, known in self._tree.fields.items() if known == name}
        for one in self._tree.inside(self.index):
            if rows[one * WIDTH + _FIELD] in numbers:
                yield self._child(one)

    def _beside(self, step: int) -> Iterator[Node]:
        if self.parent is None:
            return
        inside = self._tree.inside(self.parent.index)
        at = bisect_left(inside, self.index) + step
        while 0 <= at < len(inside):
            yield Node(self._tree, inside[at], self.parent)
            at += step

    def _child(self, index: int) -> Node:
        return Node(self._tree, index, self)

    def _number(self, column: int) -> int:
        return self._tree.rows[self.index * WIDTH + column]
