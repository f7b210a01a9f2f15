"""The transcripts of agents, editors and shells, by the `transcripts` of the catalog.

The search follows no link, and opens nothing but regular files.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path

from tokenward.catalog.rows import rows
from tokenward.operations.agents_protection.search_roots import SearchRoots
from tokenward.places import shown

MOST_FILES = 100_000
"""The most files of a kind that are read."""
_DEEPEST = 12
"""The most levels of folders that `**` descends."""
_BASE = re.compile(r"(?:\{[^}]*\}|~)(?=/)")
_SKIPPED = frozenset({".git", ".hg", ".jj", ".svn", "node_modules", ".venv", "venv", "__pycache__", "target"})
"""The folders that `**` skips in a workspace."""


class Format(StrEnum):
    """How a file is read and rewritten."""

    LINES = "JSON lines"
    JSON = "JSON"
    TEXT = "text"
    CHAT = "chat"
    """Text in which marks at the beginning of lines say who wrote them."""
    BINARY = "blocks"
    """Nothing may change its length."""
    SQLITE = "SQLite"


class Arrival(StrEnum):
    """How a token got into a transcript."""

    PASTED = "pasted by a person"
    READ = "read from a file"
    PRINTED = "printed by a tool"
    REPEATED = "repeated by the model"
    LEFT = "left by a program"


@dataclass(frozen=True, slots=True)
class TranscriptRow:
    """One kind of file.

    Attributes:
        agent: as the ledger names it; for other programs, their name.
        place: a pattern: `~/…`, `{VARIABLE|~/…}/…` where a variable moves it, otherwise in a workspace.
        origin: how tokens get there where the content does not say it.
        is_agent: a model reads or wrote it.
    """

    agent: str
    place: str
    format: Format
    origin: Arrival
    is_agent: bool


def _rows() -> Iterator[TranscriptRow]:
    for kind in ("agents", "tools"):
        for row in rows(kind).values():
            table = row.get("transcripts")
            if table is None:
                continue
            is_agent = kind == "agents" and table.get("is_agent", True)
            name = row.get("ledger_name", row["name"]) if is_agent else row["name"]
            for place, form, origin in table["places"]:
                yield TranscriptRow(name, place, Format[form], Arrival[origin], is_agent)


# A pattern of copies that an editor keeps fits files of another, whose length may not change.
ROWS = tuple(sorted(_rows(), key=lambda row: row.format is not Format.BINARY))


@dataclass(frozen=True, slots=True)
class TranscriptFile:
    """A regular file that belongs to the user."""

    row: TranscriptRow
    path: Path


def find_transcripts(
    roots: SearchRoots, skipped: list[str], rows: Iterable[TranscriptRow] = ROWS
) -> Iterator[TranscriptFile]:
    """Yield every file of some rows once, in the order of the table; add a sentence about each that is left out."""
    seen: set[Path] = set()
    for row in rows:
        base, parts = base_of(row, roots)
        if base is None or not base.is_dir():
            continue
        for number, path in enumerate(_below(base, parts, _DEEPEST, skipped)):
            if number == MOST_FILES:
                skipped.append(
                    f"There are more than {MOST_FILES:,} files of {row.agent}; the rest were not read."
                )
                break
            if path not in seen:
                seen.add(path)
                yield TranscriptFile(row, path)


def base_of(row: TranscriptRow, roots: SearchRoots) -> tuple[Path | None, list[str]]:
    """Return the folder that a row's pattern begins with, None if there is no workspace, and the parts after it."""
    found = _BASE.match(row.place)
    if found is None:
        return roots.workspace, row.place.split("/")
    return roots.path(found[0]), row.place[found.end() + 1 :].split("/")


def _below(folder: Path, parts: list[str], depth: int, skipped: list[str]) -> Iterator[Path]:
    part, rest = parts[0], parts[1:]
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError:
        entries = []
    for entry in entries:
        if part == "**":
            if depth and entry.is_dir(follow_symlinks=False) and entry.name not in _SKIPPED:
                yield from _below(Path(entry), parts, depth - 1, skipped)
        elif not fnmatchcase(entry.name, part) or (part == "*" and entry.name.startswith(".")):
            continue
        elif entry.is_symlink():
            skipped.append(f"{shown(entry.path)} is a link and was not followed.")
        elif rest and entry.is_dir(follow_symlinks=False):
            yield from _below(Path(entry), rest, depth, skipped)
        elif not rest and entry.is_file(follow_symlinks=False):
            yield Path(entry)
    if part == "**":
        yield from _below(folder, rest, depth, skipped)
