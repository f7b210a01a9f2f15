"""SettingEntry: something that a program's settings file is to hold, and the interface of the files' formats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tokenward.errors import RewriteRefused
from tokenward.language import phrase
from tokenward.rewriting.edits import Edit


@dataclass(frozen=True, slots=True)
class SettingEntry:
    """An item of a list, or the value of a key.

    Attributes:
        path: the keys from the top of the file to the list, or to the key; empty in a file without keys.
        value: JSON data; in a file without keys, a line or the whole text.
        in_list: the value is an item of the list at the path.
    """

    path: tuple[str, ...]
    value: object
    in_list: bool = True

    @property
    def deepest(self) -> int:
        """Return the number of lists and mappings below the top that contain the entry."""
        return len(self.path) if self.in_list else len(self.path) - 1


@dataclass(frozen=True, slots=True)
class Insertion:
    """An entry that is added to a text.

    Attributes:
        made: how many of the lists and mappings that contain it did not exist before.
        edits: only insertions.
    """

    entry: SettingEntry
    made: int
    edits: tuple[Edit, ...]


class SettingsFormat(Protocol):
    """Reads and changes the text of a settings file; the rest of the text stays as it is."""

    def read(self, text: str) -> object:
        """Return the data of a text; an empty text has none.

        Raises:
            RewriteRefused: it does not parse.
        """

    def holds(self, text: str, entry: SettingEntry) -> bool:
        """Return whether a text holds an entry.

        Raises:
            RewriteRefused: it does not parse.
        """
        return is_in(self.read(text), entry)

    def insert(self, text: str, entry: SettingEntry) -> Insertion:
        """Return how to add an entry that a text does not hold.

        Raises:
            RewriteRefused: the text does not parse, or has something else at the entry's place.
        """

    def remove(self, text: str, entry: SettingEntry, made: int) -> str:
        """Return a text without an entry that it holds, and without what was made for it and is empty now.

        Raises:
            RewriteRefused: the text does not parse, or would mean something else.
        """


def at(data: object, path: Sequence[str]) -> object:
    """Return the data at a path, or None."""
    for key in path:
        if not isinstance(data, dict):
            return None
        data = data.get(key)
    return data


def is_in(data: object, entry: SettingEntry) -> bool:
    """Return whether data holds an entry."""
    found = at(data, entry.path)
    if entry.in_list:
        return isinstance(found, list) and any(same(item, entry.value) for item in found)
    return found is not None and same(found, entry.value)


def same(one: object, other: object) -> bool:
    """Return whether two pieces of JSON data are equal; unlike in Python, 1 is not true."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def with_entry(data: object, entry: SettingEntry, depth: int = 0) -> object:
    """Return a copy of data with an entry."""
    if depth == len(entry.path):
        return [*(data if isinstance(data, list) else []), entry.value] if entry.in_list else entry.value
    here = data if isinstance(data, dict) else {}
    key = entry.path[depth]
    return {**here, key: with_entry(here.get(key), entry, depth + 1)}


def without_entry(data: object, entry: SettingEntry, made: int, depth: int = 0) -> object:
    """Return a copy of data without an entry that it holds, and without what was made for it and is empty now."""
    if isinstance(data, list):
        index = next(index for index, item in enumerate(data) if same(item, entry.value))
        return [*data[:index], *data[index + 1 :]]
    here = data if isinstance(data, dict) else {}
    key = entry.path[depth]
    left = {name: value for name, value in here.items() if name != key}
    if not entry.in_list and depth + 1 == len(entry.path):
        return left
    below = without_entry(here[key], entry, made, depth + 1)
    is_gone = not below and depth + 1 > entry.deepest - made
    return left if is_gone else {name: below if name == key else value for name, value in here.items()}


def unreadable(what: str, line: int) -> RewriteRefused:
    """Return the refusal of a text that does not parse."""
    return RewriteRefused(
        "It is not valid {what} (line {line}); correct it, then try again.", what=what, line=line
    )


def something_else(path: Sequence[str]) -> RewriteRefused:
    """Return the refusal of a text with something else at an entry's place."""
    return RewriteRefused(
        "`{setting}` is set to something else there; change it by hand.", setting=".".join(path)
    )


NOT_REMOVABLE = phrase(
    "The entries of Tokenward cannot be removed without changing others; remove them by hand."
)
