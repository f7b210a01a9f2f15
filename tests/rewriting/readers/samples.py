"""Files of readers, before and after a move; T0K is the token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tokenward.rewriting.readers.project import Project


@dataclass(frozen=True, slots=True)
class Sample:
    """One file.

    Attributes:
        reader: the name of its row.
        path: of the file in its workspace.
        text: before the move.
        moved: after it.
        variable: the name of the reference in the test.
        builds: the files by which its project is built.
    """

    reader: str
    path: str
    text: str
    moved: str
    variable: str = "API_KEY"
    builds: Mapping[str, str] = field(default_factory=dict)

    @property
    def project(self) -> Project:
        return Project(lambda: False, lambda _: (), lambda: self.builds)


@dataclass(frozen=True, slots=True)
class Refused:
    """One file whose token stays.

    Attributes:
        reader: the name of its row.
        path: of the file in its workspace.
        text: of the file.
        why: a part of the refusal.
        bundled: its package bundles the file.
        builds: the files by which its project is built.
    """

    reader: str
    path: str
    text: str
    why: str
    bundled: bool = False
    builds: Mapping[str, str] = field(default_factory=dict)

    @property
    def project(self) -> Project:
        return Project(lambda: self.bundled, lambda _: (), lambda: self.builds)
