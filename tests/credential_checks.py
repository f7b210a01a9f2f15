"""Assertions about what a credential helper leaves behind."""

from __future__ import annotations

from pathlib import Path

from cli_shell import Shell
from hostile import TOKEN, ledger


def uses(shell: Shell) -> list[tuple[str, str, str]]:
    """Return the uses by credential helpers in the ledger: the event, the reference and what asked."""
    return [
        (row.event, row.reference, str(row.detail.get("command", "")))
        for row in ledger(shell)
        if row.detail.get("purpose") == "credential"
    ]


def assert_no_value_in_files(shell: Shell, folder: Path, value: str = TOKEN) -> None:
    """Check that no file in a folder or in the user's home holds a value."""
    files = [file for place in (folder, Path(shell.environment["HOME"])) for file in place.rglob("*")]
    assert [file for file in files if file.is_file() and value.encode() in file.read_bytes()] == []
