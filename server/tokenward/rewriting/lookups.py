"""Finds the environment variable that code reads at a place."""

from __future__ import annotations

import re

from tokenward.model import Span
from tokenward.rewriting.code.grammar import NAME
from tokenward.rewriting.code.table import CODE
from tokenward.rewriting.languages import Language

_AROUND = 400
"""Characters that are searched on either side, so that a long line costs no more than a short one."""
_SHELL = re.compile(rf"(?<!\\)\$(?:\{{[#!]?)?{NAME}")
_DIRENV = re.compile(rf"\$\(\s*tokenward\s+get\s+{NAME}")

_MAKE = (re.compile(rf"\$[({{]{NAME}[)}}]"), re.compile(rf"\$\$\{{?{NAME}"))

LOOKUPS: dict[str, tuple[re.Pattern[str], ...]] = {
    "shell": (_SHELL,),
    "batch": (re.compile(rf"(?<!%)%{NAME}(?::[^%\r\n]*)?%"),),
    "fish": (_SHELL,),
    "make": _MAKE,
    "chunks": (),
    "notebook": (),
    "terraform": (),
    **{syntax.grammar.name: tuple(map(re.compile, syntax.grammar.readings)) for syntax in CODE},
    "direnv": (_DIRENV, _SHELL),
}
"""Patterns by language; data files have none, and Terraform's variables have other names."""


def lookup_at(language: Language, line: str, column: int) -> tuple[Span, str] | None:
    """Return the variable whose name, in a lookup, is at a column, and the place of the name.

    Only the name counts: other parts, such as `os`, have definitions of their own.
    """
    start = max(0, column - _AROUND)
    for pattern in LOOKUPS.get(language.name, ()):
        for found in pattern.finditer(line, start, column + _AROUND):
            if found.start("name") <= column <= found.end("name"):
                return Span(*found.span("name")), found["name"]
    return None
