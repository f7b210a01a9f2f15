"""`tokenward ledger`: displayed, verified, exported, and pruned."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli_shell import Shell
from tokenward.custody.ledger.events import Event, NewRecord
from tokenward.custody.ledger.ledger import Ledger
from tokenward.custody.ledger.schema import LEDGER_TRIGGERS
from tokenward.model import Fingerprint, Reference

REFERENCE = Reference("acme", "GITHUB_TOKEN")
FINGERPRINT = Fingerprint("0123456789abcdef" * 2)


def tamper(shell: Shell, statement: str) -> None:
    with closing(sqlite3.connect(shell.data / "ledger.db")) as connection, connection:
        for name in LEDGER_TRIGGERS:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
        for trigger in LEDGER_TRIGGERS.values():
            connection.execute(trigger)


@pytest.fixture
def ledger(bare_shell: Shell) -> Ledger:
    """The ledger of the shell's user, with some events."""
    made = Ledger(bare_shell.data / "ledger.db")
    found: dict[str, str | int] = {
        "provider": "GitHub",
        "label": "GitHub token",
        "line": 3,
        "surface": "file",
    }
    made.record_all(
        [
            NewRecord(Event.FOUND, None, FINGERPRINT, "/acme/a\x1b[2J.py", None, found),
            NewRecord(Event.RESOLVED, REFERENCE, origin="/acme", detail={"purpose": "run", "command": "npm"}),
            NewRecord(Event.REFUSED, Reference("other", "TOKEN"), detail={"why": "WorkspaceElsewhere"}),
        ]
    )
    return made


def test_people_are_shown_what_happened(bare_shell: Shell, ledger: Ledger) -> None:
    done = bare_shell("ledger", "show")
    found, resolved, refused = done.text.splitlines()
    assert (done.code, done.err) == (0, "")
    assert found.endswith("token 01234567  /acme/a?[2J.py:3  provider=GitHub  label=GitHub token")
    assert resolved.split()[2:] == ["resolved", str(REFERENCE), "/acme", "purpose=run", "command=npm"]
    assert refused.split()[2:] == ["refused", "keyring://other/TOKEN", "why=WorkspaceElsewhere"]
    assert ledger.verify().faults == ()


@pytest.mark.parametrize(
    ("arguments", "events"),
    [
        (["--name", "GITHUB_TOKEN"], ["resolved"]),
        (["--name", "keyring://other/TOKEN"], ["refused"]),
        (["--name", "keyring://acme/TOKEN"], []),
        (["--event", "found"], ["found"]),
        (["-n", "2"], ["resolved", "refused"]),
        (["--since", "1h"], ["found", "resolved", "refused"]),
        (["--since", "2999-01-01"], []),
        (["--since", "2020-01-01T00:00:00Z", "-n", "1"], ["refused"]),
    ],
)
@pytest.mark.usefixtures("ledger")
def test_people_choose_what_they_are_shown(
    bare_shell: Shell, arguments: list[str], events: list[str]
) -> None:
    done = bare_shell("ledger", "show", *arguments)
    assert done.code == 0
    assert [line.split()[2] for line in done.text.splitlines()] == events


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "--since", "yesterday"], "Invalid time"),
        (["show", "--event", "boom"], "No such event; choose one of found"),
        (["show", "--name", "a b"], "Not a token name"),
        (["export", "--since", "-1d"], "Invalid time"),
        (["export", "-o", "/"], "/ is not a regular file, so nothing was written; name another file"),
        (["export", "-o", "no-such-folder/x"], "cannot be written"),
    ],
)
def test_what_cannot_be_meant_is_said(bare_shell: Shell, arguments: list[str], said: str) -> None:
    done = bare_shell("ledger", *arguments)
    assert (done.code, done.out) == (2, b"")
    assert said in done.err


@pytest.mark.usefixtures("ledger")
def test_a_whole_ledger_is_said_to_be(bare_shell: Shell) -> None:
    done = bare_shell("ledger", "verify")
    assert (done.code, done.text, done.err) == (0, "The ledger is intact: 3 rows.\n", "")


