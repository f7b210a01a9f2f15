"""A bound folder is recognised after a rename, and another folder in its place is not mistaken for it."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenward.custody.bindings.bindings import Bindings, BindingState
from tokenward.custody.bindings.folder_identity import MARK, FolderIdentity, give_identity, identity_of
from tokenward.custody.ledger.events import Event
from tokenward.custody.ledger.ledger import Ledger
from tokenward.errors import StateDamaged, WorkspaceElsewhere
from tokenward.model import Reference

linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems keep a folder's time of birth")
REFERENCE = Reference("acme", "GITHUB_TOKEN")
BEFORE = "belongs to the folder that was here before this one; .* run `tokenward bind acme` there"


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "data" / "ledger.db")


@pytest.fixture
def bindings(tmp_path: Path, ledger: Ledger) -> Bindings:
    return Bindings(tmp_path / "data" / "custody.db", ledger)


@pytest.fixture
def folder(tmp_path: Path, bindings: Bindings) -> Path:
    """The folder that `acme` belongs to."""
    folder = make(tmp_path / "acme")
    if give_identity(folder) is None:
        pytest.skip("this file system keeps nothing that a folder is known by")
    bindings.claim(folder, "acme")
    return folder


def make(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def assert_gets_nothing(bindings: Bindings, folder: Path, why: str = "belongs to") -> None:
    with pytest.raises(WorkspaceElsewhere, match=why):
        bindings.check(REFERENCE, folder)
    assert bindings.name_of(folder) is None
    assert bindings.enclosing(folder / "src") is None


def assert_is_bound(bindings: Bindings, folder: Path) -> None:
    bindings.check(REFERENCE, folder)
    assert bindings.name_of(folder) == "acme"
    assert bindings.claim(folder, "other") == "acme"
    assert bindings.workspace_root(folder / "src" / "app.py") == folder.resolve()
    assert bindings.root_within(folder / "src" / "app.py", folder.parent) == folder.resolve()


def test_a_renamed_folder_keeps_its_name_and_the_record_follows(
    bindings: Bindings, ledger: Ledger, folder: Path, tmp_path: Path
) -> None:
    moved = folder.rename(make(tmp_path / "deep") / "renamed")
    assert_is_bound(bindings, moved)
    assert bindings.folder_of("acme") == moved.resolve()
    (told,) = ledger.records()
    assert (told.event, told.origin) == (Event.BOUND, str(moved.resolve()))
    assert (told.detail["workspace"], told.detail["from"]) == ("acme", str(folder))
    assert f"({os.getpid()})" in str(told.detail["parents"])


def test_a_renamed_folder_is_found_from_inside(bindings: Bindings, folder: Path, tmp_path: Path) -> None:
    inner = make(folder / "src" / "lib")
    folder.rename(tmp_path / "moved")
    found = bindings.enclosing(tmp_path / "moved" / inner.relative_to(folder) / "app.py")
    assert found is not None
    assert (found.name, found.folder) == ("acme", (tmp_path / "moved").resolve())


def test_without_a_ledger_nothing_is_written_and_the_folder_is_known_all_the_same(
    bindings: Bindings, folder: Path, tmp_path: Path
) -> None:
    moved = folder.rename(tmp_path / "moved")
    looking = Bindings(tmp_path / "data" / "custody.db")
    assert_is_bound(looking, moved)
    assert looking.folder_of("acme") == folder.resolve()


def test_what_the_ledger_cannot_tell_is_not_done_and_stops_nobody(
    bindings: Bindings, folder: Path, tmp_path: Path
) -> None:
    moved = folder.rename(tmp_path / "moved")
    (tmp_path / "data" / "ledger.db").write_bytes(os.urandom(5_000))
    bindings.check(REFERENCE, moved)
    assert bindings.folder_of("acme") == folder.resolve()


def test_another_folder_in_the_same_place_gets_nothing_until_a_person_binds_it(
    bindings: Bindings, folder: Path
) -> None:
    """The result of `rm -rf acme && git clone … acme`; the file system often reuses the number."""
    folder.rmdir()
    make(folder)
    assert_gets_nothing(bindings, folder, BEFORE)
    assert bindings.state_of(bindings.all()[0]) is BindingState.REPLACED
    assert bindings.claim(folder, "acme") == "acme-2"
    bindings.bind("acme", folder)
    assert_is_bound(bindings, folder)


def test_a_stranger_that_is_given_the_number_of_a_deleted_folder_gets_nothing(
    bindings: Bindings, folder: Path, tmp_path: Path
) -> None:
    folder.rmdir()
    for number in range(20):
        assert_gets_nothing(bindings, make(tmp_path / f"stranger-{number}"))


def test_what_takes_the_place_of_a_renamed_folder_gets_nothing(
    bindings: Bindings, folder: Path, tmp_path: Path
) -> None:
    moved = folder.rename(tmp_path / "moved")
    make(folder)
    assert_gets_nothing(bindings, folder, BEFORE)
    assert_is_bound(bindings, moved)
    assert_gets_nothing(bindings, folder, "belongs to .*moved")


def test_two_folders_that_change_places_keep_their_names(
    bindings: Bindings, folder: Path, tmp_path: Path
) -> None:
    beta = make(tmp_path / "beta")
    bindings.claim(beta, "beta")
    folder.rename(tmp_path / "aside")
    beta.rename(folder)
    (tmp_path / "aside").rename(beta)
    assert_is_bound(bindings, beta)
    assert bindings.name_of(folder) == "beta"
    assert {b.name: b.folder for b in bindings.all()} == {"acme": beta, "beta": folder}


def test_a_copy_is_another_folder_until_it_takes_the_place_of_its_original(
    bindings: Bindings, folder: Path, tmp_path: Path
) -> None:
    """Copies include the mark when asked to, as with `cp -a`."""
    copy = shutil.copytree(folder, tmp_path / "copy")
    assert_gets_nothing(bindings, copy)
    folder.rmdir()
    assert_gets_nothing(bindings, copy)
    if sys.platform == "linux":
        assert_is_bound(bindings, copy.rename(folder))
        assert_is_bound(bindings, folder.rename(tmp_path / "moved"))


def test_a_folder_that_was_bound_by_its_path_alone_is_known_by_more_from_its_next_use_on(
    bindings: Bindings, folder: Path, tmp_path: Path
) -> None:
    forget(tmp_path, "NULL")
    Bindings(tmp_path / "data" / "custody.db").check(REFERENCE, folder)
    assert bindings.all()[0].identity is None
    bindings.check(REFERENCE, folder)
    assert bindings.all()[0].identity == identity_of(folder)
    assert_is_bound(bindings, folder.rename(tmp_path / "moved"))


def test_a_folder_that_is_gone_can_be_told(bindings: Bindings, folder: Path) -> None:
    assert bindings.state_of(bindings.all()[0]) is BindingState.BOUND
    folder.rmdir()
    assert bindings.state_of(bindings.all()[0]) is None


@linux
def test_where_no_mark_can_be_kept_the_path_decides(
    bindings: Bindings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsupported(*_: object) -> NoReturn:
        raise OSError(errno.ENOTSUP, "not supported")

    monkeypatch.setattr(os, "getxattr", unsupported)
    monkeypatch.setattr(os, "setxattr", unsupported)
    folder = make(tmp_path / "acme")
    bindings.claim(folder, "acme")
    assert_is_bound(bindings, folder)
    assert bindings.all()[0].identity is None
    assert_gets_nothing(bindings, folder.rename(tmp_path / "moved"))
    assert_is_bound(bindings, make(folder))


@linux
def test_a_folder_whose_mark_was_taken_off_is_not_told_from_another(bindings: Bindings, folder: Path) -> None:
    os.removexattr(folder, MARK)
    assert_gets_nothing(bindings, folder, BEFORE)


@linux
@pytest.mark.parametrize("mark", [b"", b"x" * 32, b"0" * 31, b"0" * 5_000 + b"\n", b"0" * 31 + b"\xff"])
def test_a_mark_that_is_none_of_ours_is_none(bindings: Bindings, tmp_path: Path, mark: bytes) -> None:
    folder = make(tmp_path / "acme")
    with contextlib.suppress(OSError):
        os.setxattr(folder, MARK, mark)
        assert give_identity(folder) is None
    bindings.claim(folder, "acme")
    assert_is_bound(bindings, folder)


@linux
def test_a_mark_serves_every_home_whose_records_know_the_folder(
    bindings: Bindings, folder: Path, tmp_path: Path
) -> None:
    """A devcontainer has its own records, but the same folder."""
    other = Bindings(tmp_path / "other" / "custody.db")
    assert other.claim(folder, "inside") == "inside"
    bindings.check(REFERENCE, folder)
    other.check(Reference("inside", "X"), folder)


def test_a_folder_that_cannot_be_marked_is_bound_by_its_path(bindings: Bindings, tmp_path: Path) -> None:
    assert give_identity(tmp_path / "nowhere") is None
    assert identity_of(tmp_path / "nowhere") is None


def test_however_many_names_there_are_the_disk_is_asked_of_those_that_could_be_meant(
    bindings: Bindings, folder: Path, tmp_path: Path
) -> None:
    few = calls_into_the_system(lambda: bindings.check(REFERENCE, folder))
    fill(tmp_path, 2_000)
    assert calls_into_the_system(lambda: bindings.check(REFERENCE, folder)) == few
    stranger = make(tmp_path / "stranger")
    assert calls_into_the_system(lambda: bindings.name_of(stranger)) < 100


@pytest.mark.parametrize("identity", ["", "mark:1 2", "mark:" + "0" * 32, "0 0", "mark:" + "0" * 32 + " -1"])
def test_a_record_that_is_no_identity_is_reported(
    bindings: Bindings, folder: Path, tmp_path: Path, identity: str
) -> None:
    forget(tmp_path, f"'{identity}'")
    with pytest.raises(StateDamaged):
        bindings.check(REFERENCE, folder)


@given(
    proof=st.from_regex(r"(mark:[0-9a-f]{32}|born:[0-9]+\.[0-9]+(-[0-9]+)?)", fullmatch=True),
    number=st.integers(min_value=0),
)
def test_an_identity_reads_back_as_it_was_written(proof: str, number: int) -> None:
    identity = FolderIdentity(proof, number)
    assert FolderIdentity.from_text(str(identity)) == identity


def forget(tmp_path: Path, identity: str) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "data" / "custody.db")) as connection:
        connection.execute(f"UPDATE bindings SET identity = {identity}")
        connection.commit()


def fill(tmp_path: Path, count: int) -> None:
    rows = [
        (f"w{n}", os.fsencode(tmp_path / str(n)), "2026-01-01T00:00:00+00:00", f"mark:{n:032x} {n}")
        for n in range(count)
    ]
    with contextlib.closing(sqlite3.connect(tmp_path / "data" / "custody.db")) as connection:
        connection.executemany(
            "INSERT INTO bindings (name, folder, bound, identity) VALUES (?, ?, ?, ?)", rows
        )
        connection.commit()


def calls_into_the_system(act: Callable[[], object]) -> int:
    calls = 0

    def count(_: object, event: str, called: object) -> None:
        nonlocal calls
        is_system = getattr(called, "__module__", "") in ("posix", "nt")
        calls += event == "c_call" and is_system and getattr(called, "__name__", "") != "fspath"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(before)
    return calls
