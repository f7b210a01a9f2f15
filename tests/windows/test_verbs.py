"""The verbs on Windows: paths in any spelling, line ends and byte order marks, and output that nobody reads."""

from __future__ import annotations

import codecs
import json
import os
import stat
import subprocess
from dataclasses import replace

import pytest

import tokens
from windows_shell import Shell

TOKEN = tokens.github("windows")
NAMES = ["plain.py", "süß/naïve-日本語-😀.py", "sub/%PATH%^!.toml", "a b/c.json"]


def test_doctor_finds_the_credential_manager(shell: Shell) -> None:
    done = shell("doctor", "--test-entry")
    assert done.code == 0, done.text + done.err
    assert "Windows Credential Manager" in done.text
    assert "written, read back and deleted" in done.text


def test_scan_finds_tokens_in_every_encoding_and_name(shell: Shell) -> None:
    for name in NAMES:
        shell.write(name, f'KEY = "{TOKEN}"\r\n')
    shell.write("wide.txt", codecs.BOM_UTF16_LE + f"key={TOKEN}\r\n".encode("utf-16-le"))
    shell.write("marked.txt", codecs.BOM_UTF8 + f"key={TOKEN}\r\n".encode())
    found = json.loads(shell("scan", "--format", "json").out)
    assert sorted(one["path"] for one in found["findings"]) == sorted([*NAMES, "wide.txt", "marked.txt"])


def test_a_message_for_people_shows_a_path_as_windows_spells_it(shell: Shell) -> None:
    shell.write("sub/a.py", f'KEY = "{TOKEN}"\n')
    done = shell("scan", str(shell.folder / "sub"))
    assert done.code == 1
    assert "\\\\" not in done.text + done.err


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_a_move_and_its_undo_keep_every_byte(shell: Shell, mark: bytes) -> None:
    before = mark + f'import os\r\nKEY = "{TOKEN}"\r\nOTHER = 1\n'.encode()
    path = shell.write("App.py", before)
    shell.write(".env", "A=1\r\n")
    done = shell("move", "app.PY")
    assert done.code == 0, done.err
    assert TOKEN.encode() not in path.read_bytes()
    assert f"keyring://{shell.name}/".encode() in (shell.folder / ".env").read_bytes()
    assert b"\r\n" in (shell.folder / ".env").read_bytes()[-4:]
    # As an editor spells it.
    other = str(path)[0].swapcase() + str(path)[1:].upper()
    done = shell("restore", other)
    assert done.code == 0, done.err
    assert path.read_bytes() == before
    assert shell.leftovers() == []


def test_a_read_only_file_is_refused_and_leaves_nothing(shell: Shell) -> None:
    path = shell.write("a.py", f'KEY = "{TOKEN}"\n')
    path.chmod(stat.S_IREAD)
    done = shell("move", "a.py")
    assert done.code == 2
    assert "a.py cannot be" in done.err
    assert shell.leftovers() == []
    assert not (shell.folder / ".env").exists()
    path.chmod(stat.S_IREAD | stat.S_IWRITE)
    assert shell("move", "a.py").code == 0
    path.chmod(stat.S_IREAD)
    assert shell("restore", "a.py").code == 2
    assert shell.leftovers() == []
    path.chmod(stat.S_IREAD | stat.S_IWRITE)


def test_a_variable_does_not_move_the_policy(shell: Shell) -> None:
    elsewhere = shell.folder / "mine"
    done = shell("doctor", WIN_PD_OVERRIDE_COMMON_APPDATA=str(elsewhere))
    assert done.code == 0, done.err
    assert str(elsewhere) not in done.text + done.err


@pytest.mark.parametrize("words", [["list"], ["scan"], ["--help"]])
def test_output_that_nobody_reads_ends_in_silence(shell: Shell, words: list[str]) -> None:
    shell.write("a.py", f'KEY = "{TOKEN}"\n')
    reading, writing = os.pipe()
    os.close(reading)
    with shell.start(*words, stdout=writing, stderr=subprocess.PIPE) as process:
        os.close(writing)
        _, errors = process.communicate()
    assert (process.returncode, errors) == (1, b"")


def test_help_is_printed_in_a_consoles_encoding(shell: Shell) -> None:
    console = replace(shell, environment={**shell.environment, "PYTHONIOENCODING": "cp437"})
    with console.start("bind", "--help", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        output, errors = process.communicate()
    assert (process.returncode, errors) == (0, b"")
    assert b"bind" in output


def test_patterns_are_expanded_for_scan_alone(shell: Shell) -> None:
    for name in ("a.py", "b.py"):
        shell.write(name, f'KEY = "{TOKEN}"\n')
    found = json.loads(shell("scan", "--format", "json", "*.py").out)
    assert len(found["findings"]) == 2
    assert "does not exist" in shell("move", "*.py").err
    assert "does not exist" in shell("move", "%PATH%.py").err
