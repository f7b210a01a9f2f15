from __future__ import annotations

import base64
import hashlib
import os
import random
import signal
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

import tokens
from tokenward.errors import (
    PassphraseNeeded,
    PassphraseWrong,
    VaultDamaged,
    VaultError,
    VaultUnavailable,
    VaultUntrusted,
)
from tokenward.model import Secret
from tokenward.vault.encrypted_file import EncryptedFileVault, create
from tokenward.vault.unlocking import KEY_VARIABLE, PASSPHRASE_VARIABLE, Unlocking
from vault_calls import reference

KEY = Unlocking(key=Secret(base64.b64encode(bytes(range(32))).decode()))
PASSPHRASE = Unlocking(passphrase=Secret("correct horse"))

posix = pytest.mark.skipif(sys.platform == "win32", reason="owners, modes and SIGKILL are POSIX's")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vault.tokenward"


def filled(path: Path, unlocking: Unlocking = KEY) -> EncryptedFileVault:
    vault = create(path, unlocking)
    vault.put(reference(), Secret("canary-value"))
    return vault


def reseal(blob: bytes) -> bytes:
    """Replace the checksum, as an attacker would to make a changed file look undamaged."""
    return blob[:-32] + hashlib.sha256(blob[:-32]).digest()


def test_another_process_with_the_passphrase_reads_it(path: Path) -> None:
    filled(path, PASSPHRASE)
    assert EncryptedFileVault(path, PASSPHRASE).get(reference()) == Secret("canary-value")


def test_the_file_shows_neither_value_nor_name(path: Path) -> None:
    filled(path)
    blob = path.read_bytes()
    assert b"canary" not in blob
    assert b"TOKEN" not in blob


def test_the_same_content_is_sealed_differently_each_time(path: Path) -> None:
    vault = filled(path)
    before = path.read_bytes()
    vault.delete(reference())
    vault.put(reference(), Secret("canary-value"))
    assert len(path.read_bytes()) == len(before)
    assert path.read_bytes()[-60:-32] != before[-60:-32]


@pytest.mark.parametrize("wrong", ["Correct horse", "correct hors", "correct horse ", "x"])
def test_a_wrong_passphrase_is_named_as_such(path: Path, wrong: str) -> None:
    filled(path, PASSPHRASE)
    with pytest.raises(PassphraseWrong) as caught:
        EncryptedFileVault(path, Unlocking(passphrase=Secret(wrong))).get(reference())
    assert wrong == "x" or wrong not in str(caught.value)


def test_a_wrong_key_is_named_as_such(path: Path) -> None:
    filled(path)
    with pytest.raises(PassphraseWrong):
        EncryptedFileVault(path, Unlocking(key=Secret(base64.b64encode(bytes(32)).decode()))).get(reference())


@pytest.mark.parametrize("key", ["short", "", "=" * 44, base64.b64encode(bytes(31)).decode(), "\udcff" * 44])
def test_a_key_that_is_none_is_refused_without_showing_it(path: Path, key: str) -> None:
    with pytest.raises(PassphraseWrong, match=KEY_VARIABLE) as caught:
        create(path, Unlocking(key=Secret(key)))
    assert not key or key not in str(caught.value)
    assert not path.exists()


def test_an_accent_may_be_composed_by_another_keyboard(path: Path) -> None:
    filled(path, Unlocking(passphrase=Secret(unicodedata.normalize("NFC", "é"))))
    decomposed = Unlocking(passphrase=Secret(unicodedata.normalize("NFD", "é")))
    assert EncryptedFileVault(path, decomposed).get(reference()) == Secret("canary-value")


def test_without_a_passphrase_it_stays_locked(path: Path) -> None:
    filled(path, PASSPHRASE)
    with pytest.raises(PassphraseNeeded, match=PASSPHRASE_VARIABLE):
        EncryptedFileVault(path, KEY).get(reference())


def test_nothing_is_made_without_a_passphrase(path: Path) -> None:
    with pytest.raises(PassphraseNeeded):
        create(path, Unlocking())
    assert not path.exists()


def test_the_environment_unlocks_and_a_typed_passphrase_goes_first() -> None:
    environment = {PASSPHRASE_VARIABLE: "from the environment", KEY_VARIABLE: ""}
    assert Unlocking.from_environment(environment).passphrase == Secret("from the environment")
    assert Unlocking.from_environment(environment, Secret("typed")).passphrase == Secret("typed")
    assert Unlocking.from_environment(environment).key is None


def test_every_flipped_bit_is_noticed(path: Path) -> None:
    vault = filled(path)
    blob = path.read_bytes()
    for bit in range(8 * len(blob)):
        changed = bytearray(blob)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        with pytest.raises(VaultDamaged):
            vault.get(reference())
    path.write_bytes(blob)
    assert vault.get(reference()) == Secret("canary-value")


