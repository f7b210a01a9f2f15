"""A scan by several threads tells of files in the order of the walk, each once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import tokens
from desk import Desk
from tokenward.operations.file_scan import ScannedFile
from tokenward.operations.scan import CHUNK_FILES, scan_folders, walk_choice
from tokenward.sources.cache import ScanCache
from tokenward.sources.candidate import Candidate
from tokenward.sources.walk import walk


def never() -> bool:
    return False


def scanned(
    desk: Desk, *, cache: ScanCache | None = None, is_cancelled: Callable[[], bool] = never
) -> list[Path]:
    context, roots = desk.context, [desk.folder]
    results = scan_folders(
        context.scanner, roots, desk.settings, desk.places, cache=cache, is_cancelled=is_cancelled
    )
    return [result.path for result in results if isinstance(result, ScannedFile)]


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """Far more files than threads take at a time, some of which take far longer than others."""
    for number in range(6 * CHUNK_FILES):
        folder = desk.folder / f"part_{number % 7}"
        folder.mkdir(exist_ok=True)
        rest = "y = 1\n" * (40_000 if number % 50 == 0 else 1)
        folder.joinpath(f"m{number}.py").write_text(f'x = "{tokens.github(number)}"\n{rest}')
    return desk


@pytest.mark.parametrize("is_cached", [False, True])
def test_files_are_told_in_the_order_of_the_walk(filled: Desk, is_cached: bool) -> None:
    met = walk([filled.folder], walk_choice(filled.settings), never)
    walked = [one.path for one in met if isinstance(one, Candidate)]
    cache = ScanCache(filled.places.scan_cache) if is_cached else None
    assert scanned(filled, cache=cache) == walked
    assert len(set(walked)) == 6 * CHUNK_FILES


def test_a_cancelled_scan_ends(filled: Desk) -> None:
    assert scanned(filled, is_cancelled=lambda: True) == []


def test_a_folder_without_files_is_scanned_to_its_end(desk: Desk) -> None:
    assert scanned(desk) == []
