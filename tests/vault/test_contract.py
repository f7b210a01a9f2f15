"""The contract of every vault; the in-memory twin and the real ones pass the same tests."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend

import tokens
from editor_vaults import editor_vault
from memory_vault import MemoryVault
from tokenward.errors import NameTaken, VaultError
from tokenward.model import Secret
from tokenward.vault.encrypted_file import create
from tokenward.vault.os_keyring import OsKeyringVault
from tokenward.vault.unlocking import KEY_VARIABLE, Unlocking
from tokenward.vault.vault import Vault
from vault_calls import reference

KEY = Secret(base64.b64encode(bytes(range(32))).decode())
VALUES = {
    "token": tokens.github(),
    "key": tokens.private_key(),
    "empty": "",
    "space": "  leading and trailing \t ",
    "unicode": "Ünïcödé \U0001f511 \u202e\ufeff end",
    "newlines": "a\r\nb\nc\rd\u2028e\n",
    "nul": "a\0b\0",
    "quotes": "\"'\\ ${HOME} `id` %s {0}",
    "manifest": "tokenward-parts:2:" + "0" * 64,
    "exactly the limit": "x" * 100,
    "one more than the limit": "x" * 101,
    "pairs on the border": "x" * 99 + "\U0001f511" * 120,
}


class LimitedBackend(KeyringBackend):
    """A backend that, like Windows, refuses values above a number of bytes in UTF-16."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if len(password.encode("utf-16-le")) > 200:
            raise OSError(1783, "The stub received bad data")
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


KINDS = ["memory", "file", "split", "secret service", "worker, file", "worker, secret service", "editor"]


@pytest.fixture(params=KINDS)
def vault(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vault]:
    kind: str = request.param
    if kind == "editor":
        with editor_vault(tmp_path, {}) as (made, _):
            yield made
        return
    if "secret service" in kind:
        request.getfixturevalue("unlocked_keyring")
    if "file" in kind:
        monkeypatch.setenv(KEY_VARIABLE, KEY.reveal())
    yield _made(kind, tmp_path, request.getfixturevalue("workers"))


def _made(kind: str, folder: Path, workers: Callable[..., Vault]) -> Vault:
    if kind == "memory":
        return MemoryVault()
    if kind == "split":
        return OsKeyringVault(LimitedBackend(), 100)
    if kind == "worker, secret service":
        return _emptied(workers())
    if kind == "secret service":
        from tokenward.vault.secret_service import SecretServiceVault  # noqa: PLC0415 - on Linux only

        return _emptied(SecretServiceVault())
    file = create(folder / "vault", Unlocking(key=KEY))
    return file if kind == "file" else workers(file=folder / "vault")


def _emptied(vault: Vault) -> Vault:
    vault.delete(reference())
    vault.delete(reference("OTHER"))
    return vault


def test_nothing_is_found_before_it_is_stored(vault: Vault) -> None:
    assert vault.get(reference()) is None


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_a_value_comes_back_as_it_was(vault: Vault, value: str) -> None:
    assert vault.put(reference(), Secret(value)) is True
    found = vault.get(reference())
    assert found is not None
    assert found.reveal() == value


def test_a_value_of_three_megabytes_comes_back(vault: Vault) -> None:
    # A thousandth of that where each entry holds only a hundred characters.
    size = 3_000 if isinstance(vault, OsKeyringVault) else 3_000_000
    value = ("é0123456789" * size)[:size]
    vault.put(reference(), Secret(value))
    assert vault.get(reference()) == Secret(value)


def test_the_same_value_twice_is_one_entry(vault: Vault) -> None:
    vault.put(reference(), Secret("v"))
    assert vault.put(reference(), Secret("v")) is False
    assert vault.delete(reference()) is True
    assert vault.get(reference()) is None


def test_no_entry_is_overwritten(vault: Vault) -> None:
    vault.put(reference(), Secret("first"))
    with pytest.raises(NameTaken, match="keyring://acme/TOKEN"):
        vault.put(reference(), Secret("second"))
    assert vault.get(reference()) == Secret("first")


@pytest.mark.parametrize("before", [None, "first", "x" * 250], ids=["none", "short", "long"])
@pytest.mark.parametrize("value", ["second", "y" * 350, "tokenward-parts:2:" + "0" * 64])
def test_a_replaced_value_is_the_only_one(vault: Vault, before: str | None, value: str) -> None:
    if before is not None:
        vault.put(reference(), Secret(before))
    vault.replace(reference(), Secret(value))
    assert vault.get(reference()) == Secret(value)
    assert vault.delete(reference()) is True
    assert vault.get(reference()) is None


def test_many_values_are_stored_at_once_and_read_in_any_order(vault: Vault) -> None:
    """A value that is there, or is given twice, is no second entry."""
    values = {reference(name): Secret(f"value of {name}") for name in ("OTHER", "TOKEN")}
    first, last = values
    vault.put(last, values[last])
    given = [(one, values[one]) for one in (first, last, first)]
    assert vault.put_all(given) == [True, False, False]
    asked = [last, reference("ABSENT"), first, last]
    assert vault.get_all(asked) == [values.get(one) for one in asked]
    assert vault.delete(first)
    assert vault.get_all([first, last]) == [None, values[last]]
    assert (vault.get_all([]), vault.put_all([])) == ([], [])


@pytest.mark.parametrize(("value", "kind"), [("another", NameTaken), ("half \ud800", VaultError)])
def test_nothing_is_stored_after_a_value_that_cannot_be(
    vault: Vault, value: str, kind: type[VaultError]
) -> None:
    if kind is NameTaken:
        vault.put(reference(), Secret("held"))
    values = {"OTHER": "one", "TOKEN": value, "ABSENT": "three"}
    done, failure = vault.put_all([(reference(name), Secret(one)) for name, one in values.items()])
    assert (done, type(failure)) == (True, kind)
    held = Secret("held") if kind is NameTaken else None
    assert vault.get_all([*map(reference, values)]) == [Secret("one"), held, None]


def test_entries_do_not_touch_each_other(vault: Vault) -> None:
    vault.put(reference(), Secret("one"))
    vault.put(reference("OTHER"), Secret("two"))
    vault.delete(reference())
    assert vault.get(reference()) is None
    assert vault.get(reference("OTHER")) == Secret("two")


def test_deleting_tells_whether_there_was_an_entry(vault: Vault) -> None:
    assert vault.delete(reference()) is False
    vault.put(reference(), Secret("x" * 1000))
    assert vault.delete(reference()) is True
    assert vault.delete(reference()) is False


def test_half_a_character_is_refused_without_showing_the_value(vault: Vault) -> None:
    for store in (vault.put, vault.replace):
        with pytest.raises(VaultError) as caught:
            store(reference(), Secret("canary \ud800"))
        assert "canary" not in str(caught.value)
        assert caught.value.__context__ is None
        assert vault.get(reference()) is None


def test_it_has_a_name_for_the_user(vault: Vault) -> None:
    assert vault.description
