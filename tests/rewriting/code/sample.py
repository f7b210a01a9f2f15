"""Samples: what a move leaves in one language of code, as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Toolchain:
    """How to run a program.

    Attributes:
        tool: must be on PATH.
        commands: are run one after the other in the program's folder; `FILE` is the file's name.
        environment: what they need beside the variable.
    """

    tool: str
    commands: Sequence[Sequence[str]]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Samples:
    """One language.

    Attributes:
        language: the name of its row.
        file: a file's name.
        lookup: what takes a token's place, with `NAME` for the variable.
        moved: sources with `T0K` for the token, and what a move leaves; `E` is the lookup, `R` the reference.
        refused: sources whose token cannot be moved, and a part of the words that say why.
        named: sources whose token gets the name API_KEY.
        readings: ways to read the variable API_KEY that lead to its assignment.
        program: prints the SHA-256 of values that it makes of `T0K`, one a line, in hexadecimal digits.
        toolchain: runs it.
    """

    language: str
    file: str
    lookup: str
    moved: Sequence[tuple[str, str]]
    refused: Sequence[tuple[str, str]]
    named: Sequence[str]
    readings: Sequence[str]
    program: str
    toolchain: Toolchain
