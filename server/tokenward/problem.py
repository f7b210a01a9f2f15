"""A problem in a configuration of ours or of another scanner."""

from __future__ import annotations

from tokenward.fast_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one setting, or one entry of a configuration file, has no effect.

    Attributes:
        path: the file, relative to its workspace with `/` or as the user named it; or another source of the setting.
        line: 0-based; 0 for a setting.
        sentence: what is wrong and what to do; never repeats what may be a token.
        is_note: the entry is correct, but a user may expect it to have an effect.
        key: of the setting, unless it is unknown and could be a token.
    """

    path: str
    line: int
    sentence: str
    is_note: bool = False
    key: str | None = None

    def __str__(self) -> str:
        return f"{self.path}:{self.line + 1}: {self.sentence}"