def test_every_flipped_bit_is_noticed_though_the_checksum_was_mended(path: Path) -> None:
    vault = filled(path)
    blob = path.read_bytes()
    for bit in range(8 * (len(blob) - 32)):
        changed = bytearray(blob)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(reseal(bytes(changed)))
        with pytest.raises((VaultDamaged, PassphraseWrong)):
            vault.get(reference())


def test_a_file_cut_short_anywhere_is_noticed(path: Path) -> None:
    vault = filled(path)
    blob = path.read_bytes()
    for length in range(len(blob)):
        for content in (blob[:length], reseal(blob[:length]) if length > 32 else b""):
            path.write_bytes(content)
            with pytest.raises((VaultDamaged, PassphraseWrong)):
                vault.get(reference())


def test_a_damaged_file_is_left_as_it_is(path: Path) -> None:
    vault = filled(path)
    path.write_bytes(b"something else")
    with pytest.raises(VaultDamaged):
        vault.put(reference("OTHER"), Secret("v"))
    assert path.read_bytes() == b"something else"


@pytest.mark.parametrize(
    "recipe",
    [
        b'{"kdf": "argon2id", "salt": "AAAAAAAAAAAAAAAAAAAAAA==", "time": 3, "memory": 9999999, "lanes": 4}',
        b'{"kdf": "argon2id", "salt": "AAAAAAAAAAAAAAAAAAAAAA==", "time": 9999, "memory": 65536, "lanes": 4}',
        b'{"kdf": "argon2id", "salt": "AAAAAAAAAAAAAAAAAAAAAA==", "time": true, "memory": 65536, "lanes": 4}',
        b'{"kdf": "argon2id", "salt": "AAAAAAAAAAAAAAAAAAAAAA==", "time": 1, "memory": 8, "lanes": 16}',
        b'{"kdf": "argon2id", "salt": "AAAA", "time": 1, "memory": 65536, "lanes": 4}',
        b'{"kdf": "argon2id", "salt": 5, "time": 1, "memory": 64, "lanes": 1}',
        b'{"kdf": "argon2id"}',
        b'{"kdf": "md5"}',
        b'{"kdf": {}}',
        b"{}",
        b"[]",
        b"nonsense",
        b"\xff",
        b"[" * 100_000,
    ],
    ids=range(14),
)
def test_a_recipe_from_elsewhere_exhausts_nothing(path: Path, recipe: bytes) -> None:
    filled(path)
    path.write_bytes(reseal(b"tokenward vault 1\n" + recipe + b"\n" + bytes(200)))
    with pytest.raises(VaultDamaged):
        EncryptedFileVault(path, PASSPHRASE).get(reference())


def test_an_existing_file_is_never_replaced_by_a_new_one(path: Path) -> None:
    path.write_bytes(b"precious")
    with pytest.raises(VaultUnavailable, match="exists"):
        create(path, KEY)
    assert path.read_bytes() == b"precious"


def test_a_missing_file_is_not_made_by_the_way(tmp_path: Path) -> None:
    vault = EncryptedFileVault(tmp_path / "nowhere" / "vault", KEY)
    for call in (lambda: vault.get(reference()), lambda: vault.put(reference(), Secret("v"))):
        with pytest.raises(VaultUnavailable, match="tokenward vault init --file"):
            call()
    assert not (tmp_path / "nowhere").exists()


@posix
def test_only_the_owner_may_see_the_file(tmp_path: Path) -> None:
    previous = os.umask(0)
    try:
        filled(tmp_path / "new" / "vault")
    finally:
        os.umask(previous)
    modes = {entry.name: entry.stat().st_mode & 0o777 for entry in (tmp_path / "new").iterdir()}
    assert modes == {"vault": 0o600, "vault.lock": 0o600}
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602])
def test_a_file_that_others_may_open_is_refused(path: Path, mode: int) -> None:
    vault = filled(path)
    path.chmod(mode)
    with pytest.raises(VaultUntrusted, match="chmod 600"):
        vault.get(reference())


@posix
def test_a_folder_that_others_may_write_to_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(VaultUntrusted, match="chmod go-w"):
        create(folder / "vault", KEY)


@posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="giving a file away needs root")
def test_a_file_of_another_user_is_refused(path: Path) -> None:
    vault = filled(path)
    os.chown(path, 12345, -1)
    with pytest.raises(VaultUntrusted, match="another user"):
        vault.get(reference())


@posix
def test_a_link_is_not_followed(path: Path, tmp_path: Path) -> None:
    filled(tmp_path / "real")
    path.symlink_to(tmp_path / "real")
    vault = EncryptedFileVault(path, KEY)
    with pytest.raises(VaultUntrusted, match="symbolic link"):
        vault.get(reference())
    with pytest.raises(VaultUntrusted, match="symbolic link"):
        vault.put(reference("OTHER"), Secret("v"))
    with pytest.raises(VaultUnavailable, match="exists"):
        create(path, KEY)


