"""Files that are scanned although Git ignores them, and folders that never are: `token_files.toml`, read once."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from tokenward.catalog.home_files import file_tables, files_of
from tokenward.fast_dataclasses import dataclass
from tokenward.sources.patterns.gitignore import Patterns


@dataclass(frozen=True, slots=True)
class PrunedFolders:
    """Folders that are not entered; the comments in the table say when each applies."""

    always: frozenset[str]
    ignored: frozenset[str]
    markers: frozenset[str]
    inside: tuple[str, ...]
    below: dict[str, frozenset[str]]

    def contains(self, name: str, parent: str) -> bool:
        """Return whether a folder is never entered, even if Git tracks it; `parent` is its parent's own name."""
        return name in self.always or name in self.below.get(parent, ())


@cache
def token_kinds() -> Patterns:
    """Return the patterns of files that usually contain tokens."""
    return Patterns(token_patterns(), fold=True)


def token_patterns() -> list[str]:
    """Return the patterns of all kinds of files in the table, and of the files of tools and agents."""
    listed = [pattern for kind in _table()["kind"] for pattern in kind["patterns"]]
    for table in file_tables():
        homes = (one.path for group in table.get("home", ()) for one in files_of(group))
        # A pattern with `*` may mean files that no text is in.
        paths = [path for path in homes if path and "*" not in path]
        listed += table.get("scanned", [f"**/{path}" if "/" in path else path for path in paths])
    return listed


@cache
def pruned_folders() -> PrunedFolders:
    """Return the folders that are not entered."""
    row = _table()["folders"]
    below = {parent: frozenset(names) for parent, names in row["below"].items()}
    return PrunedFolders(
        always=frozenset(row["always"]),
        ignored=frozenset(row["ignored"]),
        markers=frozenset(row["markers"]),
        inside=tuple(row["inside"]),
        below=below,
    )


def _table() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("token_files.toml").read_text("utf-8"))
