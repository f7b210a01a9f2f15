"""What is wrong with a file that somebody wrote for us or for another scanner."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one entry of a configuration file has no effect.

    Attributes:
        path: the file, relative to its workspace with `/`, or as the user named it.
        line: 0-based.
        sentence: what is wrong and what to do; never repeats what may be a token.
        is_note: all is as it was written, only somebody may expect it to have an effect.
    """

    path: str
    line: int
    sentence: str
    is_note: bool = False

    def __str__(self) -> str:
        return f"{self.path}:{self.line + 1}: {self.sentence}"
