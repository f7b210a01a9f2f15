"""A labelled text: the input of scanners, and the tokens that they should find in it.

A text is written with its tokens marked. Marks may nest: the outermost is the token, and each inner one is
a part that counts just as well, such as the password of a connection string.
"""

from __future__ import annotations

from dataclasses import dataclass

OPEN, CLOSE = "\ue000", "\ue001"


@dataclass(frozen=True, slots=True)
class Token:
    """A token's position, in characters, and the reports that count as exact.

    Attributes:
        start: the first character of the whole token.
        end: one past its last character.
        values: the whole token first, then its equivalent parts.
    """

    start: int
    end: int
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """One file.

    Attributes:
        corpus: the corpus it belongs to.
        kind: the token's provider, or the kind of decoy, and the format.
        path: relative, with `/`.
        text: the text without marks.
        tokens: empty for a hard negative.
    """

    corpus: str
    kind: str
    path: str
    text: str
    tokens: tuple[Token, ...]


def mark(value: str) -> str:
    return f"{OPEN}{value}{CLOSE}"


def labelled(corpus: str, kind: str, path: str, marked: str) -> Sample:
    """Return the sample of a text with marks.

    Raises:
        ValueError: the marks are not balanced.
    """
    pieces: list[str] = []
    opened: list[int] = []
    inner: list[tuple[int, int]] = []
    tokens: list[tuple[int, int, list[tuple[int, int]]]] = []
    length = 0
    for character in marked:
        if character == OPEN:
            opened.append(length)
        elif character == CLOSE:
            if not opened:
                raise ValueError(f"A mark is closed that was not opened, in {kind}; pair the marks.")
            start = opened.pop()
            if opened:
                inner.append((start, length))
            else:
                tokens.append((start, length, inner))
                inner = []
        else:
            pieces.append(character)
            length += 1
    if opened:
        raise ValueError(f"A mark is open at the end, in {kind}; pair the marks.")
    text = "".join(pieces)
    return Sample(corpus, kind, path, text, tuple(_token(text, *found) for found in tokens))


def with_windows_lines(marked: str) -> str:
    return marked.replace("\n", "\r\n")


def _token(text: str, start: int, end: int, inner: list[tuple[int, int]]) -> Token:
    return Token(start, end, tuple(text[a:b] for a, b in [(start, end), *inner]))
