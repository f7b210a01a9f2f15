from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from starts import at_terminal
from tokenward.errors import VaultTimeout, VaultUnavailable
from tokenward.model import Secret
from tokenward.vault import worker
from tokenward.vault.encrypted_file import create
from tokenward.vault.file_lock import hold_file_lock
from tokenward.vault.unlocking import KEY_VARIABLE, PASSPHRASE_VARIABLE, Unlocking
from tokenward.vault.vault import Vault, VaultConfig
from vault_calls import Workers, is_running, race, reference, wait_for

FakeKeyring = Callable[[str], Path]
FAKES = ("fake_backends",)
TESTS = str(Path(__file__).parents[1])
START = 6
"""Seconds in which a process starts and answers, on a busy machine too."""

pytestmark = pytest.mark.usefixtures("own_interpreter")

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and terminals are POSIX's")


def pid_in(folder: Path) -> int:
    return int(wait_for(lambda: (folder / "pid").exists() and (folder / "pid").read_text()))


def test_nothing_is_started_before_the_first_call(workers: Workers, fake_keyring: FakeKeyring) -> None:
    folder = fake_keyring("Filed")
    workers(allowed=FAKES).close()
    assert not list(folder.iterdir())


def test_a_process_that_was_begun_serves_the_first_call(workers: Workers, fake_keyring: FakeKeyring) -> None:
    folder = fake_keyring("Filed")
    vault = workers(allowed=FAKES)
    vault.begin()
    vault.begin()
    assert vault.get(reference()) is None
    begun = pid_in(folder)
    vault.close()
    assert not is_running(begun)


def test_a_process_that_was_begun_ends_without_a_call(
    workers: Workers, fake_keyring: FakeKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    popen: Any = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *a, **k: started.append(popen(*a, **k)) or started[-1])
    fake_keyring("Filed")
    vault = workers(allowed=FAKES)
    vault.begin()
    vault.close()
    assert [one.returncode is not None for one in started] == [True]


def test_one_process_serves_all_calls(workers: Workers, fake_keyring: FakeKeyring) -> None:
    folder = fake_keyring("Filed")
    vault = workers(allowed=FAKES)
    pids = {vault.get(reference()) or pid_in(folder) for _ in range(5)}
    assert len(pids) == 1
    assert pids != {os.getpid()}


@posix
def test_a_call_that_hangs_is_given_up_and_the_next_one_works(
    workers: Workers, fake_keyring: FakeKeyring
) -> None:
    folder = fake_keyring("Filed")
    vault = workers(allowed=FAKES, timeout=START)
    (folder / "hang").touch()
    with pytest.raises(VaultTimeout, match=f"{START} seconds"):
        vault.put(reference(), Secret("v"))
    assert not is_running(pid_in(folder))
    (folder / "hang").unlink()
    assert vault.put(reference(), Secret("v")) is True


@posix
def test_many_entries_have_more_time(
    workers: Workers, fake_keyring: FakeKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "SECONDS_EACH", 0.5)
    folder = fake_keyring("Filed")
    vault = workers(allowed=FAKES, timeout=START)
    (folder / "hang").touch()
    with pytest.raises(VaultTimeout, match=f"{START + 1} seconds"):
        vault.put_all([(reference(name), Secret("v")) for name in "ABC"])
    assert not is_running(pid_in(folder))


@posix
def test_a_value_larger_than_a_pipe_cannot_hang_the_caller(
    workers: Workers, fake_keyring: FakeKeyring
) -> None:
    folder = fake_keyring("Filed")
    vault = workers(allowed=FAKES, timeout=START)
    vault.get(reference())
    os.kill(pid_in(folder), signal.SIGSTOP)
    with pytest.raises(VaultTimeout):
        vault.put(reference(), Secret("v" * 3_000_000))


@posix
@pytest.mark.parametrize("hanging", [True, False])
def test_a_worker_that_is_killed_is_replaced(
    workers: Workers, fake_keyring: FakeKeyring, hanging: bool
) -> None:
    folder = fake_keyring("Filed")
    vault = workers(allowed=FAKES)
    failures: list[Exception] = []
    if hanging:
        (folder / "hang").touch()
        call = threading.Thread(target=_collect, args=(failures, vault))
        call.start()
        os.kill(pid_in(folder), signal.SIGKILL)
        call.join()
        (folder / "hang").unlink()
        assert [type(failure) for failure in failures] == [VaultUnavailable]
    else:
        vault.get(reference())
        os.kill(pid_in(folder), signal.SIGKILL)
        wait_for(lambda: not is_running(pid_in(folder)))
    assert vault.put(reference(), Secret("v")) is True