@posix
def test_a_link_to_nowhere_is_not_written_through(path: Path, tmp_path: Path) -> None:
    path.symlink_to(tmp_path / "target")
    with pytest.raises(VaultUnavailable, match="exists"):
        create(path, KEY)
    assert not (tmp_path / "target").exists()


@posix
def test_a_pipe_or_folder_in_its_place_blocks_nobody(path: Path, tmp_path: Path) -> None:
    os.mkfifo(path, 0o600)
    for place in (path, tmp_path):
        with pytest.raises(VaultError):
            EncryptedFileVault(place, KEY).get(reference())


@posix
def test_a_lock_file_that_is_a_link_is_not_followed(path: Path, tmp_path: Path) -> None:
    vault = filled(path)
    lock = path.with_name(path.name + ".lock")
    lock.unlink()
    lock.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(VaultUnavailable, match="lock file"):
        vault.put(reference("OTHER"), Secret("v"))
    assert not (tmp_path / "elsewhere").exists()


WRITER = """
import sys
from pathlib import Path
from tokenward.model import Reference, Secret
from tokenward.vault.encrypted_file import EncryptedFileVault
from tokenward.vault.unlocking import Unlocking
vault = EncryptedFileVault(Path(sys.argv[1]), Unlocking(key=Secret(sys.stdin.readline().strip())))
for number in range(int(sys.argv[2]), 10_000):
    vault.put(Reference("acme", f"N{number}"), Secret("v" * 100_000))
    print(number, flush=True)
"""


@pytest.mark.slow
@posix
def test_a_killed_writer_leaves_the_old_file_or_the_new(path: Path) -> None:
    vault = create(path, KEY)
    written = 0
    for attempt in range(15):
        acknowledged = _killed_writer(path, written, after=random.Random(attempt).uniform(0, 0.05))
        found = 0
        while vault.get(reference(f"N{found}")) is not None:
            found += 1
        # A write may have reached the disk just before it could be reported.
        assert acknowledged <= found <= acknowledged + 1
        written = found
    assert written
    vault.put(reference(), Secret("v"))
    assert {entry.name for entry in path.parent.iterdir()} == {path.name, f"{path.name}.lock"}


def _killed_writer(path: Path, start: int, after: float) -> int:
    """Return how many entries the writer had reported when it was killed."""
    command = [sys.executable, "-c", WRITER, str(path), str(start)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
        writer.stdin.write(KEY.key.reveal() + "\n")
        writer.stdin.flush()
        reported = [writer.stdout.readline()]
        time.sleep(after)
        writer.send_signal(signal.SIGKILL)
        reported += writer.stdout.readlines()
    return int([line for line in reported if line.endswith("\n")][-1]) + 1


# A fork for each change that others see while a value is stored, killed before it.
KILLED_AT_EVERY_STEP = """
import itertools, os, sys
from pathlib import Path
from killed import kill_at
from tokenward.model import Reference, Secret
from tokenward.vault.encrypted_file import EncryptedFileVault
from tokenward.vault.unlocking import Unlocking
path, reference, key = Path(sys.argv[1]), Reference("acme", "TOKEN"), Secret(sys.stdin.readline().strip())
original = path.read_bytes()

def killed_before(step):
    vault = EncryptedFileVault(path, Unlocking(key=key))
    sys.setprofile(kill_at(step))
    vault.put(reference, Secret("new"))
    os._exit(0)

for step in itertools.count(1):
    path.write_bytes(original)
    child = os.fork() or killed_before(step)
    status = os.waitpid(child, 0)[1]
    found = EncryptedFileVault(path, Unlocking(key=key)).get(reference)
    print("none" if found is None else found.reveal())
    if not os.WIFSIGNALED(status):
        break
"""


@posix
def test_a_kill_at_any_step_leaves_the_old_file_or_the_new(path: Path) -> None:
    create(path, KEY)
    command = [sys.executable, "-c", KILLED_AT_EVERY_STEP, str(path)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    ended = subprocess.run(
        command, input=KEY.key.reveal(), capture_output=True, text=True, check=False, env=environment
    )
    states = ended.stdout.split()
    assert ended.returncode == 0, ended.stderr
    assert states.count("none") > 3
    assert states.count("new") > 1
    assert states == sorted(states, reverse=True), "once the new file is there it stays"


def test_no_failure_tells_a_value(path: Path, workers: Callable[..., EncryptedFileVault]) -> None:
    filled(path, PASSPHRASE)
    value = tokens.github("canary")
    worker = workers(file=path, passphrase=Secret(value))
    with pytest.raises(PassphraseWrong) as caught:
        worker.put(reference("OTHER"), Secret(value))
    assert value not in str(caught.value)
    assert value not in repr(vars(worker))
