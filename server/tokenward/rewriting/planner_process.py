"""The process of a Planner: parses hostile text for processes that hold values, and can do nothing else."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Sequence
from importlib import import_module
from time import process_time
from types import ModuleType
from typing import Any

from tokenward import core_dumps
from tokenward.rewriting.confinement import confine, limit_seconds
from tokenward.wire import Frame, private_pipes, read_frame, write_frame

_USUAL = (
    "bash", "c", "cpp", "dart", "elixir", "go", "groovy", "hcl", "java", "javascript", "json", "julia", "kotlin",
    "lua", "perl", "powershell", "python", "ruby", "rust", "scala", "swift", "toml", "yaml",
)  # fmt: skip
GRAMMARS = {
    **{grammar: (f"tree_sitter_{grammar}", "language") for grammar in _USUAL},
    "csharp": ("tree_sitter_c_sharp", "language"),
    "elixir_script": ("tree_sitter_elixir", "language"),
    "php": ("tree_sitter_php", "language_php"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "xml": ("tree_sitter_xml", "language_xml"),
}
"""The module of each grammar, and the function in it."""
_MOST_NODES = 2_000_000
_CHUNK = 2_048
_KEPT = 2
"""The last trees, because a change is parsed next."""


def main() -> None:
    """Serve until the other side of the pipe has ended."""
    requests, answers = private_pipes()
    core_dumps.prevent()
    config = read_frame(requests) or {}
    service = ParsingService(config["seconds"])
    confine(config["megabytes"])
    write_frame(answers, {})
    while (request := read_frame(requests)) is not None:
        with limit_seconds(config["seconds"] + 1):
            answer = service.answer(request)
        write_frame(answers, *answer)


class ParsingService:
    """Parses texts; all grammars are loaded before the first, because the process can open no file then."""

    def __init__(self, seconds: float) -> None:
        import tree_sitter  # noqa: PLC0415 - in no other process

        self._library = tree_sitter
        self._seconds = seconds
        self._languages = dict(_languages(tree_sitter))
        self._trees: dict[tuple[str, bytes], tree_sitter.Tree] = {}

    def answer(self, request: Frame) -> tuple[Frame, bytes]:
        """Return the nodes of a text, or of one after edits with the places that have changed."""
        if (grammar := request["grammar"]) not in self._languages:
            return {"refused": "missing"}, b""
        content: bytes = request.get("raw", b"")
        try:
            tree, changed = self._tree(grammar, content), []
            if edits := request["edits"]:
                old = tree.copy()
                for start, end, inserted in reversed(edits):
                    old.edit(*_input_edit(content, start, end, inserted.encode()))
                    content = content[:start] + inserted.encode() + content[end:]
                tree = self._tree(grammar, content, old)
                changed = [(part.start_byte, part.end_byte) for part in old.changed_ranges(tree)]
        except TimeoutError:
            return {"refused": "late"}, b""
        if tree.root_node.descendant_count > _MOST_NODES:
            return {"refused": "broken"}, b""
        kinds, rows = _rows(tree)
        fields = {one: self._languages[grammar].field_name_for_id(one) for one in set(rows[3::5])}
        return {"kinds": kinds, "fields": fields, "changed": changed}, rows.tobytes()

    def _tree(self, grammar: str, content: bytes, old: Any = None) -> Any:
        if (known := self._trees.get((grammar, content))) is not None:
            return known
        while len(self._trees) >= _KEPT:
            del self._trees[next(iter(self._trees))]
        tree = self._trees[grammar, content] = self._parse(grammar, content, old)
        return tree

    def _parse(self, grammar: str, content: bytes, old: Any) -> Any:
        end = process_time() + self._seconds
        parser: Any = self._library.Parser(self._languages[grammar])

        def read(offset: int, _: object) -> bytes:
            return content[offset : offset + _CHUNK]

        def is_late(_offset: int, _has_error: bool) -> bool:
            return process_time() > end

        trees = () if old is None else (old,)
        try:
            return parser.parse(read, *trees, progress_callback=is_late)
        except ValueError:
            raise TimeoutError from None


def _languages(library: Any) -> Iterable[tuple[str, Any]]:
    # Grammars import it for queries that nobody reads here, and it takes as long to load as all of them.
    sys.modules["importlib.resources"] = ModuleType("importlib.resources")
    sys.modules["importlib.resources"].files = None  # type: ignore[attr-defined]
    for grammar, (module, function) in GRAMMARS.items():
        try:
            yield grammar, library.Language(getattr(import_module(module), function)())
        except ImportError:
            continue


def _rows(tree: Any) -> tuple[dict[int, tuple[str, bool]], array[int]]:
    """Return the kinds of nodes, and five numbers for each node: kind, start, end, field, and how many it contains."""
    kinds: dict[int, tuple[str, bool]] = {}
    rows = array("I")
    cursor, has_errors = tree.walk(), tree.root_node.has_error
    while True:
        node = cursor.node
        kind, size = node.kind_id, node.descendant_count
        if kind not in kinds:
            kinds[kind] = node.type, node.is_named
        if has_errors:
            kind |= node.has_error << 16 | node.is_error << 17 | node.is_missing << 18
        rows.extend((kind, node.start_byte, node.end_byte, cursor.field_id or 0, size))
        if size > 1 and cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return kinds, rows


def _input_edit(content: bytes, start: int, end: int, inserted: bytes) -> Sequence[object]:
    """Return the arguments of `Tree.edit`."""
    row, column = _point(content, start)
    more_rows, last_column = _point(inserted, len(inserted))
    new_point = row + more_rows, last_column + (0 if more_rows else column)
    return start, end, start + len(inserted), (row, column), _point(content, end), new_point


def _point(content: bytes, at: int) -> tuple[int, int]:
    """Return the row and the column of a byte."""
    return content.count(b"\n", 0, at), at - content.rfind(b"\n", 0, at) - 1