def _collect(failures: list[Exception], vault: Vault) -> None:
    try:
        vault.get(reference())
    except VaultUnavailable as failure:
        failures.append(failure)


@posix
def test_closing_waits_for_no_hanging_call(workers: Workers, fake_keyring: FakeKeyring) -> None:
    folder = fake_keyring("Filed")
    (folder / "hang").touch()
    vault = workers(allowed=FAKES, timeout=500)
    failures: list[Exception] = []
    call = threading.Thread(target=_collect, args=(failures, vault))
    call.start()
    pid = pid_in(folder)
    vault.close()
    call.join()
    assert failures
    assert not is_running(pid)
    with pytest.raises(VaultUnavailable, match="closed"):
        vault.get(reference())


@posix
@pytest.mark.parametrize("delay", [0, 0.02, 0.05, 0.1])
def test_closing_while_the_process_starts_leaves_none_behind(
    workers: Workers, fake_keyring: FakeKeyring, delay: float
) -> None:
    """The call ends at once, not after its time limit of an hour."""
    folder = fake_keyring("Filed")
    (folder / "hang").touch()
    vault = workers(allowed=FAKES, timeout=3600)
    failures: list[Exception] = []
    call = threading.Thread(target=_collect, args=(failures, vault))
    call.start()
    time.sleep(delay)
    vault.close()
    call.join(30)
    assert not call.is_alive()
    assert [type(failure) for failure in failures] == [VaultUnavailable]
    if (folder / "pid").exists():
        assert not is_running(pid_in(folder))


def test_threads_take_turns(workers: Workers, fake_keyring: FakeKeyring) -> None:
    fake_keyring("Filed")
    vault = workers(allowed=FAKES)
    made: list[bool] = []
    names = [reference(f"T_{number}") for number in range(8)]
    calls = [threading.Thread(target=lambda n=n: made.append(vault.put(n, Secret(n.name)))) for n in names]
    for call in calls:
        call.start()
    for call in calls:
        call.join()
    assert made == [True] * 8
    assert [vault.get(name) for name in names] == [Secret(name.name) for name in names]


PARENT = """
import os, sys
from pathlib import Path
from tokenward.model import Reference
from tokenward.vault.vault import VaultConfig
from tokenward.vault.worker import VaultWorker
vault = VaultWorker(VaultConfig("keyring", Path(sys.argv[1]), timeout=500, allowed_backends=("fake_backends",)))
vault.get(Reference("acme", "TOKEN"))
print("answered", flush=True)
sys.stdin.read()
"""


