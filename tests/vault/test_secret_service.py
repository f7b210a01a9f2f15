from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cli_shell import PATIENCE
from examples import fewer
from keyring_session import daemon, keyring_session
from tokenward.errors import VaultDamaged, VaultLocked
from tokenward.model import Secret
from tokenward.vault.vault import Vault, VaultConfig
from vault_calls import enter, many_operations, reference

if sys.platform != "linux":
    pytest.skip("the Secret Service is Linux's", allow_module_level=True)

import secretstorage
from jeepney import HeaderFields  # type: ignore[import-untyped]
from jeepney.bus_messages import Monitoring  # type: ignore[import-untyped]
from jeepney.io.blocking import open_dbus_connection  # type: ignore[import-untyped]

from tokenward.vault.secret_service import (
    SecretServiceVault,
    UnlockedCollection,
    default_collection_is_locked,
)

CALLS = "type='method_call',destination='org.freedesktop.secrets'"
KEYRING = [sys.executable, "-m", "keyring"]


@pytest.fixture
def vault(unlocked_keyring: dict[str, str]) -> Vault:
    vault = SecretServiceVault()
    vault.delete(reference())
    return vault


def output(*command: str, given: str = "") -> str:
    return subprocess.run(command, input=given, check=True, capture_output=True, text=True).stdout.rstrip(
        "\n"
    )


def test_keyring_and_secret_tool_find_what_is_stored(vault: Vault) -> None:
    vault.put(reference(), Secret("the value"))
    assert output(*KEYRING, "get", "tokenward/acme/TOKEN", "TOKEN") == "the value"
    assert output("secret-tool", "lookup", "service", "tokenward/acme/TOKEN") == "the value"


def test_what_keyring_stored_is_found_and_deleted(vault: Vault) -> None:
    output(*KEYRING, "set", "tokenward/acme/TOKEN", "TOKEN", given="the value")
    assert vault.get(reference()) == Secret("the value")
    assert vault.delete(reference()) is True
    assert vault.get(reference()) is None


def test_keyring_changes_our_entry_and_makes_no_second_one(vault: Vault) -> None:
    vault.put(reference(), Secret("old"))
    output(*KEYRING, "set", "tokenward/acme/TOKEN", "TOKEN", given="new")
    assert vault.get(reference()) == Secret("new")
    assert output("secret-tool", "search", "--all", "service", "tokenward/acme/TOKEN").count("secret = ") == 1


def test_what_anybody_can_read_without_unlocking_holds_no_value(vault: Vault) -> None:
    vault.put(reference(), Secret("canary"))
    found = subprocess.run(
        ["secret-tool", "search", "--all", "service", "tokenward/acme/TOKEN"], check=True, capture_output=True
    )
    shown = (found.stdout + found.stderr).decode().replace("secret = canary", "")
    assert "label = Tokenward: acme/TOKEN" in shown
    assert "canary" not in shown


def test_an_entry_that_is_no_text_is_named_and_left(vault: Vault) -> None:
    attributes = {"service": reference().service, "username": reference().username}
    with contextlib.closing(secretstorage.dbus_init()) as connection:
        secretstorage.get_default_collection(connection).create_item("x", attributes, b"\xff\xfe")
    with pytest.raises(VaultDamaged, match="secret-tool lookup"):
        vault.put(reference(), Secret("v"))
    assert vault.delete(reference()) is True


def test_a_locked_keyring_is_not_taken_for_one_without_the_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can unlock it here, so what it has stays."""
    names = [reference(name) for name in "AB"]
    with keyring_session() as environment:
        enter(environment, monkeypatch)
        vault = SecretServiceVault()
        values = [(one, Secret(one.name)) for one in names]
        assert vault.put_all(values) == [True, True]
        with contextlib.closing(secretstorage.dbus_init()) as connection:
            secretstorage.get_default_collection(connection).lock()
        for ask in (lambda: vault.get_all(names), lambda: vault.put_all(values)):
            with pytest.raises(VaultLocked):
                ask()
        os.kill(service_process(), signal.SIGKILL)
        with daemon(environment):
            assert vault.put_all(values) == [False, False]
        vault.close()


def test_a_daemon_that_was_restarted_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with keyring_session() as environment:
        enter(environment, monkeypatch)
        vault = SecretServiceVault()
        vault.put(reference(), Secret("v"))
        os.kill(service_process(), signal.SIGKILL)
        with daemon(environment):
            assert vault.get(reference()) == Secret("v")
            assert vault.put(reference("OTHER"), Secret("w")) is True
        vault.close()


@pytest.mark.slow
def test_many_processes_at_once_fail_nowhere(unlocked_keyring: dict[str, str], tmp_path: Path) -> None:
    config = VaultConfig("keyring", tmp_path / "lock", timeout=60)
    rounds = fewer(25, long=100)
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        done = pool.starmap(many_operations, [(config, seed, rounds) for seed in range(4)])
    assert done == [rounds] * 4


def test_no_connection_begins_with_a_call_that_makes_the_service_abort(
    unlocked_keyring: dict[str, str],
) -> None:
    """Only `Ping` needs no registration of its sender, which gnome-keyring can miss if several are new at once."""
    marker = ["dbus-send", "--type=method_call", "--dest=org.freedesktop.secrets", "/", "org.example.Marker"]
    with open_dbus_connection() as monitor:
        monitor.send_and_get_reply(Monitoring().BecomeMonitor([CALLS]))
        vault = SecretServiceVault()
        assert vault.get(reference("MISSING")) is None
        vault.close()
        collection = UnlockedCollection(os.environ["DBUS_SESSION_BUS_ADDRESS"])
        assert collection.get(reference("MISSING")) is None
        collection.close()
        assert not default_collection_is_locked()
        subprocess.run(marker, check=True)
        first: dict[str, str] = {}
        while "Marker" not in first.values():
            fields = monitor.receive(timeout=PATIENCE).header.fields
            first.setdefault(fields[HeaderFields.sender], fields[HeaderFields.member])
    del first["org.freedesktop.DBus"]
    assert list(first.values()) == ["Ping"] * 3 + ["Marker"]


def service_process() -> int:
    owner = output(
        *("dbus-send", "--session", "--print-reply=literal", "--dest=org.freedesktop.DBus", "/"),
        *("org.freedesktop.DBus.GetConnectionUnixProcessID", "string:org.freedesktop.secrets"),
    )
    return int(owner.split()[-1])
