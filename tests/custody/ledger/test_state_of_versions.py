"""State that another version wrote: it opens, or is refused by what it is; it is damaged only if SQLite says so."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tokenward.custody.bindings.bindings import Bindings
from tokenward.custody.bindings.entries import Entries
from tokenward.custody.credentials import CredentialRecord, CredentialRecords, parse_url
from tokenward.custody.leases.lease import Lease
from tokenward.custody.leases.leases import Leases
from tokenward.custody.leases.sessions import Sessions
from tokenward.custody.ledger.database import FIRST_VERSION, Database
from tokenward.custody.ledger.events import Event
from tokenward.custody.ledger.ledger import Ledger
from tokenward.custody.ledger.schema import CUSTODY, LEDGER
from tokenward.errors import StateDamaged
from tokenward.model import Fingerprint, Reference

WRITTEN = Path(__file__).parents[3] / "fixtures" / "databases"
TOKEN, FINGERPRINT = Reference("acme-api", "TOKEN"), Fingerprint("0" * 32)


def written(fixture: str, folder: Path) -> Path:
    """Write a database as the version in the fixture's name wrote it."""
    path = folder / f"{fixture.partition('-')[0]}.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((WRITTEN / f"{fixture}.sql").read_text())
    return path


@pytest.mark.parametrize("fixture", sorted(file.stem for file in WRITTEN.glob("*-preview-*.sql")))
def test_what_a_preview_wrote_is_refused_by_name_and_stays_as_it_is(fixture: str, tmp_path: Path) -> None:
    path = written(fixture, tmp_path)
    before = path.read_bytes()
    is_ledger = path.stem == "ledger"
    read = Ledger(path).records if is_ledger else Entries(path).all
    with pytest.raises(StateDamaged, match=r"written by a preview of Tokenward.*`tokenward vault recover`"):
        read()
    assert path.read_bytes() == before


def test_there_is_a_database_of_each_version(tmp_path: Path) -> None:
    """Who adds a migration adds what the version before it wrote."""
    for name, groups in (("custody", CUSTODY), ("ledger", LEDGER)):
        versions = {file.stem for file in WRITTEN.glob(f"{name}-[0-9]*.sql")}
        assert versions == {f"{name}-{FIRST_VERSION + number}" for number in range(len(groups))}


@pytest.mark.parametrize("version", range(FIRST_VERSION, FIRST_VERSION + len(CUSTODY)))
def test_the_records_of_each_version_open(version: int, tmp_path: Path) -> None:
    path = written(f"custody-{version}", tmp_path)
    (entry,) = Entries(path).all()
    assert (entry.reference, entry.fingerprint, entry.provider) == (TOKEN, FINGERPRINT, "github")
    assert Leases(path, Sessions(tmp_path)).get(TOKEN) == Lease(uses=3)
    assert [str(one.folder) for one in Bindings(path).all()] == ["/home/somebody/acme-api"]


@pytest.mark.parametrize("version", range(FIRST_VERSION, FIRST_VERSION + len(LEDGER)))
def test_the_ledger_of_each_version_opens_and_verifies(version: int, tmp_path: Path) -> None:
    ledger = Ledger(written(f"ledger-{version}", tmp_path))
    assert [(one.event, one.reference) for one in ledger.records()] == [
        (Event.PUT, TOKEN),
        (Event.RESOLVED, TOKEN),
    ]
    assert ledger.verify().faults == ()
    ledger.record(Event.REMOVED, reference=TOKEN)
    assert ledger.verify().faults == ()


def migrated(path: Path, groups: tuple[tuple[str, ...], ...], oldest_reader: int) -> None:
    """Open a database with a newer program."""
    with Database(path, groups, oldest_reader).write():
        pass


def test_an_older_program_goes_on_beside_a_newer_one_that_only_added(tmp_path: Path) -> None:
    """Each table gained a column and there is a new one; every record can be read and written."""
    path, ledger_path = written("custody-100", tmp_path), written("ledger-100", tmp_path)
    tables = ("bindings", "entries", "leases", "approvals", "editors", "clock", "credentials")
    added = tuple(f"ALTER TABLE {name} ADD COLUMN more TEXT NOT NULL DEFAULT ''" for name in tables)
    migrated(path, (*CUSTODY, (*added, "CREATE TABLE others (x)")), FIRST_VERSION)
    migrated(ledger_path, (*LEDGER, ("ALTER TABLE records ADD COLUMN more TEXT",)), FIRST_VERSION)
    entries, leases = Entries(path), Leases(path, Sessions(tmp_path))
    folder = tmp_path / "other"
    folder.mkdir()
    assert Bindings(path, Ledger(ledger_path)).claim(folder, "other") == "other"
    entries.add(Reference("other", "A"), FINGERPRINT, "")
    entries.share(Reference("other", "A"), "B")
    entries.rename(Reference("other", "B"), "C")
    assert {one.reference.name for one in entries.in_workspace("other")} == {"A", "C"}
    leases.tick()
    leases.grant(TOKEN, Lease(uses=9))
    leases.approve([TOKEN], "run", "boot:0")
    leases.spend([TOKEN])
    assert leases.get(TOKEN) == Lease(uses=8)
    record = CredentialRecord(parse_url("https://example.org/a")[0], "", TOKEN)
    CredentialRecords(path).add(record)
    assert CredentialRecords(path).in_workspace("acme-api") == (record,)
    ledger = Ledger(ledger_path)
    ledger.record(Event.PUT, reference=TOKEN)
    assert len(ledger.records()) == 3
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (FIRST_VERSION + len(CUSTODY),)


def test_an_older_program_is_refused_where_it_could_ignore_a_limit(tmp_path: Path) -> None:
    path = written("custody-100", tmp_path)
    migrated(path, (*CUSTODY, ("ALTER TABLE leases ADD COLUMN other TEXT",)), FIRST_VERSION + len(CUSTODY))
    with pytest.raises(StateDamaged, match="written by a newer Tokenward; update this one"):
        Entries(path).all()


def test_what_a_newer_program_records_is_an_event_without_a_name(tmp_path: Path) -> None:
    path = written("ledger-100", tmp_path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO records (time, event, pid, detail) VALUES ('2027-01-01', 'sung', 1, '{}')"
        )
    assert Ledger(path).records()[-1].event is Event.UNKNOWN


def broken(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:4096] + bytes(range(256)) * (len(content[4096:]) // 256))


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE entries")


def empty_of_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 0")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (broken, "is damaged; restore a backup, or move it away and run `tokenward vault recover`"),
        (foreign, "has records that this version of Tokenward cannot read"),
        (empty_of_version, "has records that this version of Tokenward cannot read"),
    ],
)
def test_damaged_is_only_what_fails_an_integrity_check(
    change: Callable[[Path], None], said: str, tmp_path: Path
) -> None:
    path = written("custody-100", tmp_path)
    change(path)
    with pytest.raises(StateDamaged, match=said):
        Entries(path).all()
