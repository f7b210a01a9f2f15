"""Every row of the table: the token in a file of its format is found, dated, explained, and replaced in place."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest

import tokens
from desk import Desk
from tokenward.catalog import rows as catalog
from tokenward.custody.ledger.events import Event
from tokenward.model import Fingerprint, Reference
from tokenward.operations.agents_protection.search_roots import SearchRoots
from tokenward.operations.transcripts import redact
from tokenward.operations.transcripts.databases import zstandard
from tokenward.operations.transcripts.records import record_seen
from tokenward.operations.transcripts.redact import LABEL, Redaction
from tokenward.operations.transcripts.survey import TranscriptSurvey, TranscriptToken, survey
from tokenward.operations.transcripts.transcript_files import (
    ROWS,
    Format,
    TranscriptFile,
    TranscriptRow,
    find_transcripts,
)
from transcript_samples import SAMPLES, SECONDS

TOKEN = tokens.github("transcript")
OLD = 1_790_000_000
REFERENCE = Reference("acme-api", "GITHUB_TOKEN")


def find(desk: Desk, variables: Mapping[str, str] | None = None) -> tuple[list[TranscriptFile], list[str]]:
    skipped: list[str] = []
    roots = SearchRoots(home(desk), desk.folder, variables or {})
    return [*find_transcripts(roots, skipped)], skipped


def home(desk: Desk) -> Path:
    return desk.folder.parent / "user"


def place(desk: Desk, row: TranscriptRow) -> Path:
    base = home(desk) if row.place.startswith(("~", "{")) else desk.folder
    path = base / SAMPLES[row.place].path
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def make(desk: Desk, row: TranscriptRow) -> Path:
    path = place(desk, row)
    SAMPLES[row.place].make(path, TOKEN)
    os.utime(path, (OLD, OLD))
    return path


def redaction(desk: Desk, found: TranscriptSurvey, references: Mapping[Fingerprint, Reference]) -> Redaction:
    return Redaction(desk.context, found, references, str, desk.places.writes)


def test_every_row_has_a_sample() -> None:
    assert SAMPLES.keys() == {row.place for row in ROWS}
    found = {**catalog.rows("agents"), **catalog.rows("tools")}
    assert all(row["transcripts"]["source"] for row in found.values() if "transcripts" in row)


@pytest.mark.parametrize("is_stored", [True, False])
def test_a_token_is_found_and_replaced(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, *, is_stored: bool
) -> None:
    """By its reference or, of every second row, by the label; each file is found by its own row alone."""
    # For each file, it would check every open file of the machine.
    monkeypatch.setattr(redact, "programs_with", lambda _: [])
    rows = ROWS[not is_stored :: 2]
    paths = [make(desk, row) for row in rows]
    before = [structure(row, path) for row, path in zip(rows, paths, strict=True)]
    files, skipped = find(desk)
    assert skipped == []
    by_path = {file.path: file for file in files}
    assert sorted(by_path) == sorted(paths)
    assert len(by_path) == len(files)
    ordered = [by_path[path] for path in paths]
    assert [file.row.agent for file in ordered] == [row.agent for row in rows]
    for row, file in zip(rows, ordered, strict=True):
        found = survey(desk.context.scanner, [file])
        assert found.troubles == []
        [token] = found.tokens.values()
        assert_arrived(row, token)
        references = {token.fingerprint: REFERENCE} if is_stored else {}
        [done] = redaction(desk, found, references).redact([file])
        assert (done.reason, [*done.left], len(done.gone)) == ("", [], 1)
    assert survey(desk.context.scanner, files).tokens == {}
    for row, path, shape_before in zip(rows, paths, before, strict=True):
        assert TOKEN.encode() not in content_of(path)
        assert structure(row, path) == shape_before, path
        new = "*" * len(TOKEN) if row.format is Format.BINARY else str(REFERENCE) if is_stored else LABEL
        assert content_of(path).count(new.encode()) >= len(set(SAMPLES[row.place].origins)), path
        assert row.format is Format.SQLITE or path.stat().st_mtime == OLD


def assert_arrived(row: TranscriptRow, token: TranscriptToken) -> None:
    """Assert that a survey says how and when a row's token got there."""
    sample = SAMPLES[row.place]
    assert tuple(one.origin for one in token.places) == sample.origins, row.place
    times = {int(one.when.timestamp()) for one in token.places}
    assert (times == {SECONDS}) if sample.is_timed else (times <= {OLD, SECONDS, SECONDS - SECONDS % 86_400})
    assert token.agents == ([row.agent] if row.is_agent else [])


