"""Home files: where tools keep what they log in with, the `files.home` of `tools/NAME.toml` and `agents/NAME.toml`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from tokenward.catalog.rows import rows
from tokenward.fast_dataclasses import dataclass

_ROAMING = "$APPDATA/"
_MOVED = re.compile(r"\{(\w+)(?:\|([^}]+))?\}(?:/(.*))?")


@dataclass(frozen=True, slots=True)
class HomeFile:
    """A file, or a pattern of files.

    Attributes:
        usual: where it is, `~/…` or `$APPDATA/…`; empty if only a variable names it.
        variable: names it or, with `inside`, its folder.
        reader: the name of the reader that knows where in it tokens are; empty for none.
        helpers: what `tokenward credential` answers for it.
        denied: it holds nothing but what agents must not read; of other files, hooks check what they read.
    """

    usual: str
    variable: str = ""
    inside: str = ""
    reader: str = ""
    helpers: Sequence[str] = ()
    denied: bool = True

    @property
    def path(self) -> str:
        """Return its path from the home folder; empty if it has none."""
        return self.usual.replace(_ROAMING, "~/AppData/Roaming/").removeprefix("~/")


def file_tables() -> Iterator[Mapping[str, Any]]:
    """Yield the `files` of each row."""
    return (row["files"] for kind in ("tools", "agents") for row in rows(kind).values() if "files" in row)


@cache
def home_files() -> Sequence[HomeFile]:
    """Return all of them."""
    return [one for table in file_tables() for group in table.get("home", ()) for one in files_of(group)]


def files_of(group: Mapping[str, Any]) -> Iterator[HomeFile]:
    """Yield the files of a table, whose places are as in `agents/NAME.toml`: `{VARIABLE|~/…}/…`."""
    other = {key: value for key, value in group.items() if key != "places"}
    for place in group["places"]:
        moved = _MOVED.fullmatch(place)
        variable, default, inside = moved.groups("") if moved else ("", place, "")
        usual = f"{default}/{inside}" if default and inside else default
        yield HomeFile(usual, variable, inside, **other)
