"""The owner of a file."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tokenward.ownership import is_strangers

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="files have no POSIX owners there")


def test_a_file_of_the_user_is_no_strangers_although_the_folder_is_gone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert not is_strangers(tmp_path / "file", tmp_path)
    assert not is_strangers(tmp_path / "file", tmp_path / "gone")


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_a_strangers(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    os.chown(tmp_path / "file", 12345, 12345)
    assert is_strangers(tmp_path / "file", tmp_path)
    assert is_strangers(tmp_path / "file", tmp_path / "gone")
