"""A written file keeps its owner, group, mode, access control list and attributes, or is not written."""

from __future__ import annotations

import os
import stat
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tokenward.errors import EditRefused
from tokenward.operations.files.file_writing import replace_file, require_writable
from unprivileged import NOBODY, bound_by_permissions, place_of_somebody

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="owners and attributes as Linux has them")
as_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only the superuser gives files to others"
)
OLD, NEW = b"old\n", b"new\n"
LIST, DEFAULT_LIST = "system.posix_acl_access", "system.posix_acl_default"
ANYBODY = 0xFFFFFFFF
READER = 1234


def access_list(*, group: int = 0, mask: int = 4) -> bytes:
    """Return an access list as Linux stores it: the owner may write, one user may read, and the group as given."""
    entries = [(1, 6, ANYBODY), (2, 4, READER), (4, group, ANYBODY), (16, mask, ANYBODY), (32, 0, ANYBODY)]
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


@pytest.fixture
def path() -> Iterator[Path]:
    with place_of_somebody() as folder:
        path = folder / "a.env"
        path.write_bytes(OLD)
        yield path


def test_the_access_control_list_and_attributes_are_kept(path: Path) -> None:
    path.chmod(0o640)
    os.setxattr(path, LIST, access_list())
    os.setxattr(path, "user.note", b"\x00kept")
    before = path.stat()
    replace_file(path, NEW, OLD)
    after = path.stat()
    assert path.read_bytes() == NEW
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert os.getxattr(path, LIST) == access_list()
    assert os.getxattr(path, "user.note") == b"\x00kept"


def test_a_list_that_new_files_of_the_folder_get_lets_nobody_in(path: Path) -> None:
    """The file was made before its folder had one."""
    path.chmod(0o640)
    os.setxattr(path.parent, DEFAULT_LIST, access_list(group=4))
    replace_file(path, NEW, OLD)
    assert LIST not in os.listxattr(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@as_root
def test_owner_and_group_are_kept(path: Path) -> None:
    os.chown(path, READER, READER + 1)
    path.chmod(0o2660)
    replace_file(path, NEW, OLD)
    status = path.stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (READER, READER + 1, 0o2660)


@as_root
def test_a_group_of_ones_own_is_kept_by_who_cannot_give_files_away(path: Path) -> None:
    os.chown(path.parent, NOBODY, NOBODY)
    os.chown(path, NOBODY, READER)
    path.chmod(0o660)
    groups = os.getgroups()
    os.setgroups([READER])
    try:
        with bound_by_permissions():
            replace_file(path, NEW, OLD)
    finally:
        os.setgroups(groups)
    assert (path.stat().st_uid, path.stat().st_gid) == (NOBODY, READER)
    assert path.read_bytes() == NEW


@as_root
@pytest.mark.parametrize(("owner", "group"), [(READER, NOBODY), (NOBODY, READER)])
def test_a_file_that_would_change_hands_is_left_as_it_is(path: Path, owner: int, group: int) -> None:
    """A colleague's file in a team's folder, or a file of a group that its owner has left."""
    path.parent.chmod(0o777)
    os.chown(path, owner, group)
    path.chmod(0o666)
    with bound_by_permissions(), pytest.raises(EditRefused, match="owner, group or access rules"):
        replace_file(path, NEW, OLD)
    assert path.read_bytes() == OLD
    assert list(path.parent.iterdir()) == [path]


def test_nobody_reads_the_new_content_before_it_has_its_rights(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.setxattr(path, LIST, access_list())
    seen: list[tuple[bytes, bytes]] = []

    def watched(descriptor: int) -> None:
        if os.fstat(descriptor).st_size == len(NEW):
            seen.append((os.getxattr(descriptor, LIST), os.pread(descriptor, 9, 0)))

    monkeypatch.setattr(os, "fsync", lambda descriptor: watched(os.open(f"/proc/self/fd/{descriptor}", 0)))
    replace_file(path, NEW, OLD)
    assert seen == [(access_list(), NEW)]


@pytest.mark.parametrize("mode", [0o444, 0o400, 0o555])
def test_a_file_that_is_read_only_is_refused_to_everybody(path: Path, mode: int) -> None:
    path.chmod(mode)
    with pytest.raises(PermissionError):
        require_writable(path)


@as_root
def test_a_file_that_only_others_may_write_is_refused(path: Path) -> None:
    path.chmod(0o644)
    with bound_by_permissions(), pytest.raises(PermissionError):
        require_writable(path)
    require_writable(path)
