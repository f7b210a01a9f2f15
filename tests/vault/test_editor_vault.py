"""An editor with any answer, a late one or none: always a named failure, never with a value in it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from editor_vaults import editor_vault
from tokenward.errors import NameTaken, VaultError, VaultForgetful, VaultTimeout, VaultUnavailable
from tokenward.model import Secret
from tokenward.vault.editor_vault import EditorVault
from vault_calls import reference

CANARY = "canary value"
KEY = "tokenward/acme/TOKEN"


class Scripted:
    """An editor that gives the next answer of a list to each request for a value."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.stored: list[tuple[str, str]] = []

    def get(self, _: str) -> object:
        return self.answers.pop(0)

    def store(self, key: str, value: str) -> None:
        self.stored.append((key, value))

    def delete(self, _: str) -> None:
        """Claim success."""


@pytest.fixture
def secrets() -> dict[str, Any]:
    return {}


@pytest.fixture
def vault(tmp_path: Path, secrets: dict[str, Any]) -> Iterator[EditorVault]:
    with editor_vault(tmp_path, secrets) as (made, _):
        yield made


def test_a_value_lies_under_the_name_that_every_tool_knows(
    vault: EditorVault, secrets: dict[str, Any]
) -> None:
    vault.put(reference(), Secret(CANARY))
    assert secrets == {KEY: CANARY}


@pytest.mark.parametrize(
    "answer", [0, False, [], {}, ["x"], {"value": "x"}, 1.5, "half \ud800", {"1 odd": {"jsonrpc": "2.0"}}]
)
def test_whatever_is_no_text_is_a_named_failure(
    vault: EditorVault, secrets: dict[str, Any], answer: object
) -> None:
    secrets[KEY] = answer
    with pytest.raises(VaultError) as caught:
        vault.get(reference())
    assert caught.value.__context__ is None
    secrets.clear()
    assert vault.get(reference()) is None


@pytest.mark.parametrize("read_back", ["another value", None, ""])
def test_what_does_not_come_back_was_not_stored(tmp_path: Path, read_back: str | None) -> None:
    editor = Scripted(None, read_back)
    with pytest.raises(VaultForgetful) as caught:
        EditorVault(editor, tmp_path / "lock", 5).put(reference(), Secret(CANARY))
    assert CANARY not in str(caught.value)
    assert editor.stored == [(KEY, CANARY)]


def test_what_is_still_there_was_not_deleted(tmp_path: Path) -> None:
    with pytest.raises(VaultForgetful):
        EditorVault(Scripted("kept", "kept"), tmp_path / "lock", 5).delete(reference())


def test_an_editor_that_keeps_nothing_for_us_is_not_asked(tmp_path: Path) -> None:
    with (
        editor_vault(tmp_path, {}, offers=False) as (vault, _),
        pytest.raises(VaultUnavailable, match="another editor"),
    ):
        vault.get(reference())


class Failing(dict[str, Any]):
    """An editor that repeats a value in its error message."""

    def get(self, *_: object) -> Any:
        raise RuntimeError(CANARY)


def test_an_error_of_the_editor_is_told_without_its_text(tmp_path: Path) -> None:
    with editor_vault(tmp_path, Failing()) as (vault, _), pytest.raises(VaultUnavailable) as caught:
        vault.put(reference(), Secret(CANARY))
    assert CANARY not in str(caught.value)
    assert caught.value.__context__ is None


def test_an_editor_that_does_not_answer_is_given_up(tmp_path: Path) -> None:
    with (
        editor_vault(tmp_path, {}, patience=0.1, hears=False) as (vault, _),
        pytest.raises(VaultTimeout, match=r"0\.1 seconds"),
    ):
        vault.put(reference(), Secret(CANARY))


def test_an_editor_that_ends_lets_nobody_wait(tmp_path: Path) -> None:
    with editor_vault(tmp_path, {}, hears=False) as (vault, storage):
        timer = threading.Timer(0.05, storage.close)
        timer.start()
        with pytest.raises(VaultUnavailable, match="is closing"):
            vault.get(reference())
        with pytest.raises(VaultUnavailable, match="is closing"):
            vault.get(reference())
        timer.join()


def test_of_two_that_store_at_once_one_is_refused(tmp_path: Path) -> None:
    """Two windows are two servers with one storage."""
    secrets: dict[str, Any] = {}
    won: list[str] = []
    with editor_vault(tmp_path, secrets) as (one, _), editor_vault(tmp_path, secrets) as (other, _):

        def store(vault: EditorVault, value: str) -> None:
            for number in range(20):
                with contextlib.suppress(NameTaken):
                    if vault.put(reference(f"N_{number}"), Secret(value)):
                        won.append(f"{number} {value}")

        threads = [threading.Thread(target=store, args=each) for each in ((one, "first"), (other, "second"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(won) == sorted(f"{key.rpartition('_')[2]} {value}" for key, value in secrets.items())
    assert len(won) == 20
