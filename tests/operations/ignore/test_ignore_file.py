"""Changing `.tokenwardignore`: completely or not at all, without losing anyone's change."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tokenward.detection.suppress.ignore_file import IGNORE_FILE, IgnoreFile
from tokenward.errors import EditRefused
from tokenward.operations.files.disk_editor import DiskEditor
from tokenward.operations.files.editor import FileEdit
from tokenward.operations.ignore.ignore_file import IgnoreFileWriter
from tokenward.operations.scan.workspace_rules import LARGEST_CONFIGURATION

posix = pytest.mark.skipif(os.name == "nt", reason="links, FIFOs and modes of POSIX")
ADD_LINES = """
import sys
from pathlib import Path
from tokenward.operations.ignore.ignore_file import IgnoreFileWriter
file = IgnoreFileWriter(Path(sys.argv[1]), Path(sys.argv[2]))
for number in range(20):
    file.change(lambda before: f"{before.text}# {sys.argv[3]} {number}\\n")
"""


@pytest.fixture
def file(tmp_path: Path) -> IgnoreFileWriter:
    home = tmp_path / "home"
    home.mkdir()
    return IgnoreFileWriter(home, tmp_path / "ignores.lock")


def add_a_line(before: IgnoreFile) -> str:
    return f"{before.text}# added\n"


def test_a_file_that_is_not_there_is_made(file: IgnoreFileWriter) -> None:
    file.change(add_a_line)
    assert file.path.read_text() == "# added\n"
    assert [path.name for path in file.home.iterdir()] == [IGNORE_FILE]


@pytest.mark.parametrize(
    "content", [b"no entry\n\xff\xfe\n", b"# a\r\n<<<<<<< ours\r\n", b"\xef\xbb\xbf# with a mark\n"]
)
def test_what_is_not_understood_stays_byte_for_byte(file: IgnoreFileWriter, content: bytes) -> None:
    file.path.write_bytes(content)
    file.change(add_a_line)
    assert file.path.read_bytes() == content + b"# added\n"


@posix
def test_the_mode_is_kept(file: IgnoreFileWriter) -> None:
    file.path.write_text("")
    file.path.chmod(0o640)
    file.change(add_a_line)
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o640


@posix
@pytest.mark.parametrize("target", ["elsewhere", "nowhere"])
def test_no_link_is_followed(file: IgnoreFileWriter, tmp_path: Path, target: str) -> None:
    tmp_path.joinpath("elsewhere").write_text("")
    file.path.symlink_to(tmp_path / target)
    with pytest.raises(EditRefused, match="is a link"):
        file.change(add_a_line)
    assert tmp_path.joinpath("elsewhere").read_text() == ""
    assert not tmp_path.joinpath("nowhere").exists()


@posix
def test_a_fifo_in_its_place_is_refused(file: IgnoreFileWriter) -> None:
    os.mkfifo(file.path)
    with pytest.raises(EditRefused, match="not a regular file"):
        file.change(add_a_line)


def test_a_file_in_utf_16_is_refused_and_stays(file: IgnoreFileWriter) -> None:
    content = "# ours\n".encode("utf-16")
    file.path.write_bytes(content)
    with pytest.raises(EditRefused, match="UTF-8"):
        file.change(add_a_line)
    assert file.path.read_bytes() == content


def test_a_text_that_no_scan_would_read_is_not_written(file: IgnoreFileWriter) -> None:
    file.path.write_text("# ours\n")
    with pytest.raises(EditRefused, match="too large"):
        file.change(lambda before: before.text + "#" * LARGEST_CONFIGURATION)
    assert file.path.read_text() == "# ours\n"


class _Meddled(DiskEditor):
    """A disk on which another program writes just before this process does."""

    def __init__(self, path: Path, times: int) -> None:
        super().__init__()
        self._path, self.left = path, times

    def apply(self, files: Sequence[FileEdit], label: str) -> None:
        if self.left:
            self.left -= 1
            before = self._path.read_text() if self._path.exists() else ""
            self._path.write_text(f"{before}# theirs {self.left}\n")
        super().apply(files, label)


@pytest.mark.parametrize("content", [None, "# ours\n"])
def test_what_somebody_wrote_in_between_is_kept(file: IgnoreFileWriter, content: str | None) -> None:
    if content is not None:
        file.path.write_text(content)
    IgnoreFileWriter(file.home, file.lock, _Meddled(file.path, 2)).change(add_a_line)
    assert file.path.read_text() == f"{content or ''}# theirs 1\n# theirs 0\n# added\n"


def test_a_file_that_never_rests_is_given_up(file: IgnoreFileWriter) -> None:
    meddled = _Meddled(file.path, 1_000)
    with pytest.raises(EditRefused, match="keeps changing"):
        IgnoreFileWriter(file.home, file.lock, meddled).change(add_a_line)
    assert "# added" not in file.path.read_text()


def test_processes_at_once_lose_nothing_of_each_other(file: IgnoreFileWriter) -> None:
    command = [sys.executable, "-c", ADD_LINES, str(file.home), str(file.lock)]
    processes = [subprocess.Popen([*command, name]) for name in "abc"]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    lines = file.path.read_text().splitlines()
    assert sorted(lines) == sorted(f"# {name} {number}" for name in "abc" for number in range(20))
