"""The files that Kustomize reads for a folder, which `run` copies to fill the references in them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from tokenward.errors import EditRefused, TokenwardError
from tokenward.places import shown
from tokenward.sources.editable_file import read_any_text

MOST_FILES = 1_000
"""The most files that are copied."""
_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_SUFFIXES = (".yaml", ".yml", "Kustomization")
_WORDS = re.compile(r"\"([^\"\n]+)\"|'([^'\n]+)'|([^\s\"'=,\[\]{}]+)")
_LONGEST = 250
"""The most characters of a word that may be a path."""
_MOST_CHARACTERS = 200_000
"""Characters of a file that are searched for paths."""


def is_kustomization(folder: Path) -> bool:
    """Return whether Kustomize builds a folder."""
    return any(map(_is_file, (folder / name for name in _NAMES)))


def kustomized_files(folder: Path) -> list[Path]:
    """Return the files that a folder's kustomization and those that it names may read, the folder's own first.

    Each word that is a path counts, since a file too many does no harm. Only one more than MOST_FILES are returned.
    """
    found: dict[Path, None] = {}
    waiting, known = [folder], {folder}
    while waiting and len(found) <= MOST_FILES:
        for path in _read_in(waiting.pop(0)):
            if path.is_dir() and path not in known:
                known.add(path)
                waiting.append(path)
            elif _is_file(path):
                found[path] = None
    return [*found][: MOST_FILES + 1]


def require_copyable(paths: Sequence[Path]) -> None:
    """Raise unless Kustomize reads a copy of its files as it reads the files.

    Raises:
        TokenwardError: there are too many, or one is a link, which Kustomize may follow only to some places.
    """
    if len(paths) > MOST_FILES:
        raise TokenwardError(
            f"The kustomization in {shown(paths[0].parent)} reads more than {MOST_FILES:,} files, too many to copy "
            "for their tokens; build a smaller one."
        )
    if link := next((path for path in paths if os.path.realpath(path) != str(path)), None):
        raise TokenwardError(
            f"There is a link in the path {shown(link)}, so Kustomize cannot get it with tokens; replace it by what it "
            "leads to."
        )


def _read_in(base: Path) -> Iterator[Path]:
    """Yield the files and the folders with kustomizations that those of a folder may name."""
    waiting = [*filter(_is_file, (base / name for name in _NAMES))]
    known = set(waiting)
    while waiting:
        path = waiting.pop(0)
        yield path
        text = ""
        if path.name.endswith(_SUFFIXES):
            with suppress(EditRefused):
                text = (read_any_text(path) or "")[:_MOST_CHARACTERS]
        if "helmCharts" in text:
            yield from sorted(islice(base.joinpath("charts").rglob("*"), MOST_FILES + 1))
        for groups in _WORDS.findall(text):
            word = next(filter(None, groups))
            # Paths in generators' files are relative to the kustomization too.
            named = Path(os.path.normpath(base / word))
            if len(word) > _LONGEST or os.path.isabs(word) or "\0" in word or named in known:  # noqa: PTH117
                continue
            known.add(named)
            if _is_file(named):
                waiting.append(named)
            elif is_kustomization(named):
                yield named


def _is_file(path: Path) -> bool:
    # Unlike its method, this never raises.
    return os.path.isfile(path)  # noqa: PTH113
