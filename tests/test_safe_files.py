"""Only regular files are opened, and a private file is replaced whole or not at all."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tokenward.safe_files import (
    NotRegular,
    create_private,
    open_regular,
    read_own,
    remove_leftovers,
    replace_private,
)

posix = pytest.mark.skipif(os.name == "nt", reason="links, pipes and modes of POSIX")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    return path


def test_a_regular_file_is_opened_with_its_status(path: Path) -> None:
    descriptor, status = open_regular(path)
    with os.fdopen(descriptor, "rb") as file:
        assert (file.read(), status.st_size) == (b"old", 3)


@posix
@pytest.mark.parametrize("kind", ["folder", "fifo", "device"])
def test_nothing_but_a_regular_file_is_opened_and_no_fifo_hangs(tmp_path: Path, kind: str) -> None:
    path = Path("/dev/null") if kind == "device" else tmp_path / kind
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    with pytest.raises(NotRegular):
        open_regular(path)


@posix
def test_a_socket_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        with pytest.raises(OSError):  # noqa: PT011 - the system chooses which
            open_regular("socket")


@posix
def test_a_link_is_followed_only_on_request(path: Path) -> None:
    link = path.with_name("link")
    link.symlink_to(path)
    with pytest.raises(OSError, match="symbolic links"):
        open_regular(link)
    descriptor, _ = open_regular(link, follow_links=True)
    os.close(descriptor)


@posix
def test_a_refused_file_leaves_no_descriptor_open(tmp_path: Path) -> None:
    open_files = Path("/dev/fd")
    before = len(os.listdir(open_files))  # noqa: PTH208
    with pytest.raises(NotRegular):
        open_regular(tmp_path)
    assert len(os.listdir(open_files)) == before  # noqa: PTH208


def test_an_own_file_is_read_up_to_its_limit(path: Path) -> None:
    assert read_own(path, 3) == b"old"
    with pytest.raises(OSError):  # noqa: PT011 - which one is of no matter
        read_own(path, 2)


@posix
@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_not_read(path: Path) -> None:
    os.chown(path, 65534, 65534)
    with pytest.raises(PermissionError):
        read_own(path, 3)


@pytest.mark.parametrize("durable", [True, False])
@pytest.mark.parametrize("content", [b"new", [b"n", b"ew"]])
def test_a_file_is_replaced_by_a_private_one(path: Path, content: bytes, durable: bool) -> None:
    path.chmod(0o644)
    replace_private(path, content, durable=durable)
    assert path.read_bytes() == b"new"
    assert os.name == "nt" or path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_content_that_fails_half_way_leaves_the_old_file(path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"new"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        replace_private(path, pieces())
    assert path.read_bytes() == b"old"
    assert list(path.parent.iterdir()) == [path]


def test_the_longest_name_can_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)
    replace_private(path, b"new")
    assert path.read_bytes() == b"new"


def test_only_a_file_that_is_not_there_is_created(path: Path) -> None:
    with pytest.raises(FileExistsError):
        create_private(path, b"new")
    assert path.read_bytes() == b"old"
    path.unlink()
    create_private(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(path.parent.iterdir()) == [path]


def test_leftovers_of_this_file_alone_are_removed(path: Path) -> None:
    path.with_name(".file.x.part").touch()
    other = path.with_name(".other.x.part")
    other.touch()
    remove_leftovers(path)
    assert sorted(path.parent.iterdir()) == sorted([path, other])
