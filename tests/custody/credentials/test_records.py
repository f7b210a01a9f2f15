"""Credential records: the most specific first, and none without its token."""

from __future__ import annotations

from pathlib import Path

import pytest

from tokenward.custody.bindings.entries import Entries
from tokenward.custody.credentials import CredentialRecord, CredentialRecords, parse_url
from tokenward.model import Fingerprint, Reference

TOKEN = Reference("acme", "GIT_TOKEN")
OTHER = Reference("other", "GIT_TOKEN")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "custody.db"


@pytest.fixture
def records(path: Path) -> CredentialRecords:
    return CredentialRecords(path)


def record(url: str, user: str = "", reference: Reference = TOKEN) -> CredentialRecord:
    return CredentialRecord(parse_url(url)[0], user, reference)


def found(records: CredentialRecords, url: str, user: str = "") -> list[tuple[str, str, str]]:
    matching = records.matching(parse_url(url)[0], user)
    return [(str(one.address), one.user, one.reference.workspace) for one in matching]


def test_the_most_specific_record_comes_first(records: CredentialRecords) -> None:
    for one in (
        record("https://example.com"),
        record("https://example.com/acme", "bob"),
        record("https://example.com", "bob"),
        record("https://example.com/acme/api"),
    ):
        records.add(one)
    assert found(records, "https://example.com/acme/x", "bob") == [
        ("https://example.com/acme", "bob", "acme"),
        ("https://example.com", "bob", "acme"),
        ("https://example.com", "", "acme"),
    ]
    assert found(records, "https://example.com") == [
        ("https://example.com", "", "acme"),
        ("https://example.com", "bob", "acme"),
    ]
    assert found(records, "https://example.com", "eve") == [("https://example.com", "", "acme")]


@pytest.mark.parametrize(
    "url",
    ["http://example.com", "https://example.com:444", "https://a.example.com", "sparse+https://example.com"],
)
def test_another_host_scheme_or_port_has_no_record(records: CredentialRecords, url: str) -> None:
    records.add(record("https://example.com"))
    assert found(records, url) == []


def test_a_later_record_replaces_the_one_of_its_workspace(records: CredentialRecords) -> None:
    later = record("https://example.com", reference=Reference("acme", "NEW_TOKEN"))
    for one in (record("https://example.com"), record("https://example.com", reference=OTHER), later):
        records.add(one)
    assert records.in_workspace("acme") == (later,)
    assert records.in_workspace("other") == (record("https://example.com", reference=OTHER),)


def test_only_the_record_that_was_read_is_removed(records: CredentialRecords) -> None:
    later = record("https://example.com", reference=Reference("acme", "NEW_TOKEN"))
    records.add(later)
    assert not records.remove(record("https://example.com"))
    assert records.remove(later)
    assert not records.remove(later)


def test_a_record_goes_with_its_token_and_is_renamed_with_it(records: CredentialRecords, path: Path) -> None:
    entries = Entries(path)
    entries.add(TOKEN, Fingerprint("1" * 32), "")
    records.add(record("https://example.com"))
    records.add(record("https://example.com", reference=OTHER))
    entries.rename(TOKEN, "NEW_NAME")
    renamed = Reference("acme", "NEW_NAME")
    assert records.in_workspace("acme") == (record("https://example.com", reference=renamed),)
    entries.remove(renamed)
    assert records.in_workspace("acme") == ()
    assert len(records.in_workspace("other")) == 1
