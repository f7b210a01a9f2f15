"""Writing files: each one completely or not at all, and all of them or none."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from tokenward.errors import EditRefused
from tokenward.model import Span, Surface
from tokenward.operations.files.disk_editor import DiskEditor
from tokenward.operations.files.editor import FileEdit
from tokenward.rewriting.edits import Edit
from tokenward.sources.source import Origin, Source

posix = pytest.mark.skipif(os.name == "nt", reason="rights and links of POSIX")
DISK = DiskEditor()


def edit(path: Path, start: int = 0, end: int = 0, text: str = "new ") -> FileEdit:
    source = DISK.read(path)
    assert source is not None
    return FileEdit(source, (Edit(Span(start, end), text),))


def creation(path: Path) -> FileEdit:
    origin = Origin(path.as_uri(), Surface.FILE, path)
    return FileEdit(Source("", origin), (Edit(Span(0, 0), "made\n"),), creates=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\r\ntwo\xff\x00\rthree")
    return path


def left_over(path: Path) -> list[str]:
    return [other.name for other in path.parent.iterdir() if other.name.startswith(".tokenward")]


def test_only_what_was_edited_changes(path: Path) -> None:
    DISK.apply([edit(path, 0, 3, "1")], "")
    assert path.read_bytes() == b"1\r\ntwo\xff\x00\rthree"
    assert left_over(path) == []


def test_a_missing_file_reads_as_none(tmp_path: Path) -> None:
    assert DISK.read(tmp_path / "none") is None


@posix
def test_rights_are_kept_and_a_new_file_gets_the_usual_ones(path: Path, tmp_path: Path) -> None:
    path.chmod(0o640)
    before = os.umask(0o027)
    try:
        DISK.apply([creation(tmp_path / "new"), edit(path)], "")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640


@posix
def test_a_link_stays_a_link_and_its_target_is_written(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(path)
    DISK.apply([edit(link)], "")
    assert link.is_symlink()
    assert path.read_bytes().startswith(b"new one")


def test_a_file_that_changed_since_it_was_read_is_left_as_it_is(path: Path) -> None:
    made = edit(path)
    path.write_bytes(b"other")
    with pytest.raises(EditRefused, match="has changed"):
        DISK.apply([made], "")
    assert path.read_bytes() == b"other"
    assert left_over(path) == []


def test_a_file_that_came_since_is_not_overwritten(tmp_path: Path) -> None:
    new = tmp_path / "new"
    made = creation(new)
    new.write_text("somebody's")
    with pytest.raises(EditRefused):
        DISK.apply([made], "")
    assert new.read_text() == "somebody's"
    assert left_over(new) == []


def test_a_file_that_is_gone_is_refused(path: Path) -> None:
    made = edit(path)
    path.unlink()
    with pytest.raises(EditRefused):
        DISK.apply([made], "")
    assert not path.exists()


def test_what_is_no_file_is_refused() -> None:
    source = Source("x", Origin("untitled:1", Surface.DOCUMENT))
    with pytest.raises(EditRefused, match="is not a file"):
        DISK.apply([FileEdit(source, ())], "")


def test_when_a_later_file_fails_the_earlier_ones_are_as_before(path: Path, tmp_path: Path) -> None:
    first, new = tmp_path / "first", tmp_path / "new"
    first.write_bytes(b"before\xfe")
    edits = [edit(first), creation(new), edit(path)]
    path.write_bytes(b"other")
    with pytest.raises(EditRefused):
        DISK.apply(edits, "")
    assert first.read_bytes() == b"before\xfe"
    assert not new.exists()


def test_an_earlier_file_that_somebody_changed_meanwhile_is_not_taken_back(
    path: Path, tmp_path: Path
) -> None:
    first = tmp_path / "first"
    first.write_text("before")

    class Interrupted(tuple[Edit, ...]):
        """Edits during which another program writes to the first file."""

        __slots__ = ()

        def __iter__(self):  # type: ignore[no-untyped-def]  # noqa: ANN204
            first.write_text("theirs")
            path.write_bytes(b"other")
            return super().__iter__()

    last = edit(path)
    with pytest.raises(EditRefused):
        DISK.apply([edit(first), replace(last, edits=Interrupted(last.edits))], "")
    assert first.read_text() == "theirs"


def test_a_folder_that_is_gone_is_told_of_by_the_name_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(EditRefused, match=r"a\.txt cannot be written \(No such file or directory\)"):
        DISK.apply([creation(tmp_path / "gone" / "a.txt")], "")


@posix
def test_a_file_with_a_second_name_is_refused(path: Path) -> None:
    """Replacing it would leave the token under the other name."""
    other = path.with_name("other.txt")
    other.hardlink_to(path)
    before = path.read_bytes()
    with pytest.raises(EditRefused, match="hard link"):
        DISK.apply([edit(path)], "")
    assert path.read_bytes() == other.read_bytes() == before


@posix
def test_an_editor_that_follows_no_links_writes_nothing_elsewhere(path: Path, tmp_path: Path) -> None:
    before = path.read_bytes()
    change = edit(path)
    elsewhere = path.rename(tmp_path / "elsewhere")
    path.symlink_to(elsewhere)
    with pytest.raises(EditRefused, match="has changed"):
        DiskEditor(follows_links=False).apply((change,), "")
    assert elsewhere.read_bytes() == before
    assert left_over(path) == []


@pytest.mark.parametrize("mode", [0o444, 0o400])
def test_a_read_only_file_is_refused_before_anything_is_written(
    path: Path, tmp_path: Path, mode: int
) -> None:
    """This applies to the superuser too, because the file is meant to stay as it is."""
    first, new = tmp_path / "first", tmp_path / "new"
    first.write_bytes(b"before")
    edits = [edit(first), creation(new), edit(path)]
    before, node = path.read_bytes(), first.stat().st_ino
    path.chmod(mode)
    with pytest.raises(EditRefused, match=r"a\.txt cannot be written \(Permission denied\)"):
        DISK.apply(edits, "")
    assert (path.read_bytes(), first.read_bytes()) == (before, b"before")
    assert first.stat().st_ino == node
    assert not new.exists()
    assert left_over(path) == []
