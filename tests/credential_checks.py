"""Assertions about credential helpers: what they leave behind, and whom they refuse."""

from __future__ import annotations

import base64
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from cli_shell import Done, Shell
from hostile import REFERENCE, TOKEN, ledger
from starts import in_session_to_end


def needs(tool: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(tool) is None, reason=f"needs {tool} on PATH")


def start(shell: Shell, command: Sequence[str], given: bytes = b"") -> Done:
    """Run a tool in the shell's folder and environment."""
    direct = {**shell.environment, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    return in_session_to_end(command, direct, shell.folder, given)


def filled_in(words: Sequence[str], **texts: str) -> list[str]:
    """Return words with texts in place of the names in capital letters."""
    return [re.sub("|".join(texts), lambda name: texts[name[0]], word) for word in words]


def add_record(shell: Shell, url: str, *arguments: str) -> None:
    done = shell("credential", "add", url, "GITHUB_TOKEN", *arguments)
    assert done.code == 0, done.err


def end_lease(shell: Shell) -> None:
    """Use up the token."""
    assert shell("lease", "GITHUB_TOKEN", "--uses", "1").code == 0
    shell.get("GITHUB_TOKEN")


def uses(shell: Shell) -> list[tuple[str, str]]:
    """Return the uses by credential helpers in the ledger: the event, and what asked for what."""
    found = [row for row in ledger(shell) if row.detail.get("purpose") == "credential"]
    assert {row.reference for row in found} <= {REFERENCE}
    return [(row.event, str(row.detail.get("command", ""))) for row in found]


def assert_no_value_in_files(shell: Shell, folder: Path, value: str = TOKEN) -> None:
    """Check that no file in a folder or in the user's home holds a value, nor its Base64 as tools write it."""
    files = [file for place in (folder, Path(shell.environment["HOME"])) for file in place.rglob("*")]
    forms = [value.encode(), *(base64.b64encode(f"{user}{value}".encode()) for user in ("", "alice:"))]
    contents = {file: file.read_bytes() for file in files if file.is_file()}
    assert [file for file, content in contents.items() if any(form in content for form in forms)] == []


def home(shell: Shell) -> Path:
    return Path(shell.environment["HOME"])


def move(shell: Shell, name: str, text: str) -> str:
    """Write a file in the home folder, move its tokens, and return what Tokenward says."""
    path = home(shell) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    done = shell.at(home(shell))("move", str(path))
    assert done.code == 0, done.err
    assert path.read_text() != text
    return done.text + done.err


def restore(shell: Shell, name: str) -> str:
    path = home(shell) / name
    done = shell.at(home(shell))("restore", str(path))
    assert done.code == 0, done.err
    return path.read_text()


def resolved(shell: Shell) -> list[str]:
    """Return what credential helpers have answered."""
    rows = (row for row in ledger(shell) if row.detail.get("purpose") == "credential")
    return [str(row.detail["command"]) for row in rows if row.event == "resolved"]
