"""An unchanged file is not read again, whether its findings are reported or ignored."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

import tokens
from desk import Desk
from tokenward.detection.custom.workspace import read_local
from tokenward.detection.suppress.ignore_file import IGNORE_FILE, IgnoreFile, NewIgnoreEntry
from tokenward.model import Secret
from tokenward.operations.scan import file_scan
from tokenward.operations.scan.file_scan import FileScanner, ScannedFile
from tokenward.operations.scan.workspace_rules import RootRules
from tokenward.sources import safe_read
from tokenward.sources.cache.cache import ScanCache
from tokenward.sources.candidate import Candidate

LAST_DAY = date.today() + timedelta(30)  # noqa: DTZ011 - as the rules are read by
"""Of an entry; far enough for a run over midnight."""
TEXTS = {
    "found": f'x = "{tokens.github()}"\n',
    "a comment": f'x = "{tokens.github()}"  # tokenward:ignore\n',
    "both": f'x = "{tokens.github()}"  # gitleaks:allow\ny = "{tokens.npm()}"\n',
    "an entry": f'x = 1\ny = "{tokens.stripe()}"\n',
    "nothing": "x = 1\n",
}


@pytest.fixture(autouse=True)
def _settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cache files of any age."""
    monkeypatch.setattr(safe_read, "SETTLED_NS", -60 * 10**9)


def scanner(desk: Desk) -> FileScanner:
    """Return a scanner like that of a new process."""
    context = desk.context
    rules = RootRules(context.scanner, desk.settings, desk.places)
    return FileScanner(context.scanner, rules, 10**6, ScanCache(desk.places.scan_cache))


def scanned(files: FileScanner, candidate: Candidate) -> ScannedFile | None:
    result = next(iter(files.scan([candidate])), None)
    assert files.cache is not None
    files.cache.save()
    assert result is None or isinstance(result, ScannedFile)
    return result


def candidate(path: Path) -> Candidate:
    return Candidate.of(str(path.parent), path.lstat(), path.name)


def allow_stripe(desk: Desk, until: date | None = None) -> None:
    addition = NewIgnoreEntry(
        Secret(tokens.stripe()), "betterleaks.stripe-access-token", "a.py", "why", until
    )
    text, _ = IgnoreFile("", ()).with_entries([addition])
    desk.folder.joinpath(IGNORE_FILE).write_text(text)


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_known_of_a_file_is_told_without_reading_it(desk: Desk, text: str) -> None:
    allow_stripe(desk, LAST_DAY)
    path = desk.folder / "a.py"
    path.write_text(TEXTS[text])
    seen = candidate(path)
    first = scanned(scanner(desk), seen)
    # A second read would fail.
    path.unlink()
    assert first is not None
    assert scanned(scanner(desk), seen) == first
    assert bool(first.silenced) == (text in {"a comment", "both", "an entry"})
    assert bool(first.findings) == (text in {"found", "both"})


def test_a_result_that_is_too_large_is_not_cached(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    path = desk.folder / "a.py"
    path.write_text("".join(f"t = '{tokens.github(number)}'\n" for number in range(2)))
    for most, reads in ((2, 0), (1, 1)):
        monkeypatch.setattr(file_scan, "MOST_CACHED", most)
        desk.places.scan_cache.unlink(missing_ok=True)
        first = scanned(scanner(desk), candidate(path))
        read: list[Candidate] = []
        monkeypatch.setattr(file_scan, "read_content", lambda seen, _, read=read: read.append(seen))
        assert (scanned(scanner(desk), candidate(path)) == first, len(read)) == (not reads, reads)
        monkeypatch.undo()
        monkeypatch.setattr(safe_read, "SETTLED_NS", -60 * 10**9)


def test_another_ignore_file_makes_every_file_be_read_again(desk: Desk) -> None:
    path = desk.folder / "a.py"
    path.write_text(TEXTS["an entry"])
    first = scanned(scanner(desk), candidate(path))
    allow_stripe(desk)
    second = scanned(scanner(desk), candidate(path))
    assert first is not None
    assert second is not None
    assert (len(first.findings), len(first.silenced)) == (1, 0)
    assert (len(second.findings), len(second.silenced)) == (0, 1)


def test_what_an_entry_silenced_while_it_held_is_found_after_its_day(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow_stripe(desk, LAST_DAY)
    monkeypatch.setitem(read_local.__kwdefaults__, "today", lambda: LAST_DAY)
    path = desk.folder / "a.py"
    path.write_text(TEXTS["an entry"])
    first = scanned(scanner(desk), candidate(path))
    assert first is not None
    assert len(first.silenced) == 1

    monkeypatch.setitem(read_local.__kwdefaults__, "today", lambda: LAST_DAY + timedelta(1))
    second = scanned(scanner(desk), candidate(path))
    assert second is not None
    assert (len(second.findings), len(second.silenced)) == (1, 0)
