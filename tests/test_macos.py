"""The branches for macOS, by its documented calls: a fake answers each as Apple's headers say."""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tokenward import places
from tokenward.custody.sockets.client import peer_of
from tokenward.operations.files import file_writing
from tokenward.vault import backends

UID, PID = 501, 4242
fcntl = pytest.importorskip("fcntl")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the fakes are for Linux")
NAMES = {"café.py": "Café.py", "APP": "App"}
"""The file system's spelling of two names, as an APFS volume that folds case gives them."""


@pytest.fixture(autouse=True)
def macos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")


def test_the_peer_of_a_socket_is_read_from_xucred_and_its_process() -> None:
    """`struct xucred` is a version, the user, a count of groups, and 16 groups: 76 bytes."""
    answers = {1: struct.pack("=IIh2x16I", 0, UID, 1, *[20] * 16), 2: struct.pack("i", PID)}
    asked = []

    def getsockopt(level: int, option: int, size: int) -> bytes:
        asked.append((level, size))
        return answers[option]

    peer = peer_of(cast("Any", SimpleNamespace(getsockopt=getsockopt)))
    assert (peer.uid, peer.pid) == (UID, PID)
    assert asked == [(0, 76), (0, 4)]


def test_a_path_gets_the_spelling_of_the_file_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What exists is asked of the system by F_GETPATH; a name that does not exist stays as it came."""
    for name in NAMES:
        (tmp_path / name).mkdir()

    def getpath(place: int, command: int, _: bytes) -> bytes:
        assert command == fcntl.F_GETPATH
        real = str(Path(f"/proc/self/fd/{place}").readlink())
        for name, true in NAMES.items():
            real = real.replace(f"/{name}", f"/{true}")
        return os.fsencode(real).ljust(1024, b"\0")

    monkeypatch.setattr(fcntl, "F_GETPATH", 50, raising=False)
    monkeypatch.setattr(os, "O_EVTONLY", 0, raising=False)
    monkeypatch.setattr(fcntl, "fcntl", getpath)
    assert places.canonical(f"{tmp_path}/café.py") == f"{tmp_path}/Café.py"
    assert places.canonical(f"{tmp_path}/APP/../APP/New.py") == f"{tmp_path}/App/New.py"


def test_access_rights_are_copied_and_files_exchanged_by_the_systems_calls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`fcopyfile` gets COPYFILE_ACL and COPYFILE_XATTR, `renamex_np` RENAME_SWAP."""
    calls = []

    def call(name: str, answer: int) -> Callable[..., int]:
        def made(*arguments: object) -> int:
            calls.append((name, *[getattr(one, "value", one) for one in arguments]))
            return answer

        return made

    system = SimpleNamespace(fcopyfile=call("fcopyfile", -1), renamex_np=call("renamex_np", 0))
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: system)
    exchange = file_writing._exchange_call.__wrapped__()
    assert not file_writing.copy_access(3, 4)
    assert exchange(b"/a", b"/b") == 0
    assert calls == [("fcopyfile", 3, 4, None, 1 << 0 | 1 << 2), ("renamex_np", b"/a", b"/b", 2)]


def test_the_policy_and_the_keychain_are_those_of_macos() -> None:
    assert places._policy_folder() == Path("/Library/Application Support/tokenward")
    assert backends._BY_PLATFORM[sys.platform] == ("keyring.backends.macOS.Keyring",)