@posix
@pytest.mark.parametrize("hanging", [True, False])
def test_no_worker_outlives_a_killed_parent(
    tmp_path: Path, fake_keyring: FakeKeyring, monkeypatch: pytest.MonkeyPatch, hanging: bool
) -> None:
    folder = fake_keyring("Filed")
    if hanging:
        (folder / "hang").touch()
    monkeypatch.setenv("PYTHONPATH", TESTS, prepend=os.pathsep)
    command = [sys.executable, "-c", PARENT, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        pid = pid_in(folder)
        assert hanging or parent.stdout.readline() == b"answered\n"
        assert is_running(pid)
        parent.kill()
    wait_for(lambda: not is_running(pid))
    with hold_file_lock(tmp_path / "lock", 1):
        pass


ASKING = """
import sys
open("/dev/tty").close()
from pathlib import Path
from tokenward.model import Reference
from tokenward.vault.vault import VaultConfig
from tokenward.vault.worker import VaultWorker
vault = VaultWorker(VaultConfig("keyring", Path(sys.argv[1]), timeout=20, allowed_backends=("fake_backends",)))
print("ANSWER:", vault.get(Reference("acme", "TOKEN")).reveal())
vault.close()
"""


@posix
def test_a_prompting_backend_reaches_neither_terminal_nor_streams(
    tmp_path: Path, fake_keyring: FakeKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_keyring("Prompting")
    monkeypatch.setenv("PYTHONPATH", TESTS, prepend=os.pathsep)
    command = [sys.executable, "-c", ASKING, str(tmp_path / "lock")]
    with at_terminal(command, os.environ, tmp_path, typed="typed ahead\n") as terminal:
        assert terminal.end() == 0
    # The first line is the terminal's own echo of what was typed.
    assert terminal.shown.replace("\r\n", "\n") == "typed ahead\nANSWER: nobody nobody got ''\n"


def test_a_workspace_cannot_put_its_modules_in_the_place_of_ours(
    workers: Workers, tmp_path: Path, fake_keyring: FakeKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_keyring("Filed")
    hostile, ran = tmp_path / "workspace", tmp_path / "ran"
    for module in (
        "keyring",
        "secretstorage",
        "json",
        "jeepney",
        "configparser",
        "tokenward",
        "sitecustomize",
    ):
        (hostile / module).mkdir(parents=True)
        (hostile / module / "__init__.py").write_text(f"open({str(ran)!r}, 'w').close()")
    monkeypatch.chdir(hostile)
    subprocess.run([sys.executable, "-c", "import json"], check=True)
    assert ran.exists(), "the trap must work where nothing protects from it"
    ran.unlink()
    monkeypatch.setenv("PYTHONPATH", str(hostile))
    with monkeypatch.context() as patch:
        for entry in ("", ".", str(hostile)):
            patch.syspath_prepend(entry)
        assert workers(allowed=FAKES).put(reference(), Secret("v")) is True
    assert not ran.exists()


def test_a_worker_has_none_of_our_secrets_in_its_environment_and_stays_out_of_the_workspace(
    workers: Workers, tmp_path: Path, fake_keyring: FakeKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_keyring("Mirror")
    monkeypatch.setenv(KEY_VARIABLE, "canary-1")
    monkeypatch.setenv(PASSPHRASE_VARIABLE, "canary-2")
    monkeypatch.chdir(tmp_path)
    seen = workers(allowed=FAKES).get(reference()).reveal()
    assert "canary" not in seen
    assert json.loads(seen)["folder"] != str(tmp_path)
    assert json.loads(seen)["environment"]["FAKE_KEYRING"]


def test_a_file_is_unlocked_from_the_environment_or_by_what_was_typed(
    workers: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "vault"
    create(path, Unlocking(passphrase=Secret("right")))
    monkeypatch.setenv(PASSPHRASE_VARIABLE, "right")
    assert workers(file=path).put(reference(), Secret("v")) is True
    monkeypatch.setenv(PASSPHRASE_VARIABLE, "wrong")
    assert workers(file=path, passphrase=Secret("right")).get(reference()) == Secret("v")


def test_a_busy_lock_is_waited_for_and_then_named(
    workers: Workers, tmp_path: Path, fake_keyring: FakeKeyring
) -> None:
    fake_keyring("Filed")
    vault = workers(allowed=FAKES, timeout=START)
    vault.get(reference())
    with hold_file_lock(tmp_path / "lock", 1), pytest.raises(VaultTimeout, match="Another Tokenward process"):
        vault.get(reference())
    assert vault.get(reference()) is None


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["keyring", "file", "secret service"])
def test_of_two_processes_that_store_under_one_name_one_wins(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    fake_keyring: FakeKeyring,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    config = _raced(request, kind, tmp_path, fake_keyring, monkeypatch)
    gate = tmp_path / "gate"
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        runs = [pool.apply_async(race, (config, value, 20, gate)) for value in ("one", "two")]
        gate.touch()
        one, two = (run.get(120) for run in runs)
    assert [a + b for a, b in zip(one, two, strict=True)] == [1] * 20
    with contextlib.closing(request.getfixturevalue("workers")(file=config.file, allowed=FAKES)) as vault:
        for number, won in enumerate(one):
            assert vault.get(reference(f"RACE_{number}")) == Secret("one" if won else "two")


def _raced(
    request: pytest.FixtureRequest,
    kind: str,
    folder: Path,
    fake: FakeKeyring,
    monkeypatch: pytest.MonkeyPatch,
) -> VaultConfig:
    if kind == "file":
        monkeypatch.setenv(PASSPHRASE_VARIABLE, "right")
        create(folder / "vault", Unlocking(passphrase=Secret("right")))
        return VaultConfig("file", folder / "lock", folder / "vault", timeout=60)
    if kind == "secret service":
        request.getfixturevalue("unlocked_keyring")
    else:
        fake("Filed")
    return VaultConfig("keyring", folder / "lock", timeout=60, allowed_backends=FAKES)
