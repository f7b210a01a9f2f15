"""Ignoring a token: which entry is written, what is recorded, and when it is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

import tokens
from desk import Desk
from tokenward.custody.ledger.events import Event
from tokenward.detection.suppress.ignore_file import IgnoreEntry
from tokenward.errors import SettingsError, TokenGone, TokenwardError
from tokenward.model import Fingerprint, Point
from tokenward.operations.context import Context
from tokenward.operations.ignore.add_entries import IgnoreTerms, add_entries, token_at
from tokenward.operations.ignore.ignore_file import IgnoreFileWriter
from tokenward.settings import Settings

TODAY = date(2026, 11, 25)
GUESSABLE = "postgres" + "://admin:" + "Summer" + "2024!" + "@db.acme.test:5432/app"


def write(desk: Desk, text: str, name: str = "app.json") -> Path:
    path = desk.folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def ignore(desk: Desk, path: Path, terms: IgnoreTerms, context: Context | None = None) -> IgnoreEntry:
    """Ignore the first token of a file, as an editor would."""
    context = context or desk.context
    source = desk.disk.read(path)
    assert source is not None
    source = replace(source, name=path.relative_to(desk.folder).as_posix())
    finding = context.scanner.scan(source)[0]
    token = token_at(context.scanner, source, finding.fingerprint, finding.start)
    (entry,) = add_entries(context, allow_file(desk), [token], terms, TODAY)
    return entry


def allow_file(desk: Desk) -> IgnoreFileWriter:
    return IgnoreFileWriter(desk.folder, desk.places.ignores_lock)


def text_of(desk: Desk) -> str:
    path = allow_file(desk).path
    return path.read_text() if path.exists() else ""


def test_an_entry_is_written_and_recorded_without_the_value(desk: Desk) -> None:
    path = write(desk, f'{{"key": "{tokens.github()}"}}\n')
    entry = ignore(desk, path, IgnoreTerms("a test value", TODAY))
    assert text_of(desk).splitlines()[1] == str(entry)
    (record,) = desk.context.ledger.records()
    fingerprint = desk.context.scanner.fingerprint(tokens.github())
    assert (record.event, record.fingerprint, record.origin) == (Event.IGNORED, fingerprint, str(path))
    written = b"".join(p.read_bytes() for p in desk.places.data_dir.iterdir()) + text_of(desk).encode()
    assert tokens.github().encode() not in written


def test_a_value_that_could_be_guessed_is_allowed_in_its_own_file_whatever_the_scope(desk: Desk) -> None:
    entry = ignore(
        desk, write(desk, f'{{"db": "{GUESSABLE}"}}\n'), IgnoreTerms("a container's", scope="other/**")
    )
    assert (entry.key, entry.scope) == (None, "app.json")


REFUSED = {
    "no reason": (IgnoreTerms("  \n"), "only for a reason"),
    "a token in the reason": (IgnoreTerms(f"it is {tokens.npm(7)}"), "contains a token"),
    "a past day": (IgnoreTerms("why", TODAY - timedelta(1)), "2026-11-24 is past"),
    "a scope elsewhere": (IgnoreTerms("why", scope="tests/**"), "does not apply to app.json"),
    "a whole path as scope": (IgnoreTerms("why", scope="/app.json"), "does not apply to app.json"),
    "no scope": (IgnoreTerms("why", scope=""), "does not apply to app.json"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_terms_that_cannot_be_kept_are_refused_and_nothing_is_written(desk: Desk, case: str) -> None:
    terms, message = REFUSED[case]
    path = write(desk, f'{{"key": "{tokens.github()}"}}\n')
    with pytest.raises(TokenwardError, match=message):
        ignore(desk, path, terms)
    assert text_of(desk) == ""
    assert desk.context.ledger.records() == ()


def test_where_nothing_may_be_ignored_nothing_is_written(desk: Desk) -> None:
    context = replace(desk.context, settings=Settings(allow_repository_ignores=False))
    with pytest.raises(SettingsError, match="`allow-repository-ignores` is off"):
        ignore(desk, write(desk, f'{{"key": "{tokens.github()}"}}\n'), IgnoreTerms("why"), context)
    assert text_of(desk) == ""


def test_a_path_too_long_for_a_line_that_is_read_back_is_refused(desk: Desk) -> None:
    name = "/".join([" #" * 50] * 4) + "/a.json"
    path = desk.folder / name
    path.parent.mkdir(parents=True)
    path.write_text(f'{{"db": "{GUESSABLE}"}}\n')
    with pytest.raises(TokenwardError, match="too long"):
        ignore(desk, path, IgnoreTerms("why " * 400))
    assert text_of(desk) == ""


def test_a_token_that_is_gone_is_refused(desk: Desk) -> None:
    source = desk.disk.read(write(desk, "{}\n"))
    assert source is not None
    with pytest.raises(TokenGone):
        token_at(desk.context.scanner, source, Fingerprint("0" * 32), Point(0, 0))
