"""JSON settings, also with comments and trailing commas: adds and removes entries in the file's own layout."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import accumulate

from tokenward.errors import RewriteRefused
from tokenward.model import Span
from tokenward.rewriting.data_syntax import JsonWithCommentsSyntax
from tokenward.rewriting.edits import Edit, apply_edits
from tokenward.rewriting.literal import COMMENT
from tokenward.rewriting.settings_files.setting_entry import (
    NOT_REMOVABLE,
    Insertion,
    SettingEntry,
    SettingsFormat,
    same,
    something_else,
    unreadable,
    with_entry,
    without_entry,
)
from tokenward.rewriting.tree import Node, refusing_false_trees
from tokenward.text import newline_of

_MARK = "\ufeff"
_INDENT = re.compile(r"^([ \t]+)\S", re.MULTILINE)
_BLANK = re.compile(r"[ \t]*")
_STRING, _REMARK = r"\"(?:[^\"\\\n]|\\.)*\"", r"//[^\n]*+|(?>/\*.*?\*/)"
_TOKENS = re.compile(rf"{_STRING}|{_REMARK}|-?[0-9][0-9.]*[eE]\+[0-9]", re.DOTALL)
_EXTRAS = re.compile(rf"{_STRING}|{_REMARK}|,(?=(?:\s|{_REMARK})*+[]}}])", re.DOTALL)
_BRACKETS = re.compile(rf"{_STRING}|[][{{}}]", re.DOTALL)
_USUAL_INDENT = "  "
_DEEPEST = 200


class JsonSettings(SettingsFormat):
    """A JSON file of settings."""

    @refusing_false_trees()
    def read(self, text: str) -> object:
        return _document(text).data

    @refusing_false_trees()
    def insert(self, text: str, entry: SettingEntry) -> Insertion:
        document = _document(text)
        place, depth = document.top, 0
        while place is not None and depth < len(entry.path):
            below = document.value(place, entry.path[depth])
            if below is None:
                break
            place, depth = below, depth + 1
        wanted = "array" if depth == len(entry.path) and entry.in_list else "object"
        if (place is not None and place.type != wanted) or (depth == len(entry.path) and not entry.in_list):
            raise something_else(entry.path[:depth])
        content = [entry.value] if entry.in_list and depth < len(entry.path) else entry.value
        for key in reversed(entry.path[depth + 1 :]):
            content = {key: content}
        added_key = entry.path[depth] if depth < len(entry.path) else None
        edits = document.added(place, added_key, content)
        _require(
            apply_edits(text, edits), with_entry(document.data, entry), "The file cannot be changed safely"
        )
        return Insertion(entry, entry.deepest - depth, edits)

    @refusing_false_trees()
    def remove(self, text: str, entry: SettingEntry, made: int) -> str:
        before = _document(text)
        expected = without_entry(before.data, entry, made)
        after = before.without(entry.path, entry.value if entry.in_list else None, in_list=entry.in_list)
        for length in range(entry.deepest, entry.deepest - made, -1):
            document = _document(after)
            place = document.place(entry.path[:length])
            if place is None or _members(place):
                break
            after = document.without(entry.path[:length], None, in_list=False)
        _require(after, expected, NOT_REMOVABLE)
        return after


class _Document:
    """A parsed text; `data` is what a program reads from it, an empty mapping for an empty text."""

    def __init__(self, text: str) -> None:
        self._shift = len(_MARK) if text.startswith(_MARK) else 0
        self._text = text[self._shift :]
        self._syntax = JsonWithCommentsSyntax(
            _TOKENS.sub(_plain, self._text) if "+" in self._text else self._text
        )
        if error := next(self._syntax.error_nodes(), None):
            raise unreadable("JSON", error.start_row + 1)
        values = [child for child in self._syntax.root.named_children if _is_value(child)]
        if len(values) > 1 or (values and values[0].type != "object"):
            raise unreadable("JSON, with one object at its top", 1)
        self.top = values[0] if values else None
        self.data = _data(self._text) if self.top else {}

    def place(self, path: Sequence[str]) -> Node | None:
        """Return the value at a path."""
        node = self.top
        for key in path:
            node = self.value(node, key) if node is not None else None
        return node

    def value(self, mapping: Node, key: str) -> Node | None:
        """Return the value of a key.

        Raises:
            RewriteRefused: the key is there twice, so that programs differ in which one they use.
        """
        found = [value for name, value in self._pairs(mapping) if name == key]
        if len(found) > 1:
            raise RewriteRefused("It has `{key}` twice; remove one of them, then try again.", key=key)
        return found[0] if found else None

    def added(self, place: Node | None, key: str | None, content: object) -> tuple[Edit, ...]:
        """Return the insertions that add an item, or a pair, to a list or mapping; to the end of the text for None."""
        newline, used = newline_of(self._text), _INDENT.search(self._text)
        unit = used[1] if used else _USUAL_INDENT
        if place is None:
            text = json.dumps({key: content}, indent=unit, ensure_ascii=False).replace("\n", newline)
            lead = newline if self._text.strip() and not self._text.endswith(("\n", "\r")) else ""
            return (self._insertion(len(self._text), f"{lead}{text}{newline}"),)
        name = "" if key is None else f"{json.dumps(key, ensure_ascii=False)}: "
        members = _members(place)
        before = place.children[-2]
        edits = []
        if members and not any(one.type == "," for one in _after(place, members[-1])):
            edits.append(self._insertion(self._syntax.span(members[-1]).end, ","))
        start, end = self._end(before), self._syntax.span(place).end - 1
        if members and "\n" not in self._text[start:end]:
            chunk = f" {name}{json.dumps(content, ensure_ascii=False)}"
            return (*edits, self._insertion(start, chunk))
        base = self._indent(self._syntax.span(place).start)
        indent = self._indent(self._syntax.span(members[-1]).start) if members else base + unit
        body = json.dumps(content, indent=unit, ensure_ascii=False).replace("\n", newline + indent)
        tail = "" if members or "\n" in self._text[start:end] else newline + base
        return (*edits, self._insertion(start, f"{newline}{indent}{name}{body}{tail}"))

    def without(self, path: Sequence[str], item: object, *, in_list: bool) -> str:
        """Return the text without an item of the list at a path, or without the pair at the path."""
        if in_list:
            place = self.place(path)
            found = [one for one in _members(place) if same(_data(self._source(one)), item)] if place else []
        else:
            place = self.place(path[:-1])
            pairs = _members(place) if place else []
            found = [one for one in pairs if self._key(one) == path[-1]]
        if place is None or not found:
            raise RewriteRefused(NOT_REMOVABLE)
        cuts = sorted(self._cuts(place, found[0]))
        return _MARK[: self._shift] + apply_edits(self._text, [Edit(cut, "") for cut in cuts])

    def _cuts(self, place: Node, member: Node) -> Iterator[Span]:
        """Yield the spans of a member and one comma."""
        children = [
            part for child in place.children for part in (child.children if child.is_error else [child])
        ]
        index = next(index for index, child in enumerate(children) if child == member)
        before = self._end(children[index - 1])
        following = children[index + 1]
        if following.type == ",":
            yield Span(before, self._syntax.span(following).end)
            return
        yield Span(before, self._syntax.span(member).end)
        comma = next((one for one in children[index - 1 : 0 : -1] if one.type != COMMENT), None)
        if comma is not None and comma.type == ",":
            yield self._syntax.span(comma)

    def _end(self, node: Node) -> int:
        """Return the end of a node, without the part of a line break that a comment may include."""
        return self._syntax.span(node).start + len(self._source(node).rstrip("\r"))

    def _insertion(self, offset: int, text: str) -> Edit:
        return Edit(Span(offset + self._shift, offset + self._shift), text)

    def _indent(self, offset: int) -> str:
        """Return the blanks at the start of the line of an offset."""
        start = max(self._text.rfind("\n", 0, offset), self._text.rfind("\r", 0, offset)) + 1
        found = _BLANK.match(self._text, start, offset)
        return found[0] if found else ""

    def _pairs(self, mapping: Node) -> Iterator[tuple[str, Node]]:
        for pair in _members(mapping) if mapping.type == "object" else ():
            value = pair.child_by_field_name("value")
            if value is not None:
                yield self._key(pair), value

    def _key(self, pair: Node) -> str:
        key = pair.child_by_field_name("key")
        return str(_data(self._source(key))) if key is not None else ""

    def _source(self, node: Node) -> str:
        span = self._syntax.span(node)
        return self._text[span.start : span.end]


_last: ContextVar[dict[str, _Document] | None] = ContextVar("_last", default=None)


@contextmanager
def last_parse_kept() -> Iterator[None]:
    """Keep the last parse during a block that adds or removes entries, each in the text that the one before left.

    Nothing of it stays after the block, because settings may contain tokens.
    """
    before = _last.set({})
    try:
        yield
    finally:
        _last.reset(before)


def _document(text: str) -> _Document:
    kept = _last.get()
    if kept is None:
        return _Document(text)
    if text not in kept:
        document = _Document(text)
        kept.clear()
        kept[text] = document
    return kept[text]


def _data(text: str) -> object:
    """Return the data of a text that the grammar accepts."""
    plain = _EXTRAS.sub(lambda found: found[0] if found[0][0] == '"' else "\n" * found[0].count("\n"), text)
    brackets = (1 if found in "[{" else -1 for found in _BRACKETS.findall(plain) if found[0] != '"')
    if max(accumulate(brackets), default=0) > _DEEPEST:
        raise RewriteRefused("It is nested too deeply; change it by hand.")
    try:
        return json.loads(plain, strict=False)
    except json.JSONDecodeError as error:
        raise unreadable("JSON", error.lineno) from None


def _plain(token: re.Match[str]) -> str:
    """Return a token as the grammar knows it: it takes no plus in a number, such as 1e+16."""
    return token[0] if token[0][0] in '"/' else token[0].replace("+", "-")


def _is_value(node: Node) -> bool:
    return node.is_named and node.type != COMMENT and not node.is_missing and not node.is_error


def _members(place: Node) -> list[Node]:
    """Return the items of a list, or the pairs of a mapping."""
    return [child for child in place.children if _is_value(child)]


def _after(place: Node, member: Node) -> Iterator[Node]:
    """Yield the tokens that follow a member in its list or mapping."""
    for child in place.children:
        if child.start_byte >= member.end_byte:
            yield from child.children if child.is_error else [child]


def _require(text: str, expected: object, otherwise: str) -> None:
    try:
        is_right = same(_document(text).data, expected)
    except RewriteRefused:
        is_right = False
    if not is_right:
        raise RewriteRefused(otherwise)
