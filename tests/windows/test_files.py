"""Files, locks and processes on Windows, where an open file cannot be replaced or removed."""

from __future__ import annotations

import ctypes
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import tokens
from tokenward.custody.store.presence import presence
from tokenward.errors import FileChanged
from tokenward.operations.files.file_writing import create_file, replace_file
from tokenward.places import canonical
from tokenward.safe_files import replace_private
from tokenward.vault.file_lock import try_lock
from windows_shell import Shell

COMMANDS = 3
HELD = """
import os, sys
from pathlib import Path
from tokenward.custody.store.presence import presence
from tokenward.vault.file_lock import try_lock
descriptor = os.open(sys.argv[1], os.O_RDWR)
assert try_lock(descriptor)
print(presence(Path(sys.argv[2])).marker, flush=True)
sys.stdin.read()
"""


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold a file open so that nobody else may write, rename or remove it."""
    kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined, unused-ignore]
    kernel.CreateFileW.restype = ctypes.c_void_p
    handle = kernel.CreateFileW(str(path), 0x80000000, 1, None, 3, 0, None)
    assert handle not in (None, ctypes.c_void_p(-1).value)
    try:
        yield
    finally:
        kernel.CloseHandle(ctypes.c_void_p(handle))


IS_WINE = sys.platform == "win32" and hasattr(ctypes.WinDLL("ntdll"), "wine_get_version")
HIDDEN, ARCHIVED = 2, 32


def test_a_replaced_file_keeps_its_attributes(shell: Shell) -> None:
    path, kernel = shell.write("a.txt", "before"), ctypes.WinDLL("kernel32")  # type: ignore[attr-defined, unused-ignore]
    assert kernel.SetFileAttributesW(str(path), HIDDEN | ARCHIVED)
    replace_file(path, b"after", b"before")
    assert path.read_bytes() == b"after"
    assert kernel.GetFileAttributesW(str(path)) & HIDDEN
    assert shell.leftovers() == []


@pytest.mark.skipif(IS_WINE, reason="Wine has no access rules of its own, and no alternate streams")
def test_a_replaced_file_keeps_its_access_rules_and_alternate_streams(shell: Shell) -> None:
    path = shell.write("a.txt", "before")
    Path(f"{path}:note").write_text("mine")
    user = subprocess.check_output(["whoami"], text=True).strip()
    subprocess.run(["icacls", path, "/inheritance:r", "/grant:r", f"{user}:F"], check=True)
    rules = subprocess.check_output(["icacls", path])
    replace_file(path, b"after", b"before")
    assert path.read_bytes() == b"after"
    assert subprocess.check_output(["icacls", path]) == rules
    assert Path(f"{path}:note").read_text() == "mine"


def test_a_file_that_changed_meanwhile_stays(shell: Shell) -> None:
    path = shell.write("a.txt", "other")
    with pytest.raises(FileChanged):
        replace_file(path, b"after", b"before")
    assert path.read_bytes() == b"other"
    assert shell.leftovers() == []


def test_a_file_that_another_program_holds_stays_and_nothing_is_left(shell: Shell) -> None:
    path = shell.write("a.txt", "before")
    with held(path), pytest.raises(OSError, match=r"a\.txt|denied|use"):
        replace_file(path, b"after", b"before")
    assert path.read_bytes() == b"before"
    assert shell.leftovers() == []


@pytest.mark.parametrize("change", ["a user's file", "a file of ours"])
def test_a_file_that_is_held_for_a_moment_is_waited_for(shell: Shell, change: str) -> None:
    path = shell.write("a.txt", "before")
    taken = held(path)
    taken.__enter__()
    timer = threading.Timer(0.3, taken.__exit__, (None, None, None))
    timer.start()
    if change == "a file of ours":
        replace_private(path, b"after")
    else:
        replace_file(path, b"after", b"before")
    timer.join()
    assert path.read_bytes() == b"after"
    assert [one.name for one in shell.folder.iterdir()] == ["a.txt"]


def test_a_move_with_a_held_file_is_undone_whole(shell: Shell) -> None:
    token = tokens.github("held")
    path = shell.write("a.py", f'KEY = "{token}"\r\n')
    before = path.read_bytes()
    with held(path):
        assert shell("move", "a.py").code == 2
    assert path.read_bytes() == before
    assert shell.leftovers() == []
    assert shell("move", "a.py").code == 0


def test_a_new_file_is_not_written_over_another(shell: Shell) -> None:
    path = shell.folder / "new.txt"
    create_file(path, b"a\n")
    with pytest.raises(FileExistsError):
        create_file(path, b"b\n")
    assert path.read_bytes() == b"a\n"
    assert shell.leftovers() == []


def test_locks_and_presence_end_with_their_process(shell: Shell) -> None:
    lock, alive = shell.write("lock", b""), shell.folder / "alive"
    mine = presence(alive)
    with subprocess.Popen(
        [sys.executable, "-c", HELD, str(lock), str(alive)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        marker = int(other.stdout.readline())
        with lock.open("r+b") as file:
            assert not try_lock(file.fileno())
        assert mine.is_alive(marker)
        assert mine.is_alive(mine.marker)
        other.kill()
    assert not mine.is_alive(marker)
    with lock.open("r+b") as file:
        assert try_lock(file.fileno())


def test_commands_at_once_lose_no_value(shell: Shell) -> None:
    commands = [
        shell.start("put", f"TOKEN_{number}", stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        for number in range(COMMANDS)
    ]
    for number, command in enumerate(commands):
        _, error = command.communicate(f"value {number}".encode())
        assert command.returncode == 0, error
    listed = shell("list").text
    assert all(f"TOKEN_{number}" in listed for number in range(COMMANDS))


def test_every_spelling_of_a_path_has_one_canonical_form(shell: Shell) -> None:
    path = shell.write("Sub/App.py", b"")
    text = str(path)
    spellings = [
        text,
        text.upper(),
        text.lower(),
        text.replace("\\", "/"),
        f"{path.parent}\\.\\..\\sub\\APP.py",
    ]
    assert len({canonical(one) for one in spellings}) == 1
    assert canonical(text)[0].isupper()
