"""Names of settings and variables, in the spelling of each format."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from corpora.draw import Draw

Words = Sequence[str]
"""A name in lower-case words: `("jwt", "secret")`."""


def upper_snake(words: Words) -> str:
    return "_".join(words).upper()


def snake(words: Words) -> str:
    return "_".join(words)


def kebab(words: Words) -> str:
    return "-".join(words)


def dotted(words: Words) -> str:
    return ".".join(words)


def pascal(words: Words) -> str:
    return "".join(word[:1].upper() + word[1:] for word in words)


def camel(words: Words) -> str:
    return words[0] + pascal(words[1:])


Style = Callable[[Words], str]
CODE: tuple[Style, ...] = (snake, camel, upper_snake)
DATA: tuple[Style, ...] = (snake, camel, kebab, upper_snake)


def spelled(draw: Draw, words: Words, styles: Sequence[Style]) -> str:
    return draw.one(styles)(words)
