"""Faults outside Tokenward: no token is lost, no value is shown, and work goes on where possible."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import tokens
from cli_shell import Shell
from keyring_session import daemon, keyring_session
from lsp_client import Editor, editor
from tokenward.custody.ledger.events import Event
from tokenward.custody.ledger.ledger import Ledger

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs gnome-keyring and POSIX limits")

RUNS = 10
PRINT = "import os; print(os.environ['TOKEN'], os.environ['OTHER'])"
RUN = ("run", "--no-mask", "--env-file", "runs.env", "--", sys.executable, "-c", PRINT)
"""By a file of its own, since `.env` gains a line with each move."""


def ledger_of(shell: Shell) -> Ledger:
    return Ledger(Path(shell.environment["HOME"], ".local/share/tokenward/ledger.db"))


def shell_of(environment: dict[str, str], folder: Path) -> Shell:
    shell = Shell(environment, folder)
    shell.put("TOKEN", tokens.github("first"))
    shell.put("OTHER", tokens.github("second"))
    shell.write_env("TOKEN=keyring://acme-api/TOKEN", "OTHER=keyring://acme-api/OTHER", name="runs.env")
    return shell


@pytest.mark.slow
async def test_two_editors_and_ten_runs_at_once(unlocked: dict[str, str], folder: Path) -> None:
    """Both editors move all their tokens, every run gets its values, and the ledger is complete and verifies."""
    shell = shell_of(unlocked, folder)
    async with editor(unlocked, folder) as one, editor(unlocked, folder, client="neovim-0.10") as other:
        runs = [asyncio.to_thread(shell, *RUN) for _ in range(RUNS)]
        moves = [_move_all(one, folder / "one.py", "one"), _move_all(other, folder / "two.py", "two")]
        *done, _, _ = await asyncio.gather(*runs, *moves)
    expected = f"{tokens.github('first')} {tokens.github('second')}\n"
    assert [(one.code, one.text) for one in done] == [(0, expected)] * RUNS
    ledger = ledger_of(shell)
    assert not ledger.verify().faults
    events = [record.event for record in ledger.records()]
    assert events.count(Event.RESOLVED) == 2 * RUNS
    assert events.count(Event.MOVED) == 2 * MOVES
    lines = (folder / ".env").read_text().splitlines()
    names = [f"{who.upper()}_KEY_{number}" for who in ("one", "two") for number in range(MOVES)]
    assert sorted(lines) == [f"{name}=keyring://acme-api/{name}" for name in names]
    for who in ("one", "two"):
        for number in range(MOVES):
            assert shell.get(f"{who.upper()}_KEY_{number}") == tokens.github(f"{who} {number}")


MOVES = 4


async def _move_all(client: Editor, path: Path, who: str) -> None:
    lines = [
        f'{who.upper()}_KEY_{number} = "{tokens.github(f"{who} {number}")}"\n' for number in range(MOVES)
    ]
    uri = path.as_uri()
    client.open(uri, "".join(lines))
    for left in range(MOVES, 0, -1):
        found = await client.diagnostics(uri)
        assert len(found) == left, client.messages
        actions = await client.actions(uri, found[0])
        await client.run(next(action for action in actions if action.is_preferred))
    assert not await client.diagnostics(uri)


async def test_a_keyring_that_is_restarted_in_the_middle(rules_home: Path, folder: Path) -> None:
    """An editor that has used the keyring, and runs, continue with the new daemon."""
    with keyring_session() as session:
        environment = {**session, "XDG_CACHE_HOME": str(rules_home)}
        shell = shell_of(environment, folder)
        async with editor(environment, folder) as client:
            await _move_all(client, folder / "one.py", "one")
            os.kill(_daemon(environment), signal.SIGKILL)
            with daemon(environment):
                await _move_all(client, folder / "two.py", "two")
                done = shell(*RUN)
                assert done.text == f"{tokens.github('first')} {tokens.github('second')}\n", done.err
                assert shell.get("ONE_KEY_3") == tokens.github("one 3")
                assert shell.get("TWO_KEY_3") == tokens.github("two 3")


def _daemon(environment: dict[str, str]) -> int:
    result = subprocess.run(
        [
            *("dbus-send", "--session", "--print-reply=literal", "--dest=org.freedesktop.DBus", "/"),
            *("org.freedesktop.DBus.GetConnectionUnixProcessID", "string:org.freedesktop.secrets"),
        ],
        env=environment,
        capture_output=True,
        check=True,
        text=True,
    )
    return int(result.stdout.split()[-1])


def test_a_full_disk_stops_no_run_and_is_said(unlocked: dict[str, str], folder: Path) -> None:
    """Nothing more can be written, so the ledger lacks the use, which is reported once."""
    shell = shell_of(unlocked, folder)
    full = replace(shell, before=("bash", "-c", 'ulimit -f 0; exec "$@"', "_"))
    done = full(*RUN)
    assert done.text == f"{tokens.github('first')} {tokens.github('second')}\n", done.err
    assert "ledger" in done.err
    assert "free some space" in done.err
    assert done.err.count("\n") <= 2
    assert not ledger_of(shell).verify().faults


def test_a_full_disk_loses_nothing_that_is_to_be_stored(unlocked: dict[str, str], folder: Path) -> None:
    """A move is refused before anything changes, and works when there is space again."""
    shell = shell_of(unlocked, folder)
    code = f'DEPLOY_KEY = "{tokens.github("third")}"\n'
    (folder / "app.py").write_text(code)
    full = replace(shell, before=("bash", "-c", 'ulimit -f 0; exec "$@"', "_"))
    done = full("move", "app.py")
    assert done.code == 2
    assert "free some space" in done.err
    assert (folder / "app.py").read_text() == code
    assert shell("move", "app.py").code == 0
    assert shell.get("DEPLOY_KEY") == tokens.github("third")


def test_a_ledger_that_somebody_holds_stops_no_run_and_is_said(
    unlocked: dict[str, str], folder: Path
) -> None:
    """A program that keeps the ledger locked delays a run by a few seconds at most."""
    shell = shell_of(unlocked, folder)
    holder = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); "
        "c.execute('BEGIN EXCLUSIVE'); print('held', flush=True); sys.stdin.read()"
    )
    path = Path(shell.environment["HOME"], ".local/share/tokenward/ledger.db")
    with subprocess.Popen(
        [sys.executable, "-c", holder, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        done = shell(*RUN)
        process.stdin.close()
    assert done.text == f"{tokens.github('first')} {tokens.github('second')}\n", done.err
    assert "locked by another program" in done.err
