"""Reading any path quickly gives its text, a message or nothing, whatever is there."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tokenward.sources.candidate import Candidate, Identity, Trouble
from tokenward.sources.encoding import decoded
from tokenward.sources.safe_read import SETTLED_NS, Content, NoText, read_content
from unprivileged import bound_by_permissions, place_of_somebody

posix = pytest.mark.skipif(os.name == "nt", reason="POSIX links and file kinds")
LIMIT = 100_000


def candidate(path: Path, root: Path | None = None) -> Candidate:
    """Return a file as a walk does that was not to ask for its state."""
    root = root or path.parent
    status, name = path.lstat(), path.relative_to(root).as_posix()
    return Candidate(str(root), Identity(status.st_dev, status.st_ino, 0, 0, 0, name), 0)


def aged(path: Path, nanoseconds: int = 10 * SETTLED_NS) -> None:
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns - nanoseconds))


def read(path: Path, content: bytes) -> Content | NoText | Trouble | None:
    path.write_bytes(content)
    return read_content(candidate(path), LIMIT)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200).filter(lambda content: b"\0" not in content))
def test_bytes_without_nul_are_text_and_can_be_had_back(tmp_path: Path, content: bytes) -> None:
    found = read(tmp_path / "a.txt", content)
    assert isinstance(found, Content)
    assert found.data == content
    text, coding = decoded(found.data)
    assert coding.mark + text.encode("utf-8", "surrogateescape") == content


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_texts_of_wide_characters_are_text(tmp_path: Path, encoding: str) -> None:
    mark = "" if encoding in {"utf-16", "utf-32"} else "\ufeff"
    found = read(tmp_path / "a.txt", (mark + "key = ü😀").encode(encoding))
    assert isinstance(found, Content)
    assert found.text() == "key = ü😀"


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0"])
def test_a_mark_alone_does_not_hide_ascii(tmp_path: Path, mark: bytes) -> None:
    found = read(tmp_path / "a.log", mark + b"key = value")
    assert isinstance(found, Content)
    assert "key = value" in found.text()


def test_a_binary_file_is_none_unless_its_kind_holds_tokens(tmp_path: Path) -> None:
    assert read(tmp_path / "a.bin", b"ab\0cd") == NoText(None)
    found = read(tmp_path / "app.log", b"\0\0\0\0 cut, and written on")
    assert isinstance(found, Content)


def test_a_file_over_the_limit_is_named_unless_it_is_binary(tmp_path: Path) -> None:
    found = read(tmp_path / "a.txt", b"a" * (LIMIT + 1))
    assert isinstance(found, Trouble)
    assert "100,000 bytes" in found.sentence
    assert read(tmp_path / "a.bin", b"\0" * (LIMIT + 1)) == NoText(None)
    whole = read(tmp_path / "b.txt", b"a" * LIMIT)
    assert isinstance(whole, Content)
    assert len(whole.data) == LIMIT


def test_a_file_that_is_gone_is_none(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    gone = candidate(tmp_path / "a")
    (tmp_path / "a").unlink()
    assert read_content(gone, LIMIT) is None


@posix
def test_what_took_a_files_place_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("x")
    for make in (
        lambda path: path.mkdir(),
        os.mkfifo,
        lambda path: path.symlink_to(tmp_path / "outside"),
    ):
        path = tmp_path / f"{make!r}"[-40:].replace("/", "_")
        path.write_text("a")
        seen = candidate(path)
        path.unlink()
        make(path)
        assert not isinstance(read_content(seen, LIMIT), Content)


@posix
def test_a_folder_that_became_a_link_leads_nowhere(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    (root / "sub" / "a").write_text("mine")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a").write_text("not mine")
    seen = candidate(root / "sub" / "a", root)
    (root / "sub").rename(root / "before")
    (root / "sub").symlink_to(tmp_path / "outside")
    assert read_content(seen, LIMIT) is None


def test_a_file_saved_by_replacing_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    seen = candidate(tmp_path / "a")
    (tmp_path / "b").write_text("new")
    (tmp_path / "b").replace(tmp_path / "a")
    found = read_content(seen, LIMIT)
    assert isinstance(found, Content)
    assert found.data == b"new"


@posix
def test_a_file_that_may_not_be_read_is_named() -> None:
    with place_of_somebody() as root:
        (root / "a").write_text("x")
        (root / "a").chmod(0)
        with bound_by_permissions():
            found = read_content(candidate(root / "a"), LIMIT)
    assert isinstance(found, Trouble)
    assert "cannot be read (Permission denied); check its permissions" in found.sentence


def test_a_young_file_may_not_be_remembered(tmp_path: Path) -> None:
    found = read(tmp_path / "a", b"x")
    assert isinstance(found, Content)
    assert found.identity is None


@posix
def test_a_file_that_was_made_to_look_old_may_not_be_remembered(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    aged(tmp_path / "a")
    found = read_content(candidate(tmp_path / "a"), LIMIT)
    assert isinstance(found, Content)
    assert found.identity is None


def test_a_settled_file_is_remembered_as_it_was_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    later = (tmp_path / "a").stat().st_ctime_ns + 2 * SETTLED_NS
    monkeypatch.setattr("tokenward.sources.safe_read.time.time_ns", lambda: later)
    found = read_content(candidate(tmp_path / "a"), LIMIT)
    assert isinstance(found, Content)
    assert found.identity == Identity.of((tmp_path / "a").stat(), "a")
    assert found.size == 1


def test_a_file_that_grows_while_it_is_read_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"x" * 50_000)
    done = threading.Event()

    def grow() -> None:
        with path.open("ab") as file:
            while not done.is_set():
                file.write(b"y" * 10_000)
                file.flush()
                if file.tell() > 5_000_000:
                    file.truncate(0)

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        for _ in range(50):
            found = read_content(candidate(path), LIMIT)
            assert isinstance(found, Trouble) or (isinstance(found, Content) and len(found.data) <= LIMIT)
    finally:
        done.set()
        writer.join()


def test_content_shows_none_of_its_bytes(tmp_path: Path) -> None:
    assert "hidden" not in repr(read(tmp_path / "a", b"hidden"))
