"""Need: one of some literals, and a run of characters of some kind, without which a regex matches in no text."""

from __future__ import annotations

import re
import re._constants as op  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
import warnings
from collections.abc import Iterable
from itertools import product
from typing import Any, NamedTuple

KINDS = ("0-9a-f", "0-9a-z", "0-9a-z_\x80-\xff-", "!-\xff")
"""Sets of the bytes of which tokens consist, each within the next; letters are for both cases."""
OTHER = "\x80"
"""The literal for any text that is not ASCII."""
_MOST = 48
"""Literals of a part of a pattern, so that a set of characters does not become too many."""
_LARGEST_SET = 8
_FLAGS = re.compile(r"\(\?([a-z]*)(?:-[a-z]+)?([:)])")
_POSIX = re.compile(r"\[:\w+:\]")
_NESTED = re.compile(r"\[[^\]]*\[|&&|\(\?[a-z]*-[a-z]*u")


class Need(NamedTuple):
    """What a pattern needs in a text.

    Attributes:
        literals: one of these in lower case; empty if none is known.
        kind: the number of the set in KINDS.
        run: so many of its characters in a row.
    """

    literals: frozenset[str] = frozenset()
    kind: int = len(KINDS) - 1
    run: int = 0


class _Part(NamedTuple):
    """What a part of a pattern needs; `exact` are all texts that it matches, or None if they are too many."""

    exact: frozenset[str] | None
    need: Need = Need()


_EMPTY = frozenset([""])
_OF_WORDS = (op.CATEGORY_WORD, op.CATEGORY_DIGIT)
_WORD = (*b"0123456789abcdefghijklmnopqrstuvwxyz_", ord(OTHER))


def need_of(pattern: str) -> Need:
    """Return what a pattern of the engine needs; nothing if Python would understand it in another way."""
    plain = _POSIX.sub(r"\\w", pattern)
    if _NESTED.search(re.sub(r"\\.", "", plain)):
        return Need()
    verbose = re.VERBOSE if re.match(r"\s*\(\?[a-z]*x", plain) else 0
    # Neither case nor the other flags change the need.
    plain = _FLAGS.sub(lambda flags: "(?:" if flags[2] == ":" else "(?:)", plain.replace(r"\z", r"\Z"))
    try:
        with warnings.catch_warnings(action="error"):
            tree = parser.parse(re.sub(r"\(\?<(?=\w)", "(?P<", plain), verbose)
    except (re.error, OverflowError, Warning):
        return Need()
    return _whole(_in_a_row(tree))


def _in_a_row(tree: Iterable[tuple[Any, Any]]) -> _Part:
    exact, need, is_exact = _EMPTY, Need(), True
    for code, value in tree:
        part = _part(code, value)
        need = _both(need, part.need)
        if part.exact is not None and len(exact) * len(part.exact) <= _MOST:
            need = _both(need, _of(exact))
            exact = frozenset(map("".join, product(exact, part.exact)))
            continue
        is_exact = False
        need = _both(need, _of(exact))
        exact = _EMPTY if part.exact is None else part.exact
    return _Part(exact if is_exact else None, _both(need, _of(exact)))


def _part(code: Any, value: Any) -> _Part:
    if code is op.LITERAL:
        return _Part(_folded([value]))
    if code is op.IN:
        return _set(value)
    if code is op.SUBPATTERN:
        return _in_a_row(value[3])
    if code is op.BRANCH:
        return _one_of(map(_in_a_row, value[1]))
    if code in (op.MAX_REPEAT, op.MIN_REPEAT):
        return _repeated(*value)
    return _Part(_EMPTY if code in (op.AT, op.ASSERT, op.ASSERT_NOT) else None)


def _set(items: list[tuple[Any, Any]]) -> _Part:
    codes: list[int] = []
    for code, value in items:
        if code is op.NEGATE or (code is op.CATEGORY and value not in _OF_WORDS):
            return _Part(None)
        # Letters and digits of any script.
        codes += (
            [value] if code is op.LITERAL else _WORD if code is op.CATEGORY else range(value[0], value[1] + 1)
        )
    exact = _folded(codes)
    kinds = [kind for kind, chars in enumerate(KINDS) if all(re.match(f"[{chars}]", one) for one in exact)]
    return _Part(
        exact if len(exact) <= _LARGEST_SET else None, Need(kind=kinds[0], run=1) if kinds else Need()
    )


def _folded(codes: Iterable[int]) -> frozenset[str]:
    return frozenset(chr(code).lower() if code < 0x80 else OTHER for code in codes)


def _one_of(parts: Iterable[_Part]) -> _Part:
    parts = list(parts)
    exact = [part.exact for part in parts if part.exact is not None]
    needs = [_whole(part) for part in parts]
    literals = [need.literals for need in needs]
    return _Part(
        frozenset().union(*exact) if len(exact) == len(parts) else None,
        Need(
            frozenset().union(*literals) if all(literals) else frozenset(),
            max(need.kind for need in needs),
            min(need.run for need in needs),
        ),
    )


def _repeated(least: int, most: int, tree: Iterable[tuple[Any, Any]]) -> _Part:
    part = _in_a_row(tree)
    if part.exact is not None and most == 1:
        return part if least else _Part(part.exact | _EMPTY)
    if least == 0:
        return _Part(None)
    is_set = len(list(tree)) == 1 and part.need.run == 1
    return _Part(None, part.need._replace(run=least) if is_set else _whole(part))


def _whole(part: _Part) -> Need:
    return part.need if part.exact is None else _both(part.need, _of(part.exact))


def _of(exact: frozenset[str]) -> Need:
    return Need(frozenset(OTHER if OTHER in one else one for one in exact))


def _both(one: Need, other: Need) -> Need:
    """Return the better of what both need."""
    longest = max(one, other, key=lambda need: need.run - 4 * need.kind)
    return Need(max(one.literals, other.literals, key=_rarity), longest.kind, longest.run)


def _rarity(literals: frozenset[str]) -> tuple[int, int]:
    """Order literals; a longer one is in fewer texts."""
    return min((4 if OTHER in one else len(one) for one in literals), default=0), -len(literals)
