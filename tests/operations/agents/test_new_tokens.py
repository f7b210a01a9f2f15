"""New tokens in an agent's output are stored if the user chose so: few, and none in the place of another."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

import tokens
from desk import Desk
from tokenward.custody.callers import asker
from tokenward.custody.ledger.events import Event, Record, RecordQuery
from tokenward.custody.ledger.ledger import Ledger
from tokenward.model import Reference, Secret
from tokenward.operations.access.put import put
from tokenward.operations.agents.new_tokens import MOST_AN_HOUR, MOST_AT_ONCE, NewTokens


def replaced(desk: Desk, text: str) -> str:
    """Return what an agent reads of the output of a command."""
    new = NewTokens(lambda: nullcontext(desk.context), desk.folder, "Codex")
    return new.replaced(text, desk.context.scanner.detector.detect_all(text, "").found)


def stored(desk: Desk) -> dict[str, str]:
    entries = desk.context.entries.all()
    values = {one.reference.name: desk.vault.get(one.reference) for one in entries}
    return {name: secret.reveal() for name, secret in values.items() if secret}


def test_a_new_token_is_stored_and_its_reference_is_read(desk: Desk) -> None:
    token = tokens.github("new")
    assert replaced(desk, f"made {token} {token}.") == "made {0} {0}.".format(
        "keyring://acme-api/GITHUB_TOKEN"
    )
    assert stored(desk) == {"GITHUB_TOKEN": token}
    record = desk.context.ledger.records()[-1]
    assert (record.event, record.detail["agent"]) == (Event.PUT, "Codex")
    assert replaced(desk, token) == "keyring://acme-api/GITHUB_TOKEN"
    assert len(stored(desk)) == 1


def test_no_stored_token_is_replaced(desk: Desk) -> None:
    put(desk.context, desk.folder, "GITHUB_TOKEN", Secret("the person's own"))
    assert replaced(desk, tokens.github("new")) == "keyring://acme-api/GITHUB_TOKEN_2"
    assert desk.vault.get(Reference("acme-api", "GITHUB_TOKEN")) == Secret("the person's own")


@pytest.mark.slow
def test_a_flood_of_tokens_fills_no_vault(desk: Desk) -> None:
    for _ in range(MOST_AN_HOUR // MOST_AT_ONCE + 1):
        made = [tokens.github(f"flood {_} {number}") for number in range(MOST_AT_ONCE + 2)]
        read = replaced(desk, "\n".join(made)).splitlines()
        assert sum(line.startswith("keyring:") for line in read) <= MOST_AT_ONCE
        assert set(read) >= {*made[-2:]}
    assert len(stored(desk)) == MOST_AN_HOUR


@pytest.mark.slow
def test_a_flood_of_tokens_does_not_have_the_ledger_read_for_each(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads, matching = list[RecordQuery](), Ledger.matching

    def counted(ledger: Ledger, query: RecordQuery) -> tuple[Record, ...]:
        reads.append(query)
        return matching(ledger, query)

    monkeypatch.setattr(Ledger, "matching", counted)
    for number in range(MOST_AN_HOUR // MOST_AT_ONCE + 1):
        replaced(desk, "\n".join(tokens.github(f"flood {number} {_}") for _ in range(3 * MOST_AT_ONCE)))
    assert len(reads) == MOST_AN_HOUR + 1


@pytest.mark.parametrize("text", ["password = 'Xk29vmQ84hfL'", "key: " + "A" * 5_000, "ghp_short"])
def test_what_no_rule_is_sure_of_is_not_stored(desk: Desk, text: str) -> None:
    assert replaced(desk, text) == text
    assert stored(desk) == {}


def test_the_daemon_stores_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asker, "_served", [1])
    with pytest.raises(asker.LeftToCommand):
        replaced(desk, tokens.github("new"))
    assert stored(desk) == {}
