"""Project: what the files around a text say of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Project:
    """The project of a file, which is read only when a row asks.

    Attributes:
        is_bundled: returns whether the file is bundled for browsers or an app.
        code: returns the names and texts of the project's files with one of some suffixes.
        builds: returns the files that say how it is built, by their names, with their texts.
    """

    is_bundled: Callable[[], bool]
    code: Callable[[tuple[str, ...]], Iterable[tuple[str, str]]]
    builds: Callable[[], Mapping[str, str]] = dict


NO_PROJECT = Project(lambda: False, lambda _: ())
