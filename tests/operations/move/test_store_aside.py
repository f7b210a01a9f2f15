"""Storing a token aside: what is in the keyring, the records and the environment file, also after a failure."""

from __future__ import annotations

from dataclasses import replace

import pytest

import tokens
from desk import Desk, tampered
from tokenward.custody.ledger.events import Event
from tokenward.errors import (
    CustodyError,
    EditRefused,
    EditUncertain,
    NoReader,
    RewriteRefused,
    TokenwardError,
    VaultTimeout,
    VaultUnavailable,
)
from tokenward.model import Reference
from tokenward.operations.move.move import move
from tokenward.operations.move.store_aside import aside_name, store_aside
from tokenward.operations.recovery import recover
from tokenward.settings import Settings
from tokenward.sources.source import Source

REFERENCE = "keyring://acme-api/GITHUB_TOKEN"
LINE = f"GITHUB_TOKEN={REFERENCE}\n"


def opened(desk: Desk, text: str = "", name: str = "config.json") -> Source:
    return desk.editor.open(desk.folder / name, text or f'{{"api_token": "{tokens.github()}"}}\n')


def entries(desk: Desk) -> list[str]:
    return [str(entry.reference) for entry in desk.context.entries.all()]


def test_the_token_is_stored_and_added_to_the_environment_file_while_its_text_stays(desk: Desk) -> None:
    source = opened(desk)
    stored = store_aside(desk.context, desk.request(source), desk.editor)
    assert (stored.token, str(stored.reference), stored.environment) == ("GitHub token", REFERENCE, ".env")
    assert desk.value(REFERENCE) == tokens.github()
    assert entries(desk) == [REFERENCE]
    assert desk.context.leases.get(stored.reference) is not None
    assert [record.event for record in desk.context.ledger.records()] == [Event.PUT_STARTED, Event.PUT]
    assert desk.editor.text(desk.folder / ".env") == LINE
    assert desk.editor.text(desk.folder / "config.json") == source.text


@pytest.mark.parametrize(
    ("name", "look_up"),
    [
        ("main.go", 'os.Getenv("GITHUB_TOKEN")'),
        ("Main.KT", 'System.getenv("GITHUB_TOKEN")'),
        ("notes.unknown", "GITHUB_TOKEN"),
        ("Makefile", "GITHUB_TOKEN"),
    ],
)
def test_the_look_up_is_written_as_the_file_has_it(desk: Desk, name: str, look_up: str) -> None:
    source = opened(desk, f'"{tokens.github()}"\n', name)
    assert store_aside(desk.context, desk.request(source), desk.editor).look_up == look_up


def test_it_is_what_a_file_without_a_known_reader_allows(desk: Desk) -> None:
    source = opened(desk)
    with pytest.raises(NoReader):
        move(desk.context, replace(desk.request(source), template=False), desk.editor)
    assert desk.value(REFERENCE) is None
    assert aside_name(desk.context, desk.request(source), desk.editor) == "GITHUB_TOKEN"
    assert entries(desk) == []


def test_a_second_time_changes_nothing(desk: Desk) -> None:
    source = opened(desk)
    first = store_aside(desk.context, desk.request(source), desk.editor)
    assert store_aside(desk.context, desk.request(source), desk.editor) == first
    assert desk.editor.text(desk.folder / ".env") == LINE


def test_a_line_with_the_same_value_becomes_the_reference(desk: Desk) -> None:
    desk.editor.open(desk.folder / ".env", f"GITHUB_TOKEN={tokens.github()}\n")
    store_aside(desk.context, desk.request(opened(desk)), desk.editor)
    assert desk.editor.text(desk.folder / ".env") == LINE


def test_a_name_with_another_value_is_not_used(desk: Desk) -> None:
    desk.editor.open(desk.folder / ".env", "GITHUB_TOKEN=other\n")
    source = opened(desk)
    assert (
        store_aside(desk.context, desk.request(source), desk.editor).reference.name == "CONFIG_GITHUB_TOKEN"
    )
    with pytest.raises(RewriteRefused, match="another value to GITHUB_TOKEN"):
        store_aside(desk.context, desk.request(source, name="GITHUB_TOKEN"), desk.editor)
    assert desk.value(REFERENCE) is None


def test_an_entry_that_no_record_knows_is_left_alone(desk: Desk) -> None:
    desk.hold(REFERENCE, "somebody's")
    stored = store_aside(desk.context, desk.request(opened(desk)), desk.editor)
    assert stored.reference == Reference("acme-api", "CONFIG_GITHUB_TOKEN")
    assert desk.value(REFERENCE) == "somebody's"


def test_a_name_that_is_a_token_is_refused(desk: Desk) -> None:
    with pytest.raises(CustodyError):
        store_aside(desk.context, desk.request(opened(desk), name=tokens.github()), desk.editor)
    assert (entries(desk), desk.editor.labels) == ([], [])


@pytest.mark.parametrize("error", [VaultTimeout("slow"), VaultUnavailable("none")])
def test_without_a_keyring_nothing_changes(desk: Desk, error: TokenwardError) -> None:
    def fails(*_: object) -> None:
        raise error

    source = opened(desk)
    with tampered(desk.vault, "put", fails), pytest.raises(type(error)):
        store_aside(desk.context, desk.request(source), desk.editor)
    # After a time limit, the value may be stored nevertheless; the next start looks.
    list(recover(desk.context, desk.editor))
    assert (entries(desk), desk.editor.labels) == ([], [])
    assert desk.editor.text(desk.folder / "config.json") == source.text


def test_if_the_environment_file_is_not_changed_the_message_says_which_line_to_add(desk: Desk) -> None:
    desk.editor.fail = EditRefused("The editor did not apply the edit.")
    with pytest.raises(TokenwardError) as failure:
        store_aside(desk.context, desk.request(opened(desk)), desk.editor)
    assert str(failure.value) == (
        f"The token is stored as {REFERENCE}, but the environment file was not changed: The editor did not apply the "
        f"edit. Add the line `{LINE.strip()}` to it."
    )
    assert desk.value(REFERENCE) == tokens.github()
    desk.editor.fail = None
    store_aside(desk.context, desk.request(opened(desk)), desk.editor)
    assert desk.editor.text(desk.folder / ".env") == LINE


def test_an_uncertain_edit_keeps_its_own_message(desk: Desk) -> None:
    desk.editor.fail = EditUncertain("Check it.")
    with pytest.raises(EditUncertain, match=r"^Check it\.$"):
        store_aside(desk.context, desk.request(opened(desk)), desk.editor)
    assert desk.value(REFERENCE) == tokens.github()


def test_a_value_whose_spelling_is_not_certain_is_refused(desk: Desk) -> None:
    password = "&amp;".join(("Xk29", "vQ7pLm4Zt8"))  # noqa: FLY002 - no whole password is in this file
    source = opened(desk, f'<add key="DbPassword" password="{password}" />\n', "app.config")
    with pytest.raises(RewriteRefused):
        store_aside(desk.context, desk.request(source), desk.editor)
    assert entries(desk) == []


def test_the_environment_file_of_the_settings_is_used(desk: Desk) -> None:
    desk.settings = Settings(env_file="local.env")
    stored = store_aside(desk.context, desk.request(opened(desk)), desk.editor)
    assert stored.environment == "local.env"
    assert desk.editor.text(desk.folder / "local.env") == LINE
