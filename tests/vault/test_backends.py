"""Which backend is used, and the message if it is forbidden."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

import fake_backends
import tokens
from keyring_session import AVAILABLE, WHY_NOT, keyring_session
from tokenward.errors import (
    NameTaken,
    VaultError,
    VaultForgetful,
    VaultLocked,
    VaultUnavailable,
    VaultUntrusted,
)
from tokenward.model import Secret
from tokenward.vault.encrypted_file import create
from tokenward.vault.os_keyring import OsKeyringVault
from tokenward.vault.unlocking import Unlocking
from tokenward.vault.vault import VaultConfig
from tokenward.vault.worker import describe
from vault_calls import Workers, enter, reference

FakeKeyring = Callable[[str], Path]
FAKES = ("fake_backends",)

linux = pytest.mark.skipif(sys.platform != "linux", reason="the Secret Service and XDG folders are Linux's")


def config(tmp_path: Path, *allowed: str) -> VaultConfig:
    return VaultConfig("keyring", tmp_path / "lock", timeout=20, allowed_backends=allowed)


def test_a_backend_that_forgets_is_named(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    with pytest.raises(VaultForgetful, match="PYTHON_KEYRING_BACKEND"):
        workers().put(reference(), Secret("v"))


def test_a_backend_that_fails_names_the_next_step(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    with pytest.raises(VaultUnavailable, match="tokenward vault init --file"):
        workers().get(reference())


@linux
@pytest.mark.skipif(not AVAILABLE, reason=WHY_NOT)
def test_a_program_that_inherits_no_address_finds_the_bus_of_the_login(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    with keyring_session() as environment:
        path = environment["DBUS_SESSION_BUS_ADDRESS"].removeprefix("unix:path=").partition(",")[0]
        Path(environment["XDG_RUNTIME_DIR"], "bus").symlink_to(path)
        enter(environment, monkeypatch)
        monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
        workers().put(reference(), Secret("v"))
        assert workers().get(reference()) == Secret("v")


@linux
def test_without_a_bus_the_next_step_is_named(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    with keyring_session("absent") as environment:
        enter(environment, monkeypatch)
        with pytest.raises(VaultUnavailable, match="tokenward vault init --file"):
            workers().get(reference())


@linux
@pytest.mark.skipif(not AVAILABLE, reason=WHY_NOT)
def test_a_keyring_that_nobody_unlocks_says_so(
    workers: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with keyring_session("locked") as environment:
        enter(environment, monkeypatch)
        assert describe(config(tmp_path)).locked is True
        with pytest.raises(VaultLocked, match="unlock it"):
            workers().put(reference(), Secret("v"))


@pytest.mark.parametrize(
    "name", ["fake_backends.Filed", "keyrings.alt.file.PlaintextKeyring", "Filed", "a\n\x1b[2J.b"]
)
def test_an_unknown_backend_is_not_even_imported(
    workers: Workers, fake_keyring: FakeKeyring, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    folder = fake_keyring("Filed")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", name)
    with pytest.raises(VaultUntrusted, match="allowed-backends") as caught:
        workers(allowed=("fake_backends.Other", "os")).put(reference(), Secret("v"))
    assert str(caught.value).isprintable()
    assert not list(folder.iterdir())


@pytest.mark.parametrize("allowed", ["fake_backends", "fake_backends.Filed"])
def test_a_backend_that_the_user_allows_is_used(
    workers: Workers, fake_keyring: FakeKeyring, allowed: str
) -> None:
    folder = fake_keyring("Filed")
    vault = workers(allowed=(allowed,))
    assert vault.put(reference(), Secret("v")) is True
    assert vault.get(reference()) == Secret("v")
    assert "tokenward/acme/TOKEN TOKEN" in (folder / "entries.json").read_text()


@pytest.mark.parametrize(
    "name", ["keyring.backends.Windows.Nothing", "fake_backends.Missing", "fake_backends.a.b"]
)
def test_a_backend_that_cannot_be_loaded_is_named(
    workers: Workers, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", name)
    with pytest.raises(VaultUnavailable, match=name):
        workers(allowed=("fake_backends", "fake_backends.a")).get(reference())


def configure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str) -> None:
    folder = tmp_path / "config" / "python_keyring"
    folder.mkdir(parents=True)
    (folder / "keyringrc.cfg").write_text(text)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)


@linux
def test_an_unknown_backend_in_the_configuration_is_refused(
    workers: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = tmp_path / "evil"
    evil.mkdir()
    for module in ("json", "evil_backend", "hashlib"):
        (evil / f"{module}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()")
    configure(
        monkeypatch, tmp_path, f"[backend]\ndefault-keyring=evil_backend.Keyring\nkeyring-path={evil}\n"
    )
    with pytest.raises(VaultUntrusted, match=r"evil_backend\.Keyring.*allowed-backends"):
        workers().get(reference())
    assert not (tmp_path / "ran").exists()


@linux
def test_an_allowed_backend_comes_from_the_configured_folder_and_nothing_else_does(
    workers: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backends"
    folder.mkdir()
    (folder / "my_backend.py").write_text("from fake_backends import Filed\nimport secrets, tarfile\n")
    for module in ("secrets", "tarfile"):
        (folder / f"{module}.py").write_text("raise SystemExit")
    configure(monkeypatch, tmp_path, f"[backend]\ndefault-keyring=my_backend.Filed\nkeyring-path={folder}\n")
    monkeypatch.setenv("FAKE_KEYRING", str(tmp_path))
    vault = workers(allowed=("my_backend",))
    assert vault.put(reference(), Secret("v")) is True


@linux
@pytest.mark.parametrize("text", ["nonsense", "[backend", "\0", "[backend]\nx=1\n[backend]\n"])
def test_a_configuration_that_cannot_be_read_is_named(
    workers: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    configure(monkeypatch, tmp_path, text)
    with pytest.raises(VaultUnavailable, match=r"keyringrc\.cfg"):
        workers().get(reference())


@linux
@pytest.mark.parametrize(
    "name", ["keyring.backends.chainer.ChainerBackend", "tokenward.keyring_backend.CredentialKeyring"]
)
@pytest.mark.parametrize("allowed", [(), ("tokenward.keyring_backend",)])
def test_the_chain_of_all_backends_and_our_own_stand_for_the_best_trusted_one(
    workers: Workers,
    unlocked_keyring: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    allowed: tuple[str, ...],
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", name)
    assert workers(allowed=allowed).description == "Secret Service"


def test_a_value_that_cannot_be_read_back_is_reported(workers: Workers, fake_keyring: FakeKeyring) -> None:
    fake_keyring("Forgetful")
    with pytest.raises(VaultForgetful, match="keyring://acme/TOKEN"):
        workers(allowed=FAKES).put(reference(), Secret("v"))


def test_a_value_that_comes_back_changed_is_reported(workers: Workers, fake_keyring: FakeKeyring) -> None:
    fake_keyring("Truncating")
    with pytest.raises(VaultForgetful):
        workers(allowed=FAKES).put(reference(), Secret("value"))


@pytest.mark.parametrize("backend", ["Forgetful", "Truncating"])
def test_each_of_many_values_that_does_not_come_back_is_named(
    workers: Workers, fake_keyring: FakeKeyring, backend: str
) -> None:
    fake_keyring(backend)
    outcomes = workers(allowed=FAKES).put_all([(reference(name), Secret("value")) for name in ("A", "B")])
    assert [type(one) for one in outcomes] == [VaultForgetful] * 2
    assert [str(reference(name)) in str(one) for name, one in zip("AB", outcomes, strict=True)] == [
        True,
        True,
    ]


@pytest.mark.parametrize("backend", ["Refusing", "Dying"])
def test_what_was_stored_before_a_failure_is_known_unless_the_process_is_lost(
    workers: Workers, fake_keyring: FakeKeyring, backend: str
) -> None:
    fake_keyring(backend)
    vault = workers(allowed=FAKES)
    values = [(reference(name), Secret("value")) for name in ("A", "B", "C")]
    if backend == "Dying":
        with pytest.raises(VaultUnavailable, match="ended"):
            vault.put_all(values)
    else:
        done, failure = vault.put_all(values)
        assert (done, type(failure)) == (True, VaultUnavailable)
    assert vault.get_all([one for one, _ in values]) == [Secret("value"), None, None]


def test_a_library_that_ends_its_process_is_survived(workers: Workers, fake_keyring: FakeKeyring) -> None:
    fake_keyring("Leaving")
    vault = workers(allowed=FAKES)
    for _ in range(2):
        with pytest.raises(VaultUnavailable, match="SystemExit"):
            vault.get(reference())


@pytest.mark.parametrize("backend", ["Telltale", "Forgetful", "Truncating"])
def test_no_failure_tells_a_value(workers: Workers, fake_keyring: FakeKeyring, backend: str) -> None:
    value = tokens.github("canary")
    fake_keyring(backend)
    inside = OsKeyringVault(getattr(fake_backends, backend)())
    for vault in (workers(allowed=FAKES), inside):
        with pytest.raises(VaultError) as caught:
            vault.put(reference(f"T_{type(vault).__name__}"), Secret(value))
        assert value not in "".join(traceback.format_exception(caught.value))


def test_a_taken_name_tells_neither_value(workers: Workers, fake_keyring: FakeKeyring) -> None:
    fake_keyring("Filed")
    vault = workers(allowed=FAKES)
    vault.put(reference(), Secret(tokens.github(1)))
    with pytest.raises(NameTaken) as caught:
        vault.put(reference(), Secret(tokens.github(2)))
    assert not any(tokens.github(seed) in str(caught.value) for seed in (1, 2))


def test_the_report_names_an_untrusted_backend(tmp_path: Path, fake_keyring: FakeKeyring) -> None:
    folder = fake_keyring("Filed")
    report = describe(config(tmp_path))
    assert (report.backend, report.fallback) == ("fake_backends.Filed", False)
    assert "allowed-backends" in report.problem
    assert not list(folder.iterdir())


def test_the_report_asks_an_allowed_backend_for_nothing(tmp_path: Path, fake_keyring: FakeKeyring) -> None:
    folder = fake_keyring("Filed")
    report = describe(config(tmp_path, "fake_backends"))
    assert (report.backend, report.problem) == ("fake_backends.Filed", "")
    assert not list(folder.iterdir())


@linux
def test_the_report_names_the_secret_service(tmp_path: Path, unlocked_keyring: dict[str, str]) -> None:
    report = describe(config(tmp_path))
    assert (report.description, report.locked, report.problem) == ("Secret Service", False, "")


def test_the_report_of_a_file_tells_whether_it_is_locked(tmp_path: Path) -> None:
    path = tmp_path / "vault"
    passphrase = Secret("a passphrase")
    missing = describe(VaultConfig("file", tmp_path / "lock", path))
    create(path, Unlocking(passphrase=passphrase))
    locked = describe(VaultConfig("file", tmp_path / "lock", path))
    opened = describe(VaultConfig("file", tmp_path / "lock", path, passphrase=passphrase))
    assert "tokenward vault init --file" in missing.problem
    assert (locked.locked, opened.locked) == (True, False)
    assert opened.fallback
    assert not opened.problem
