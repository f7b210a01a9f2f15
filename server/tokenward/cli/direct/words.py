"""Reads the usual command lines without the toolkit, which loads slowly; any other is left to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from tokenward.records import dataclass


@dataclass(frozen=True, slots=True)
class Grammar:
    """The options of a verb, each with the name of the toolkit's parameter.

    Attributes:
        flags: the spellings of options without a value, each with the parameter and its value.
        lists: the spellings of options with a value, which may be repeated.
        is_command: the first word that is no option starts a command, whose words follow unread.
    """

    flags: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    lists: Mapping[str, str] = field(default_factory=dict)
    is_command: bool = False


def read_words(grammar: Grammar, words: Sequence[str]) -> tuple[dict[str, Any], list[str]] | None:
    """Return the options and the other words; None for a command line that the toolkit must read or refuse."""
    given: dict[str, Any] = {parameter: [] for parameter in grammar.lists.values()}
    others: list[str] = []
    rest = [*words]
    while rest:
        word = rest.pop(0)
        spelling, has_value, value = word.partition("=")
        if word == "--":
            others += rest
            break
        if word in grammar.flags:
            parameter, is_on = grammar.flags[word]
            given[parameter] = is_on
        elif spelling in grammar.lists and (not has_value or spelling.startswith("--")):
            value = value if has_value else rest.pop(0) if rest else ""
            if not value or value.startswith("-"):
                return None
            given[grammar.lists[spelling]].append(value)
        elif word.startswith("-") or not word:
            return None
        else:
            others.append(word)
            if grammar.is_command:
                others += rest
                break
    return given, others
