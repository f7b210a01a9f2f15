"""A token given in place of a name is refused, never stored and never printed."""

from __future__ import annotations

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import tokens
from canaries import leaks, leaks_in_files
from cli_shell import Shell

CANARY = tokens.github("as a name")
PLAIN = "k" + "9Xm2Pq7vLw4nRt8s"
"""What has no prefix, and the rules take for a value."""
REFERENCE = f"keyring://acme-api/{CANARY}"


def custody(shell: Shell) -> sqlite3.Connection:
    return sqlite3.connect(Path(shell.environment["HOME"], ".local", "share", "tokenward", "custody.db"))


COMMANDS = [
    ["get", CANARY],
    ["get", REFERENCE],
    ["put", CANARY],
    ["put", PLAIN],
    ["rm", CANARY, "--yes"],
    ["lease", CANARY, "--for", "1h"],
    ["rename", "TOKEN", CANARY],
    ["rename", "TOKEN", PLAIN],
    ["rename", CANARY, "OTHER"],
    ["move", "code.py", "--name", CANARY],
    ["move", "code.py", "--name", PLAIN],
    ["check", REFERENCE],
    ["revoke", CANARY],
    ["run", "--env-file", "token.env", "true"],
    ["run", "--only", CANARY, "true"],
    ["env", "--env-file", "token.env"],
    ["inject", "token.env"],
    ["ledger", "show", "--name", CANARY],
    ["bind", CANARY],
    ["bind", tokens.gitlab("as a name").lower()],
    ["unbind", CANARY],
]


def test_a_token_in_the_place_of_a_name_is_neither_kept_nor_repeated(stored: Shell) -> None:
    secret = tokens.npm("in a file")
    stored.folder.joinpath("code.py").write_text(f'KEY = "{secret}"\n')
    given = stored.folder / "token.env"
    given.write_text(f"A={REFERENCE}\n")
    canaries = [CANARY, PLAIN, tokens.gitlab("as a name").lower()]
    for command in COMMANDS:
        done = stored(*command, stdin=b"another value")
        assert done.code in {0, 2, 125}, command
        assert done.code or command[0] == "ledger", command
        assert leaks(command[0], done.out + done.err.encode(), canaries) == []
    stored("report", "--output", "report.html")
    printed = stored("ledger", "export").out + stored("list").out
    assert leaks("what was said", printed, canaries) == []
    assert leaks_in_files(Path(stored.environment["HOME"]), canaries) == []
    assert leaks_in_files(stored.folder, canaries, [given]) == []
    assert stored.get("TOKEN") == "the value"


def test_a_token_that_is_called_so_already_is_used_and_renamed(stored: Shell) -> None:
    """Names accepted by older versions keep working, but no new token may have one."""
    with closing(custody(stored)) as connection:
        for table in ("entries", "leases"):
            connection.execute(f"UPDATE {table} SET name = ?", (CANARY,))
        connection.commit()
    item = ["service", f"tokenward/acme-api/{CANARY}", "username", CANARY]
    store = ["secret-tool", "store", "--label", "made by hand", *item]
    subprocess.run(store, env=dict(stored.environment), input=b"the value", check=True)
    stored.write_env(f"TOKEN={REFERENCE}")
    assert stored("run", "--no-mask", "printenv", "TOKEN").text == "the value\n"
    assert stored.get(CANARY) == "the value"
    assert stored("rename", CANARY, "GITHUB_TOKEN").code == 0
    assert stored.get("GITHUB_TOKEN") == "the value"
    assert stored("rename", "GITHUB_TOKEN", CANARY).code == 2
    assert stored("run", "--no-mask", "printenv", "TOKEN").text == "the value\n"


def test_a_folder_that_is_called_as_a_token_gives_no_workspace_its_name(
    stored: Shell, tmp_path: Path
) -> None:
    folder = tmp_path / tokens.gitlab("a folder")
    folder.mkdir()
    other = stored.at(folder)
    other.put("TOKEN", "another value")
    assert other.get("keyring://workspace/TOKEN") == "another value"
