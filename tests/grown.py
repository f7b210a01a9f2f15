"""Texts that match the regexes of rules."""

from __future__ import annotations

import random
import re
import re._constants as ops  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
import string
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

MOST = 12
"""Characters, more than the least, that a repetition in a sample has."""
ANY = string.ascii_letters + string.digits + "_-.+/= :'\""
CATEGORIES = {
    ops.CATEGORY_DIGIT: string.digits,
    ops.CATEGORY_WORD: string.ascii_letters + string.digits + "_",
    ops.CATEGORY_SPACE: " ",
    ops.CATEGORY_NOT_SPACE: string.ascii_letters + string.digits,
    ops.CATEGORY_NOT_WORD: " ",
}


def grown(pattern: str, choose: random.Random) -> str:
    """Return a text that matches a pattern, except perhaps for its assertions."""
    return "".join(parts(_tree(pattern), choose))


def states(pattern: str) -> int:
    """Return the characters of a pattern with each repetition written out, of which its compilation is made."""
    return _states(_tree(pattern))


def _tree(pattern: str) -> Iterable[tuple[Any, Any]]:
    flags = "(?x)" if re.search(r"\(\?[a-z]*x", pattern) else ""
    plain = re.sub(r"\(\?-?[imsx]+\)", "", pattern.replace(r"\z", r"\Z"))
    plain = re.sub(r"\(\?[imsx]*(?:-[imsx]+)?:", "(?:", re.sub(r"\\x\{(\w\w)\}", r"\\x\1", plain))
    with warnings.catch_warnings(action="ignore", category=FutureWarning):
        tree: Iterable[tuple[Any, Any]] = parser.parse(flags + re.sub(r"\(\?<(?=\w)", "(?P<", plain))
    return tree


def _states(tree: Iterable[tuple[Any, Any]]) -> int:
    count = 0
    for op, value in tree:
        if op is ops.BRANCH:
            count += sum(map(_states, value[1]))
        elif op is ops.SUBPATTERN:
            count += _states(value[3])
        elif op in (ops.MAX_REPEAT, ops.MIN_REPEAT):
            least, most, repeated = value
            count += _states(repeated) * (max(least, 1) if most is ops.MAXREPEAT else most)
        else:
            count += op is not ops.AT
    return count


def parts(tree: Iterable[tuple[Any, Any]], choose: random.Random) -> Iterable[str]:
    for op, value in tree:
        if op is ops.LITERAL:
            yield chr(value)
        elif op in (ops.ANY, ops.NOT_LITERAL):
            yield choose.choice(string.ascii_letters)
        elif op is ops.IN:
            yield choose.choice(members(value))
        elif op is ops.BRANCH:
            yield from parts(choose.choice(value[1]), choose)
        elif op is ops.SUBPATTERN:
            yield from parts(value[3], choose)
        elif op in (ops.MAX_REPEAT, ops.MIN_REPEAT):
            least, most, repeated = value
            for _ in range(choose.randint(least, min(most, least + MOST))):
                yield from parts(repeated, choose)


def members(items: Sequence[tuple[Any, Any]]) -> str:
    named = {ops.LITERAL: chr, ops.CATEGORY: lambda value: CATEGORIES[value]}
    found = [named[op](value) for op, value in items if op in named]
    found += [chr(code) for op, value in items if op is ops.RANGE for code in range(value[0], value[1] + 1)]
    is_negated = items[0][0] is ops.NEGATE
    return ("".join(set(ANY).difference(*found)) or "ü") if is_negated else "".join(found)
