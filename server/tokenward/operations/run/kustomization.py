"""The files that Kustomize reads for a folder, which `run` copies to fill the references in them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from tokenward.errors import TokenwardError
from tokenward.places import shown
from tokenward.sources.editable_file import text_if_readable

MOST_FILES = 1_000
"""The most files that are copied."""
_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_SUFFIXES = (".yaml", ".yml", "Kustomization")
_WORDS = re.compile(r"\"([^\"\n]+)\"|'([^'\n]+)'|([^\s\"'=,\[\]{}]+)")
_LONGEST = 250
"""The most characters of a word that may be a path."""
_MOST_CHARACTERS = 200_000
"""Characters of a file that are searched for paths."""
_MOST_IN_ALL = 5_000_000
"""Characters of all files."""


def is_kustomization(folder: Path) -> bool:
    """Return whether Kustomize builds a folder."""
    return any(map(_is_file, (folder / name for name in _NAMES)))


class KustomizedFiles(NamedTuple):
    """The files that Kustomize may read for a folder, its kustomization first; `is_whole` unless they are too many."""

    paths: list[Path]
    is_whole: bool

    def require_copyable(self) -> None:
        """Raise unless Kustomize reads a copy of the files as it reads the files.

        Raises:
            TokenwardError: there are too many, or one is a link, which Kustomize may follow only to some places.
        """
        if not self.is_whole:
            raise TokenwardError(
                f"The kustomization in {shown(self.paths[0].parent)} reads too many files to copy for their tokens, "
                f"more than {MOST_FILES:,} or very large ones; build a smaller one."
            )
        if link := next((path for path in self.paths if os.path.realpath(path) != str(path)), None):
            raise TokenwardError(
                f"There is a link in the path {shown(link)}, so Kustomize cannot get it with tokens; replace it by "
                "what it leads to."
            )


def kustomized_files(folder: Path) -> KustomizedFiles:
    """Return the files that a folder's kustomization and those that it names may read.

    Each word that is a path counts, since a file too many does no harm.
    """
    found: dict[Path, int] = {}
    waiting, known = [folder], {folder}
    while waiting:
        for path, size in _read_in(waiting.pop(0)):
            if path.is_dir() and path not in known:
                known.add(path)
                waiting.append(path)
            elif _is_file(path):
                found[path] = size
            if max(len(found), len(known)) > MOST_FILES or sum(found.values()) > _MOST_IN_ALL:
                return KustomizedFiles([*found], is_whole=False)
    return KustomizedFiles([*found], is_whole=True)


def _read_in(base: Path) -> Iterator[tuple[Path, int]]:
    """Yield the files and the folders with kustomizations that those of a folder may name.

    With each go the characters that are searched.
    """
    waiting = [*filter(_is_file, (base / name for name in _NAMES))]
    known = set(map(str, waiting))
    while waiting:
        path = waiting.pop(0)
        text = text_if_readable(path)[:_MOST_CHARACTERS] if path.name.endswith(_SUFFIXES) else ""
        yield path, len(text)
        if "helmCharts" in text:
            yield from (
                (one, 0) for one in sorted(islice(base.joinpath("charts").rglob("*"), MOST_FILES + 1))
            )
        for groups in _WORDS.findall(text):
            word = next(filter(None, groups))
            if len(word) > _LONGEST or word[0] == "/" or "\0" in word:
                continue
            # Paths in generators' files are relative to the kustomization too.
            named = os.path.normpath(f"{base}/{word}")
            if named in known:
                continue
            known.add(named)
            if _is_file(named):
                waiting.append(Path(named))
            elif os.path.isdir(named) and is_kustomization(Path(named)):  # noqa: PTH112 - it takes any name
                yield Path(named), 0


def _is_file(path: Path | str) -> bool:
    # Unlike its method, this never raises.
    return os.path.isfile(path)  # noqa: PTH113