@pytest.mark.usefixtures("ledger")
def test_the_first_row_that_was_changed_is_named(bare_shell: Shell) -> None:
    tamper(bare_shell, "UPDATE records SET name = 'X' WHERE id >= 2")
    done = bare_shell("ledger", "verify")
    assert (done.code, done.out) == (1, b"")
    assert done.err.startswith("tokenward: Row 2 was changed, or another one put in its place.\n")
    assert "Row 3 was changed" in done.err
    assert "ledger.db.end" in done.err


@pytest.mark.usefixtures("ledger")
def test_a_ledger_that_was_taken_away_is_missed(bare_shell: Shell) -> None:
    for file in bare_shell.data.glob("ledger.db*"):
        if file.name != "ledger.db.end":
            file.unlink()
    done = bare_shell("ledger", "verify")
    assert (done.code, done.err.splitlines()[0]) == (1, "tokenward: Rows 1 to 3 are missing.")
    bare_shell.data.joinpath("ledger.db.end").unlink()
    assert bare_shell("ledger", "verify").code == 0


@pytest.mark.usefixtures("ledger")
def test_a_damaged_file_is_named(bare_shell: Shell) -> None:
    bare_shell.data.joinpath("ledger.db").write_bytes(b"no database at all " * 100)
    done = bare_shell("ledger", "verify")
    assert done.code == 1
    assert "ledger.db is damaged; restore a backup" in done.err


def test_the_export_can_be_proved_elsewhere(bare_shell: Shell, ledger: Ledger) -> None:
    ledger.record_all(NewRecord(Event.BOUND, detail={"workspace": "ä"}) for _ in range(1_200))
    ledger.remove_old(ledger.records()[1].time)
    ledger.record(Event.BOUND)
    ledger.remove_old(datetime.now(UTC) + timedelta(hours=1))
    done = bare_shell("ledger", "export")
    rows = [json.loads(line) for line in done.text.splitlines()]
    assert (done.code, len(rows)) == (0, ledger.verify().rows)
    before = "00" * 32
    for row in rows:
        content = [row.get(key) for key in COLUMNS[:-1]] + [json.dumps(row.get("detail"))]
        written = json.dumps(content, separators=(",", ":")).encode()
        digest = row["digest"] if row["event"] is None else hashlib.sha256(written).hexdigest()
        chained = bytes.fromhex(before) + row["id"].to_bytes(8, "big") + digest.encode()
        assert row["previous"] == before
        assert row["hash"] == hashlib.sha256(chained).hexdigest()
        before = row["hash"]
    assert [row["id"] for row in rows] == list(range(1, len(rows) + 1))


COLUMNS = ("time", "event", "workspace", "name", "fingerprint", "origin", "pid", "process", "move", "detail")


@pytest.mark.usefixtures("ledger")
def test_an_export_to_a_file_is_its_users_alone(bare_shell: Shell) -> None:
    file = bare_shell.folder / "events.ndjson"
    file.write_text("old")
    file.chmod(0o644)
    done = bare_shell("ledger", "export", "-o", file.name, "--since", "1h")
    assert (done.code, done.out) == (0, b"")
    assert done.err == "Wrote 3 events to events.ndjson.\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    events = [json.loads(line) for line in file.read_text().splitlines()]
    assert [event["event"] for event in events] == ["found", "resolved", "refused"]
    assert events[1]["detail"] == {"purpose": "run", "command": "npm"}
    assert events[1]["previous"] == events[0]["hash"]
    assert [one.name for one in bare_shell.folder.iterdir()] == ["events.ndjson"]


def test_nothing_goes_unless_the_user_says_so(bare_shell: Shell, ledger: Ledger) -> None:
    bare_shell.folder.joinpath("tokenward.toml").write_text("ledger-retention-days = 1\n")
    done = bare_shell("ledger", "prune")
    assert (done.code, "The ledger keeps everything" in done.err) == (0, True)
    assert len(ledger.records()) == 3


def test_what_is_older_than_the_user_wants_goes(bare_shell: Shell, ledger: Ledger) -> None:
    tamper(bare_shell, "UPDATE records SET time = '2020-01-01T00:00:00.000000+00:00' WHERE id = 3")
    config = Path(bare_shell.environment["HOME"], ".config", "tokenward", "config.toml")
    config.parent.mkdir(parents=True)
    config.write_text("ledger-retention-days = 30\n")
    done = bare_shell("ledger", "prune")
    assert (done.code, done.err) == (0, "Emptied 1 old record.\n")
    assert [record.id for record in ledger.records()] == [1, 2, 4]
