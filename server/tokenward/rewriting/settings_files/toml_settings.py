"""TOML settings: adds tables at the end, and keys to their tables."""

from __future__ import annotations

import contextlib
import json
import tomllib
from collections.abc import Iterator

from tokenward.errors import RewriteRefused
from tokenward.model import Span
from tokenward.rewriting.data_syntax import TomlSyntax
from tokenward.rewriting.edits import Edit, apply_edits
from tokenward.rewriting.settings_files.setting_entry import (
    NOT_REMOVABLE,
    Insertion,
    SettingEntry,
    SettingsFormat,
    at,
    same,
    something_else,
    unreadable,
    with_entry,
    without_entry,
)
from tokenward.rewriting.tree import Node, refusing_false_trees
from tokenward.text import newline_of

_MARK = "\ufeff"


class TomlSettings(SettingsFormat):
    """A TOML file of settings; an item of a list is a table `[[…]]`, another entry a key of a table."""

    def read(self, text: str) -> object:
        try:
            return tomllib.loads(text.removeprefix(_MARK))
        except tomllib.TOMLDecodeError as error:
            raise unreadable("TOML", getattr(error, "lineno", 1)) from None
        except RecursionError:
            raise unreadable("TOML", 1) from None

    @refusing_false_trees()
    def insert(self, text: str, entry: SettingEntry) -> Insertion:
        data = self.read(text)
        made = sum(at(data, entry.path[:length]) is None for length in range(1, entry.deepest + 1))
        if not entry.in_list and at(data, entry.path) is not None:
            raise something_else(entry.path)
        edit = _added(text, entry)
        try:
            is_right = same(self.read(apply_edits(text, [edit])), with_entry(data, entry))
        except RewriteRefused:
            is_right = False
        if not is_right:
            raise something_else(entry.path)
        return Insertion(entry, made, (edit,))

    @refusing_false_trees()
    def remove(self, text: str, entry: SettingEntry, made: int) -> str:
        expected = without_entry(self.read(text), entry, made)
        # Of equal tables, the last one is ours.
        for cut in sorted(_cuts(text, entry), reverse=True):
            after = text[: cut.start] + text[cut.end :]
            with contextlib.suppress(RewriteRefused):
                if same(self.read(after), expected):
                    return after
        raise RewriteRefused(NOT_REMOVABLE)


def _added(text: str, entry: SettingEntry) -> Edit:
    newline = newline_of(text)
    if not entry.in_list and (header := _header(text, entry.path[:-1])) is not None:
        return Edit(Span(header, header), f"{newline}{_pair(entry.path[-1], entry.value)}")
    name = ".".join(map(_key, entry.path if entry.in_list else entry.path[:-1]))
    values = entry.value if entry.in_list else {entry.path[-1]: entry.value}
    lines = [f"[[{name}]]" if entry.in_list else f"[{name}]"]
    lines += [_pair(key, value) for key, value in values.items()] if isinstance(values, dict) else []
    lead = "" if not text.strip() else newline if text.endswith(("\n", "\r")) else newline * 2
    return Edit(Span(len(text), len(text)), lead + "".join(f"{line}{newline}" for line in lines))


def _header(text: str, path: tuple[str, ...]) -> int | None:
    """Return the end of the header line of a table, or None."""
    syntax = TomlSyntax(text)
    for table in syntax.root.named_children:
        if table.type == "table" and table.named_children and _path(syntax, table) == path:
            end = next(child for child in table.children if child.type == "]")
            line = text.find("\n", syntax.span(end).end)
            stop = len(text) if line < 0 else line
            return stop - (text[:stop].endswith("\r"))
    return None


def _cuts(text: str, entry: SettingEntry) -> Iterator[Span]:
    """Yield the parts that may be an entry: a table with the blank line before it, or the line of a key."""
    syntax = TomlSyntax(text)
    for table in syntax.root.named_children:
        if table.type == "table_array_element" and entry.in_list and _path(syntax, table) == entry.path:
            pairs = [child for child in table.named_children if child.type == "pair"]
            yield _lines(text, syntax.span(table).start, syntax.span((pairs or table.named_children)[-1]).end)
        elif table.type == "table" and not entry.in_list and _path(syntax, table) == entry.path[:-1]:
            inside = table.named_children[1:]
            for pair in inside:
                if pair.type == "pair" and syntax.source(pair.named_children[0]) == entry.path[-1]:
                    yield _lines(text, syntax.span(pair).start, syntax.span(pair).end)
                    if len(inside) == 1:
                        yield _lines(text, syntax.span(table).start, syntax.span(pair).end)


def _lines(text: str, start: int, end: int) -> Span:
    """Return the whole lines of a part, with one blank line before a table."""
    line = text.find("\n", end)
    if text[start] == "[" and text[:start].endswith(("\n\n", "\n\r\n")):
        start -= 2 if text[:start].endswith("\r\n") else 1
    return Span(start, len(text) if line < 0 else line + 1)


def _path(syntax: TomlSyntax, table: Node) -> tuple[str, ...]:
    return syntax.keys(syntax.span(table.named_children[0]))


def _pair(key: str, value: object) -> str:
    return f"{_key(key)} = {json.dumps(value, ensure_ascii=False)}"


def _key(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isalnum() and key.isascii() else json.dumps(key)
