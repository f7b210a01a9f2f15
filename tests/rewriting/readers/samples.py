"""Files of readers, before and after a move; T0K is the token."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sample:
    """One file.

    Attributes:
        reader: the name of its row.
        path: of the file in its workspace.
        text: before the move.
        moved: after it.
        variable: the name of the reference in the test.
    """

    reader: str
    path: str
    text: str
    moved: str
    variable: str = "API_KEY"


@dataclass(frozen=True, slots=True)
class Refused:
    """One file whose token stays.

    Attributes:
        reader: the name of its row.
        path: of the file in its workspace.
        text: of the file.
        why: a part of the refusal.
        bundled: its package bundles the file.
    """

    reader: str
    path: str
    text: str
    why: str
    bundled: bool = False
