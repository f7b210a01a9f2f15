"""One key per user, complete or not at all."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tokens
from tokenward.custody.store.fingerprints import Fingerprinter, load_key
from tokenward.errors import StateDamaged

posix = pytest.mark.skipif(os.name == "nt", reason="POSIX modes and owners")


@given(value=st.text(st.characters()))
def test_any_value_has_a_fingerprint_of_the_same_shape(value: str) -> None:
    assert re.fullmatch("[0-9a-f]{32}", Fingerprinter(b"k" * 32)(value))


def test_lone_surrogates_are_told_apart() -> None:
    fingerprint = Fingerprinter(b"k" * 32)
    assert fingerprint("\ud800") != fingerprint("\ud801")


def test_values_and_keys_are_told_apart() -> None:
    one, other = Fingerprinter(b"1" * 32), Fingerprinter(b"2" * 32)
    assert one(tokens.github()) == one(tokens.github())
    assert one(tokens.github()) != one(tokens.github(1))
    assert one(tokens.github()) != other(tokens.github())


def test_a_fingerprint_is_the_hmac_that_any_tool_can_compute() -> None:
    # RFC 4231, test case 1: a key of 20 bytes 0x0b, data "Hi There".
    assert Fingerprinter(b"\x0b" * 20)("Hi There") == "b0344c61d8db38535ca8afceaf0bf12b"


def test_a_fingerprinter_does_not_show_its_key() -> None:
    assert "kkkk" not in repr(Fingerprinter(b"k" * 32))


def test_the_key_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "new" / "fingerprint.key"
    key = load_key(path)
    assert len(key) == 32
    assert load_key(path) == key
    assert [file.name for file in path.parent.iterdir()] == ["fingerprint.key"]


@posix
def test_only_the_user_may_read_the_key(tmp_path: Path) -> None:
    path = tmp_path / "new" / "fingerprint.key"
    before = os.umask(0)
    try:
        load_key(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@posix
def test_a_key_that_others_may_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "fingerprint.key"
    load_key(path)
    path.chmod(0o644)
    load_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"x" * 31, b"x" * 33, bytes(32)])
def test_a_damaged_key_is_reported_and_kept(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "fingerprint.key"
    path.write_bytes(content)
    with pytest.raises(StateDamaged, match="is not a fingerprint key; move it away"):
        load_key(path)
    assert path.read_bytes() == content


@posix
@pytest.mark.parametrize("exists", [True, False])
def test_a_link_is_not_followed(tmp_path: Path, exists: bool) -> None:
    target = tmp_path / "target"
    if exists:
        target.write_bytes(b"x" * 32)
    (tmp_path / "fingerprint.key").symlink_to(target)
    with pytest.raises(StateDamaged, match="is not a regular file"):
        load_key(tmp_path / "fingerprint.key")
    assert target.exists() == exists


@posix
def test_another_users_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "fingerprint.key"
    path.write_bytes(b"x" * 32)
    if os.geteuid() == 0:
        os.chown(path, 65534, 65534)
    else:
        path = Path("/etc/passwd")
        if path.stat().st_uid == os.geteuid():
            pytest.skip("no file of another user is at hand")
    with pytest.raises(StateDamaged, match="belongs to another user"):
        load_key(path)


@pytest.mark.parametrize("kind", ["folder", "parent"])
def test_what_cannot_be_a_key_is_reported(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "fingerprint.key"
    if kind == "folder":
        path.mkdir()
    else:
        tmp_path.joinpath("file").touch()
        path = tmp_path / "file" / "fingerprint.key"
    with pytest.raises(StateDamaged):
        load_key(path)


@posix
def test_a_read_only_home_is_reported(read_only_home: Path) -> None:
    with pytest.raises(StateDamaged, match="make its folder writable"):
        load_key(read_only_home / "fingerprint.key")


RACE = """
from tokenward.custody.store.fingerprints import load_key
print("ready", flush=True)
sys.stdin.readline()
print(*[load_key(folder / str(n) / "key").hex() for n in range(100)])
"""


def test_processes_that_race_get_the_same_key(tmp_path: Path, race: Callable[..., list[str]]) -> None:
    first, *others = race(4, RACE, tmp_path)
    assert len(set(first.split())) == 100
    assert others == [first] * 3


KILLED = """
import os, signal, sys
from pathlib import Path
from tokenward.custody.store import fingerprints

def die(event, *_):
    if event == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)

sync = os.fsync
os.fsync = lambda descriptor: (die("os.fsync"), sync(descriptor))
sys.addaudithook(die)
fingerprints.load_key(Path(sys.argv[1]))
"""


@posix
@pytest.mark.parametrize("call", ["os.fsync", "os.link", "os.remove"])
def test_a_process_killed_at_any_step_leaves_a_whole_key_or_none(
    tmp_path: Path, start: Callable[..., object], call: str
) -> None:
    path = tmp_path / "fingerprint.key"
    child = start(KILLED, path, call)
    assert child.wait(60) == -9  # type: ignore[attr-defined]
    assert path.exists() == (call == "os.remove")
    assert len(load_key(path)) == 32
