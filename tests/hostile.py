"""Assertions about a stranger's repository: it gets nothing but one safe sentence, and the ledger records that."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tokens
from cli_shell import Done, Shell

TOKEN = tokens.github("hostile")
REFERENCE = "keyring://acme-api/GITHUB_TOKEN"
NOT_STARTED, FAILED = 125, 2
NAMES = [
    b"a\nb",
    b"\x1b[2J\x1b]0;owned\x07",
    b"\xff\xfe",
    "\u202egpj\u2028.x".encode(),
    b"-rf",
    b"$(touch owned)",
    b"%s%n",
]
IDS = ["newline", "escape sequences", "not UTF-8", "bidirectional", "option", "substitution", "format"]


@dataclass(frozen=True)
class Told:
    """One row of the ledger."""

    event: str
    reference: str
    origin: str
    detail: dict[str, Any]


def ledger(shell: Shell) -> list[Told]:
    path = Path(shell.environment["HOME"], ".local", "share", "tokenward", "ledger.db")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT event, workspace, name, origin, detail FROM records ORDER BY id")
        return [Told(e, f"keyring://{w}/{n}", origin, json.loads(d)) for e, w, n, origin, d in rows]


def assert_refused(done: Done, code: int, *parts: str) -> None:
    """Check for one sentence and the exit code, without a value, a traceback or terminal escapes."""
    assert (done.code, done.out) == (code, b"")
    assert done.err.startswith("tokenward: ")
    assert_safe(done)
    assert done.err.count("\n") == 1
    for part in parts:
        assert part in done.err


def assert_refused_but_warned(done: Done) -> None:
    """Check for a refusal that may follow the parser's warnings about unreadable lines."""
    assert (done.code, done.out) == (NOT_STARTED, b"")
    assert_safe(done)
    assert done.err.rstrip("\n").split("\n")[-1].startswith("tokenward: ")


def assert_safe(done: Done) -> None:
    for text in (done.err, done.out.decode()):
        assert all(line.isprintable() for line in text.replace("\t", " ").split("\n"))
        assert TOKEN not in text
        assert "Traceback" not in text


def assert_gets_nothing(shell: Shell, *parts: str) -> None:
    """Check that nothing in this folder can get or delete the token."""
    before = len(ledger(shell))
    started = shell.folder / "started"
    assert_refused(shell("run", "--", "touch", str(started)), NOT_STARTED, *parts)
    assert not started.exists()
    assert_refused(shell("get", REFERENCE), FAILED, *parts)
    assert_refused(shell("rm", "--yes", REFERENCE), FAILED, *parts)
    (shell.folder / "template").write_text(f"x {REFERENCE}")
    # Outside any Git repository, since a file that Git tracks would be refused anyway.
    filled = shell.folder.parent / "filled"
    assert_refused(shell("inject", "template", "--output", str(filled)), FAILED, *parts)
    assert not filled.exists()
    assert_told(ledger(shell)[before:], "run", "get", "inject")


def assert_told(rows: list[Told], *purposes: str) -> None:
    """Check that the ledger records a refusal for each of these uses, no allowed use, and no token."""
    refused = [row for row in rows if row.event == "refused" and row.reference == REFERENCE]
    assert {str(row.detail.get("purpose")) for row in refused} >= set(purposes)
    assert {row.detail["why"] for row in refused} == {"WorkspaceElsewhere"}
    assert all(row.origin and row.detail["parents"] for row in refused)
    assert "resolved" not in {row.event for row in rows}
    assert TOKEN not in repr(rows)