def content_of(path: Path) -> bytes:
    """Return the bytes of a file and of those beside it, and what is compressed in a database."""
    packed: list[bytes] = []
    if path.name == "threads.db":
        with closing(sqlite3.connect(path)) as connection:
            packed = [
                zstandard().decompress(data) for (data,) in connection.execute("SELECT data FROM threads")
            ]
    files = [one for one in path.parent.glob(f"{glob_escaped(path.name)}*") if one.is_file()]
    return b"".join([*(one.read_bytes() for one in files), *packed])


def glob_escaped(name: str) -> str:
    return name.replace("[", "[[]")


def structure(row: TranscriptRow, path: Path) -> object:
    """Return all of a file except the token and what takes its place."""
    match row.format:
        case Format.LINES:
            return [shape(json.loads(line)) for line in path.read_text().splitlines()]
        case Format.JSON:
            return shape(json.loads(path.read_text()))
        case Format.SQLITE:
            return [*schema(path)]
        case Format.BINARY:
            return path.stat().st_size
        case _:
            return without(path.read_text())


def without(text: str) -> str:
    for one in (TOKEN, str(REFERENCE), LABEL):
        text = text.replace(one, "…")
    return text


def shape(value: object) -> object:
    if isinstance(value, dict):
        return {key: shape(child) for key, child in value.items()}
    if isinstance(value, list):
        return [shape(child) for child in value]
    return without(value) if isinstance(value, str) else value


def schema(path: Path) -> Iterator[object]:
    with closing(sqlite3.connect(path)) as connection:
        yield connection.execute("PRAGMA integrity_check").fetchall()
        for name, sql in connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'table'"
        ).fetchall():
            rows = connection.execute(f'SELECT * FROM "{name}"').fetchall()
            yield name, sql, [[shape(decoded(cell)) for cell in row] for row in rows]


def decoded(cell: object) -> object:
    if isinstance(cell, bytes):
        cell = (zstandard().decompress(cell) if cell.startswith(b"\x28\xb5") else cell).decode()
    return json.loads(cell) if isinstance(cell, str) and cell[:1] in ("{", "[") else cell


def test_the_ledger_says_which_agent_has_seen_a_token(desk: Desk) -> None:
    """Once, with the time in the transcript; a redaction is recorded without the value, and ends the place."""
    row = next(row for row in ROWS if row.agent == "Claude Code")
    path = make(desk, row)
    files, _ = find(desk)
    found, ledger = survey(desk.context.scanner, files), desk.context.ledger
    for _ in range(2):
        record_seen(ledger, str, found, [path])
    [seen] = ledger.records()
    assert (seen.event, seen.origin, seen.detail["agent"]) == (Event.FOUND, str(path), "Claude Code")
    assert str(seen.detail["how"]).startswith("pasted by a person, read from a file")
    [*redaction(desk, found, {}).redact(files)]
    events = [record.event for record in ledger.records()]
    assert events == [Event.FOUND, Event.REDACTION_STARTED, Event.REDACTED, Event.WITHDRAWN]
    assert TOKEN.encode() not in desk.places.ledger.read_bytes()
    record_seen(ledger, str, survey(desk.context.scanner, files), [path])
    assert len(ledger.records()) == 4


def test_the_reference_lists_every_file() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "transcripts.md").read_text()
    written = [
        re.sub(r"\{\w+\|([^}]*)\}", r"\1", row.place.replace("{USER_SETTINGS|}", "USER")) for row in ROWS
    ]
    assert [place for place in written if f"`{place}`" not in page] == []
