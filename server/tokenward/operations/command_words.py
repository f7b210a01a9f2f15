"""Returns command lines and reasons for records, without any word that could be a token."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence

from tokenward.operations.programs import find_program
from tokenward.places import shown

LONGEST = 400
"""Characters."""
LEFT_OUT = "…"

_OPTION = re.compile(r"--[a-z][a-z-]{0,40}(?==|\Z)|-[A-Za-z]")
_WORD = re.compile(r"[a-z][a-z:-]{0,23}")
_PLAIN = re.compile(
    r"[\"'(]?(?:[A-Z]?[a-z]{1,20}(?:'[a-z])?(?:[A-Z][a-z]{1,12})?|[A-Z]{1,6}|[0-9]{1,4})[\"').,:;?!]*"
)
_MANY_LEFT_OUT = re.compile(f"{LEFT_OUT}(?: {LEFT_OUT})+")
_LONGEST_PATH = 200
_LONGEST_LINE = 10_000


def plain_words(text: str) -> str:
    """Return the plain words and small numbers of a text on one line, and `…` for everything else."""
    words = (word if _PLAIN.fullmatch(word) else LEFT_OUT for word in text[:_LONGEST_LINE].split())
    line = _MANY_LEFT_OUT.sub(LEFT_OUT, " ".join(words))
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}{LEFT_OUT}"


def command_words(command: Sequence[str]) -> str:
    """Return the program, option names, plain words and existing files, and `…` for everything else.

    A command cannot wait for a scanner to load, so everything that might be a token is left out.
    """
    parts = [shown(command[0])] if command else []
    follows_option = False
    for argument in command[1:]:
        option = _OPTION.match(argument)
        if option is not None:
            is_whole = option.end() == len(argument)
            parts.append(argument if is_whole else f"{option[0]}{LEFT_OUT}")
            follows_option = is_whole
        else:
            is_plain = not follows_option and _WORD.fullmatch(argument)
            parts.append(shown(argument) if is_plain or _is_file(argument) else LEFT_OUT)
            follows_option = False
    line = " ".join(word if word.endswith(LEFT_OUT) else shlex.quote(word) for word in parts)
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}{LEFT_OUT}"


def line_words(line: str) -> str:
    """Return the same for a typed line, whose first word need not be a program."""
    try:
        words = shlex.split(line[:_LONGEST_LINE])
    except ValueError:
        return LEFT_OUT
    if words and not (_WORD.fullmatch(words[0]) or _is_file(words[0]) or find_program(words[0])):
        words[0] = LEFT_OUT
    return command_words(words)


def _is_file(argument: str) -> bool:
    try:
        return len(argument) <= _LONGEST_PATH and os.path.lexists(argument)
    except ValueError:
        return False
