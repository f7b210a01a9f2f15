"""The cache returns results for the same file and rules only, holds no value, and never causes a failure."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

import pytest

import tokens
from tokenward.detection.engine import Detector
from tokenward.findings.scan import Scanner
from tokenward.model import Claims, FilePlace, Finding, Fingerprint, IgnoredDetection, Point
from tokenward.sources.cache import cache as module
from tokenward.sources.cache.cache import DAYS_KEPT, DAYS_UNTOUCHED, EMPTY_ROW, CacheRow, ScanCache
from tokenward.sources.candidate import Identity
from tokenward.sources.is_text import NoTextKind

posix = pytest.mark.skipif(os.name == "nt", reason="POSIX modes and links")
FILE = Identity(1, 2, 300, 10**18, 10**18 + 1, "src/é.py")
FINDINGS = (
    Finding(
        "kingfisher.github.1",
        "GitHub",
        "token (ghp_…, 40 characters)",
        Point(1, 2),
        Point(1, 42),
        Fingerprint("a" * 32),
        claims=Claims(1, 2, (("issuer", "é"), ("audience", "b")), checksum=True),
        traces=(Fingerprint("c" * 32), Fingerprint("d" * 32)),
    ),
    Finding("x", "X", "key (3 characters)", Point(5, 0), Point(7, 1), Fingerprint("b" * 32), whole=False),
)
SILENCED = (
    IgnoredDetection("src/é.py", 3, "kingfisher.github.1", ".tokenwardignore:2"),
    IgnoredDetection("a\udcff\n.py", 0, "x", "a comment"),
)
KEPT = CacheRow(FINDINGS, SILENCED)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "scans.db"


def known(cache: ScanCache, file: Identity, rules: str = "rules") -> CacheRow | None:
    """Return what is known of a file that was scanned by itself."""
    (row,) = cache.rows([file], rules)
    return row


def put(cache: ScanCache, file: Identity, row: CacheRow) -> None:
    cache.put(file, "rules", [file], [row])


def keep(path: Path, *identities: Identity, kept: CacheRow = KEPT) -> None:
    cache = ScanCache(path)
    for identity in identities or (FILE,):
        put(cache, identity, kept)
    cache.save()


UNREAD = [CacheRow(unread=kind) for kind in NoTextKind]


@pytest.mark.parametrize("kept", [CacheRow(), CacheRow(FINDINGS), CacheRow((), SILENCED), KEPT, *UNREAD])
def test_what_was_found_and_silenced_comes_back_after_a_restart(path: Path, kept: CacheRow) -> None:
    keep(path, kept=kept)
    assert known(ScanCache(path), FILE) == kept


def test_what_was_put_comes_back_before_it_is_saved(path: Path) -> None:
    cache = ScanCache(path)
    assert known(cache, FILE) is None
    put(cache, FILE, KEPT)
    assert known(cache, FILE) == KEPT
    put(cache, FILE, CacheRow())
    assert known(cache, FILE) == CacheRow()


OTHERS = {
    "inode": 3,
    "size": 301,
    "mtime_ns": 10**18 + 1,
    "ctime_ns": 10**18,
    "name": "yarn.lock",
}


@pytest.mark.parametrize("field", OTHERS)
def test_a_file_that_differs_in_anything_is_another(path: Path, field: str) -> None:
    keep(path)
    assert known(ScanCache(path), FILE._replace(**{field: OTHERS[field]})) is None  # type: ignore[arg-type]


def test_other_rules_make_it_another_scan(path: Path) -> None:
    keep(path)
    assert known(ScanCache(path), FILE, "other rules") is None


def test_another_version_of_tokenward_makes_it_another_scan(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(path)
    monkeypatch.setattr(module, "__version__", "99")
    assert known(ScanCache(path), FILE) is None


def test_a_changed_file_takes_its_old_place(path: Path) -> None:
    for size in range(50):
        keep(path, FILE._replace(size=size))
    with sqlite3.connect(path) as connection:
        assert connection.execute(f"SELECT count(*) FROM {module._TABLE}").fetchone() == (1,)


def test_few_digests_are_computed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache, files = ScanCache(path), [FILE._replace(inode=number) for number in range(40)]
    put(cache, FILE._replace(inode=1), KEPT)  # Hashes the rules.
    digests: list[bytes] = []

    def counted(state: bytes, *, digest_size: int) -> object:
        digests.append(state)
        return blake2b(state, digest_size=digest_size)

    monkeypatch.setattr(module, "blake2b", counted)
    assert cache.rows(files, "rules") == [None] * 40
    assert not digests
    cache.put(files[0], "rules", files, [EMPTY_ROW] * 40)
    assert len(digests) == 3
    assert cache.rows(files, "rules") == [EMPTY_ROW] * 40
    assert len(digests) == 6


def test_two_processes_keep_what_both_found(path: Path) -> None:
    one, other = ScanCache(path), ScanCache(path)
    assert known(one, FILE) is known(other, FILE) is None
    put(one, FILE, KEPT)
    put(other, FILE._replace(inode=9), CacheRow())
    one.save()
    other.save()
    assert known(ScanCache(path), FILE) == KEPT
    assert known(ScanCache(path), FILE._replace(inode=9)) == CacheRow()


def test_threads_share_a_cache(path: Path) -> None:
    cache = ScanCache(path)
    files = [[FILE._replace(inode=100 * thread + n) for n in range(100)] for thread in range(8)]

    def use(mine: list[Identity]) -> None:
        for identity in mine:
            put(cache, identity, KEPT)
            cache.save()

    threads = [threading.Thread(target=use, args=(mine,)) for mine in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    again = ScanCache(path)
    assert all(known(again, identity) == KEPT for mine in files for identity in mine)


def days_later(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    now = time.time()
    monkeypatch.setattr("tokenward.sources.cache.cache.time.time", lambda: now + 86_400 * days)


def test_what_no_scan_has_met_for_long_is_forgotten(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = FILE._replace(inode=9)
    keep(path, FILE, other)
    days_later(monkeypatch, DAYS_UNTOUCHED)
    again = ScanCache(path)
    assert known(again, FILE) == KEPT
    again.save()
    days_later(monkeypatch, DAYS_KEPT - 1)
    keep(path, FILE._replace(inode=10))
    assert known(ScanCache(path), FILE) == KEPT
    assert known(ScanCache(path), other) is None


def test_only_so_many_results_are_kept(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ENTRIES", 10)
    keep(path, *(FILE._replace(inode=number) for number in range(25)))
    with sqlite3.connect(path) as connection:
        assert connection.execute(f"SELECT count(*) FROM {module._TABLE}").fetchone() == (10,)


DAMAGED = {
    "no database": b"no database at all" * 100,
    "empty": b"",
    "cut": None,
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_file_is_replaced_silently(path: Path, damage: str) -> None:
    keep(path, *(FILE._replace(inode=number) for number in range(2_000)))
    content = DAMAGED[damage]
    path.write_bytes(path.read_bytes()[:5_000] if content is None else content)
    assert known(ScanCache(path), FILE) is None
    keep(path)
    assert known(ScanCache(path), FILE) == KEPT


ODD_ROWS = [
    "not json",
    '[[{"rule": 1}], []]',
    '[[{"unknown": 1}], []]',
    "[[], [1]]",
    "[[], [[1]]]",
    '{"a": 1}',
    "7",
]


@pytest.mark.parametrize("row", ODD_ROWS)
def test_a_result_that_makes_no_sense_counts_as_none(path: Path, row: str) -> None:
    keep(path)
    with sqlite3.connect(path) as connection:
        connection.execute(f"UPDATE {module._TABLE} SET kept = ?", (row,))
    assert known(ScanCache(path), FILE) is None


FILES = [
    FILE._replace(inode=16),
    FILE._replace(inode=32, name="b.py", size=5),
    FILE._replace(inode=48, name="c.png"),
    FILE._replace(inode=64, name="d.py", size=7),
]
"""Each shares its digest with none of the others."""
KEPT_OF_ALL = [KEPT, EMPTY_ROW, UNREAD[0], EMPTY_ROW]


def keep_group(path: Path) -> None:
    cache = ScanCache(path)
    cache.put(FILES[0], "rules", FILES, KEPT_OF_ALL)
    cache.save()


def test_what_is_known_of_several_files_comes_back_for_those_that_are_the_same(path: Path) -> None:
    keep_group(path)
    again = ScanCache(path)
    assert again.rows(FILES, "rules") == KEPT_OF_ALL
    assert again.rows(FILES[:-1], "rules") == KEPT_OF_ALL[:-1]
    assert again.rows([FILES[0], *FILES[:0:-1]], "rules") == [KEPT, *KEPT_OF_ALL[:0:-1]]
    assert again.rows(FILES[1:], "rules") == [None] * 3
    assert again.rows(FILES, "other rules") == [None] * 4
    new = FILE._replace(inode=80)
    assert again.rows([FILES[0], new, *FILES[1:]], "rules") == [KEPT, None, *KEPT_OF_ALL[1:]]
    for number, file in enumerate(FILES[1:], 1):
        for changed in (file._replace(size=9), file._replace(ctime_ns=9), file._replace(name="other")):
            left = [*KEPT_OF_ALL[:number], None, *KEPT_OF_ALL[number + 1 :]]
            assert again.rows([*FILES[:number], changed, *FILES[number + 1 :]], "rules") == left


def test_files_with_one_digest_are_read_again_together(path: Path) -> None:
    cache = ScanCache(path)
    files = [file._replace(inode=16 + number) for number, file in enumerate(FILES)]
    cache.put(files[0], "rules", files, KEPT_OF_ALL)
    assert cache.rows(files, "rules") == KEPT_OF_ALL
    assert cache.rows([*files[:-1], files[-1]._replace(size=9)], "rules") == [None] * 4


def test_a_group_lacks_what_may_still_change(path: Path) -> None:
    cache = ScanCache(path)
    cache.put(FILES[0], "rules", FILES[1:], KEPT_OF_ALL[1:])
    assert cache.rows(FILES, "rules") == [None, *KEPT_OF_ALL[1:]]


@pytest.mark.parametrize(
    "row",
    [*ODD_ROWS, "[1, {}]", '{"0": {"0": "null"}}', '{"0": {"0": "7"}}', '{"0": {"x": ""}}', '{"0": 1}'],
)
def test_a_group_that_makes_no_sense_counts_as_none(path: Path, row: str) -> None:
    keep_group(path)
    with sqlite3.connect(path) as connection:
        connection.execute(f"UPDATE {module._TABLE} SET kept = ?", (row,))
    assert ScanCache(path).rows(FILES, "rules") == [None] * 4


@pytest.mark.parametrize("number", ["1", "-1"])
def test_a_result_of_no_file_counts_as_none(path: Path, number: str) -> None:
    keep(path)
    with sqlite3.connect(path) as connection:
        change = f"UPDATE {module._TABLE} SET kept = replace(kept, '\"0\":', ?)"
        connection.execute(change, (f'"{number}":',))
        query = f"SELECT kept LIKE ? FROM {module._TABLE}"
        assert connection.execute(query, (f'%"{number}":%',)).fetchone() == (1,)
    assert known(ScanCache(path), FILE) is None


def test_two_versions_keep_what_each_knows_until_one_is_not_used_any_more(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(path)
    for table in ("files_11", module._TABLE, "files_11"):
        monkeypatch.setattr(module, "_TABLE", table)
        keep(path)
        assert known(ScanCache(path), FILE) == KEPT
    monkeypatch.undo()
    assert known(ScanCache(path), FILE) == KEPT
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE files_11 SET seen = seen - ?", (DAYS_KEPT + 1,))
    keep(path)
    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    assert found == [(module._TABLE,)]
    assert known(ScanCache(path), FILE) == KEPT


def test_a_file_in_use_is_waited_for_no_longer_than_it_is_worth(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(path)
    monkeypatch.setattr(module, "BUSY_SECONDS", 0.05)
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        cache = ScanCache(path)
        put(cache, FILE._replace(inode=9), CacheRow())
        cache.save()
        connection.execute("ROLLBACK")
    cache.save()
    assert known(ScanCache(path), FILE) == KEPT
    assert known(ScanCache(path), FILE._replace(inode=9)) == CacheRow()


@posix
def test_only_its_user_can_read_it(path: Path) -> None:
    before = os.umask(0)
    try:
        keep(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    keep(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@posix
def test_a_link_in_its_place_is_neither_read_nor_written(path: Path, tmp_path: Path) -> None:
    keep(tmp_path / "elsewhere.db")
    before = (tmp_path / "elsewhere.db").read_bytes()
    path.parent.mkdir()
    path.symlink_to(tmp_path / "elsewhere.db")
    cache = ScanCache(path)
    assert known(cache, FILE) is None
    put(cache, FILE, CacheRow())
    cache.save()
    assert (tmp_path / "elsewhere.db").read_bytes() == before


@pytest.mark.parametrize("place", ["folder", "under a file"])
def test_a_place_that_cannot_be_used_is_in_nobodys_way(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("x")
    cache = ScanCache(tmp_path if place == "folder" else tmp_path / "file" / "scans.db")
    assert known(cache, FILE) is None
    put(cache, FILE, KEPT)
    cache.save()
    assert known(cache, FILE) == KEPT


def test_a_process_that_dies_while_it_saves_leaves_the_old_or_the_new(path: Path) -> None:
    keep(path)
    code = (
        "import sys, threading, os\n"
        "from pathlib import Path\n"
        "from tokenward.sources.cache.cache import EMPTY_ROW, ScanCache\n"
        "from tokenward.sources.candidate import Identity\n"
        "cache = ScanCache(Path(sys.argv[1]))\n"
        "files = [Identity(1, n + 100, 1, 1, 1, 'x') for n in range(9_000)]\n"
        "for file in files: cache.put(file, 'rules', [file], [EMPTY_ROW])\n"
        "threading.Timer(float(sys.argv[2]), os._exit, (1,)).start()\n"
        "cache.save()\n"
    )
    for seconds in ("0.01", "0.03", "0.06", "0.1"):
        ended = subprocess.run(
            [sys.executable, "-c", code, str(path), seconds], check=False, stderr=subprocess.PIPE, timeout=60
        )
        assert not ended.stderr
        assert known(ScanCache(path), FILE) == KEPT


def test_no_value_is_kept(path: Path, detector: Detector) -> None:
    scanner = Scanner(detector, lambda value: Fingerprint(f"{len(value):032}"))
    values = [maker("cache") for maker in tokens.ONE_LINE_MAKERS.values()]
    findings = scanner.scan_text("\n".join(f'key = "{value}"' for value in values), "a.py")
    assert len(findings) >= len(values) - 1
    cache = ScanCache(path)
    put(cache, FILE, CacheRow(findings))
    cache.save()
    assert known(ScanCache(path), FILE) == CacheRow(findings)
    content = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert content
    assert [value for value in values if value[12:].encode() in content] == []


def test_every_field_of_a_finding_is_kept(path: Path) -> None:
    odd = replace(
        FINDINGS[0], rule="é\n'\"", label="\u2028", start=Point(10**6, 7), place=FilePlace(1, 2, 3, 4, 5, 6)
    )
    keep(path, kept=CacheRow((odd,)))
    assert known(ScanCache(path), FILE) == CacheRow((odd,))
