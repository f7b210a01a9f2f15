"""QuickReader: against a real gnome-keyring, and where only the worker may answer."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import secretstorage.util

from keyring_session import keyring_session, paused
from tokenward.model import Secret
from tokenward.vault import quick_reader, secret_service
from tokenward.vault.quick_reader import QuickReader
from tokenward.vault.vault import VaultConfig
from vault_calls import Workers, enter, reference

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the Secret Service exists on Linux only"),
    # The default method uses the timer that the reader needs.
    pytest.mark.timeout(300, method="thread"),
]


@pytest.fixture
def config(tmp_path: Path) -> VaultConfig:
    return VaultConfig("keyring", tmp_path / "lock")


@contextmanager
def alarm(seconds: float) -> Iterator[None]:
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@pytest.mark.usefixtures("unlocked_keyring")
def test_it_reads_what_the_worker_stored(config: VaultConfig, workers: Workers) -> None:
    worker = workers()
    for name, value in (("A", "one"), ("B", "zwei €\n"), ("C", "x" * 5000)):
        worker.put(reference(name), Secret(value))
    with closing(QuickReader(config)) as quick:
        assert [quick.get(reference(name)) for name in "ABC"] == [
            Secret("one"),
            Secret("zwei €\n"),
            Secret("x" * 5000),
        ]


@pytest.mark.usefixtures("unlocked_keyring")
def test_it_reads_from_a_service_that_does_not_encrypt(
    config: VaultConfig, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers().put(reference("A"), Secret("one"))
    # The service refuses an algorithm that it does not know, as one without encryption refuses this one.
    monkeypatch.setattr(secret_service, "ALGORITHM_DH", "none")
    monkeypatch.setattr(secretstorage.util, "ALGORITHM_DH", "none")
    with closing(QuickReader(config)) as quick:
        assert quick.get(reference("A")) == Secret("one")


@pytest.mark.usefixtures("unlocked_keyring")
def test_it_leaves_a_missing_value_and_all_after_it_to_the_worker(
    config: VaultConfig, workers: Workers
) -> None:
    workers().put(reference("A"), Secret("one"))
    quick = QuickReader(config)
    assert quick.get(reference("MISSING")) is None
    assert not quick.is_usable
    assert quick.get(reference("A")) is None


def test_a_locked_keyring_shows_no_prompt(config: VaultConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    with keyring_session("locked") as environment:
        enter(environment, monkeypatch)
        assert QuickReader(config).get(reference()) is None


@pytest.mark.usefixtures("unlocked_keyring")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring"),
        ("XDG_CURRENT_DESKTOP", "KDE"),
        ("DBUS_SESSION_BUS_ADDRESS", ""),
    ],
)
def test_another_backend_is_not_anticipated(
    name: str, value: str, config: VaultConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert QuickReader(config).is_usable
    monkeypatch.setenv(name, value)
    assert not QuickReader(config).is_usable


@pytest.mark.usefixtures("unlocked_keyring")
def test_a_configured_backend_is_not_anticipated(
    config: VaultConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = config.lock.parent
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))
    file = folder / "python_keyring" / "keyringrc.cfg"
    file.parent.mkdir()
    assert QuickReader(config).is_usable
    file.touch()
    assert not QuickReader(config).is_usable


@pytest.mark.usefixtures("unlocked_keyring")
def test_a_timer_of_the_parent_is_left_alone(config: VaultConfig) -> None:
    with alarm(1000):
        assert not QuickReader(config).is_usable
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 900


@pytest.mark.usefixtures("unlocked_keyring")
def test_another_thread_cannot_be_interrupted_and_so_does_not_read(config: VaultConfig) -> None:
    quick, seen = QuickReader(config), []
    thread = threading.Thread(target=lambda: seen.append(quick.is_usable))
    thread.start()
    thread.join()
    assert seen == [False]


def test_a_bus_that_never_answers_is_given_up(
    config: VaultConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quick_reader, "SECONDS", 0.3)
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)
    with socket.socket(socket.AF_UNIX) as mute:
        monkeypatch.chdir(tmp_path)
        mute.bind("bus")
        mute.listen()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'bus'}")
        quick = QuickReader(config)
        assert quick.is_usable
        assert quick.get(reference()) is None
        assert not quick.is_usable
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL


def test_a_service_that_stops_answering_in_between_is_given_up(
    config: VaultConfig, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    with keyring_session() as environment:
        enter(environment, monkeypatch)
        workers().put(reference(), Secret("one"))
        with closing(QuickReader(config)) as quick:
            assert quick.get(reference()) == Secret("one")
            monkeypatch.setattr(quick_reader, "SECONDS", 0.3)
            with paused(environment):
                assert quick.get(reference()) is None


def test_a_lock_that_another_process_holds_is_given_up(
    config: VaultConfig, unlocked_keyring: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quick_reader, "SECONDS", 0.3)
    code = "import fcntl,sys,time; f=open(sys.argv[1],'w'); fcntl.flock(f,2); print(1,flush=True); time.sleep(99)"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(config.lock)], stdout=subprocess.PIPE, env=unlocked_keyring
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        started = time.monotonic()
        assert QuickReader(config).get(reference()) is None
        assert time.monotonic() - started < 60
        holder.kill()
