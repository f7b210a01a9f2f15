from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from cli_shell import Done, Shell
from keyring_session import AVAILABLE, WHY_NOT, keyring_session

BEGIN_A_MOVE = """
import sys
from pathlib import Path
from tokenward.custody.ledger.events import Event, NewRecord
from tokenward.custody.ledger.ledger import Ledger
from tokenward.model import Fingerprint, Reference
token = Reference("acme-api", "TOKEN"), Fingerprint("f" * 32)
Ledger(Path(sys.argv[1])).record_start(NewRecord(Event.MOVE_STARTED, *token, sys.argv[2]))
"""


def unwell(done: Done) -> str:
    """Return the problems that the doctor reports, each with its remedy."""
    lines = done.text.splitlines()
    marks = [number for number, line in enumerate(lines) if line.startswith("✗")]
    assert all(lines[number + 1].startswith("  → ") for number in marks)
    assert done.code == (1 if marks else 0)
    assert done.err == ""
    return "\n".join(line for number in marks for line in lines[number : number + 2])


def test_all_is_well_with_an_unlocked_keyring(shell: Shell) -> None:
    shell.put("TOKEN", "the value")
    done = shell("doctor")
    assert unwell(done) == ""
    for message in (
        "tokenward: 0.",
        "rules: ",
        "keyring: Secret Service (keyring.backends.SecretService.Keyring, unlocked)",
        f"workspace: {shell.folder} is keyring://acme-api/…",
        "moves: none interrupted",
    ):
        assert f"✓ {message}" in done.text
    assert "config.toml (does not exist, which is fine)" in done.text
    assert "the value" not in done.text


def test_an_absent_keyring_is_told_with_its_remedy(bare_shell: Shell) -> None:
    assert "`tokenward vault init --file`" in unwell(bare_shell("doctor"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("backend", "message"),
    [
        ("keyring.backends.null.Keyring", "stores nothing"),
        ("keyring.backends.fail.Keyring", "There is no OS keyring here"),
        ("someones.Keyring", "which Tokenward does not know"),
        ("fake_backends.NoSuchClass", "cannot be used here"),
    ],
)
def test_an_unfit_backend_is_told_with_its_remedy(fake_shell: Shell, backend: str, message: str) -> None:
    tested = unwell(fake_shell.having(PYTHON_KEYRING_BACKEND=backend)("doctor", "--test-entry"))
    assert message in tested
    assert "✗ test entry: failed" in tested


def test_a_locked_keyring_needs_mending(rules_home: Path, folder: Path) -> None:
    if not AVAILABLE:
        pytest.skip(WHY_NOT)
    with keyring_session("locked") as environment:
        shell = Shell({**environment, "XDG_CACHE_HOME": str(rules_home)}, folder)
        message = unwell(shell("doctor"))
        assert (
            "✗ keyring: Secret Service (keyring.backends.SecretService.Keyring, locked)\n  → Log in again"
            in message
        )
        assert "unlock it and try again" in unwell(shell("doctor", "--test-entry"))


@pytest.mark.slow
def test_a_keyring_that_hangs_is_given_up(fake_shell: Shell) -> None:
    config = Path(fake_shell.environment["HOME"], ".config", "tokenward", "config.toml")
    config.write_text(config.read_text() + "keyring-timeout = 1\n")
    Path(fake_shell.environment["FAKE_KEYRING"], "hang").touch()
    assert "did not answer within 1 seconds" in unwell(fake_shell("doctor", "--test-entry"))


def test_the_encrypted_file_is_told_to_be_in_use(bare_shell: Shell) -> None:
    opened = bare_shell.having(TOKENWARD_VAULT_PASSPHRASE="correct horse")
    assert opened("vault", "init", "--file").code == 0
    assert "encrypted file" in opened("doctor").text
    assert "used instead of the OS keyring" in opened("doctor").text
    assert "TOKENWARD_VAULT_PASSPHRASE" in unwell(bare_shell("doctor"))


def test_the_test_entry_leaves_nothing_behind(fake_shell: Shell, shell: Shell) -> None:
    entries = Path(fake_shell.environment["FAKE_KEYRING"], "entries.json")
    assert unwell(fake_shell("doctor", "--test-entry")) == ""
    assert json.loads(entries.read_text()) == {}
    done = shell("doctor", "--test-entry")
    assert "✓ test entry: written, read back and deleted" in done.text
    search = ["secret-tool", "search", "--all", "application", "Python keyring library"]
    found = subprocess.run(search, env=dict(shell.environment), capture_output=True, check=False)
    assert found.stdout == b""
    assert json.loads(shell("list", "--format", "json").out) == {"tokens": []}


@pytest.mark.parametrize("backend", ["Forgetful", "Truncating"])
def test_a_keyring_that_forgets_fails_the_test_entry_and_keeps_nothing_of_it(
    fake_shell: Shell, backend: str
) -> None:
    shell = fake_shell.having(PYTHON_KEYRING_BACKEND=f"fake_backends.{backend}")
    assert "did not return it" in unwell(shell("doctor", "--test-entry"))
    entries = Path(shell.environment["FAKE_KEYRING"], "entries.json")
    assert not entries.exists() or json.loads(entries.read_text()) == {}


@pytest.mark.slow
def test_a_test_entry_is_made_only_when_a_person_says_so(fake_shell: Shell) -> None:
    entries = Path(fake_shell.environment["FAKE_KEYRING"], "entries.json")
    fake_shell("doctor")
    with fake_shell.terminal("doctor") as terminal:
        terminal.expect("Write and delete a test entry in the keyring?")
        terminal.type("\n")
        assert terminal.end() == 0
    assert not entries.exists()
    with fake_shell.terminal("doctor") as terminal:
        terminal.expect("Write and delete a test entry in the keyring?")
        terminal.type("y\n")
        assert terminal.end() == 0
    assert entries.exists()


def test_settings_that_have_no_effect_are_told_by_file_and_key(bare_shell: Shell) -> None:
    bare_shell.folder.joinpath("tokenward.toml").write_text("keyring-timeout = 5\n")
    config = Path(bare_shell.environment["HOME"], ".config", "tokenward", "config.toml")
    config.parent.mkdir(parents=True)
    config.write_text("= no TOML\n")
    message = unwell(bare_shell("doctor"))
    assert f"{config} is not valid TOML at line 1" in message
    assert "`keyring-timeout` has no effect here" in message


def test_an_interrupted_move_is_told_once_and_then_settled(shell: Shell) -> None:
    shell.put("OTHER", "x")
    begin = [sys.executable, "-c", BEGIN_A_MOVE, str(shell.data / "ledger.db"), str(shell.folder / "app.py")]
    subprocess.run(begin, env=dict(shell.environment), check=True)
    message = unwell(shell("doctor"))
    assert f"A move of keyring://acme-api/TOKEN out of {shell.folder}/app.py was interrupted" in message
    assert unwell(shell("doctor")) == ""


@pytest.fixture
def differing(shell: Shell) -> Shell:
    """A workspace with a value that no record knows, one that is only on record, and one that is well."""
    for name in ("KNOWN", "GONE", "ORPHAN"):
        shell.put(name, f"value of {name}")
    forget(shell, "ORPHAN")
    clear = ["secret-tool", "clear", "service", "tokenward/acme-api/GONE"]
    subprocess.run(clear, env=dict(shell.environment), check=True)
    return shell


def forget(shell: Shell, name: str) -> None:
    with sqlite3.connect(shell.data / "custody.db") as connection:
        connection.execute("DELETE FROM entries WHERE name = ?", (name,))


def test_each_difference_between_the_keyring_and_the_records_is_told(differing: Shell) -> None:
    message = unwell(differing("doctor"))
    assert "keyring://acme-api/ORPHAN is in the keyring, and no record of yours has it" in message
    assert "keyring://acme-api/GONE is on record, and the keyring does not have it" in message
    assert message.count("`tokenward doctor --fix`") + message.count("tokenward doctor --fix") >= 2
    assert "KNOWN" not in message
    assert "value of" not in message


@pytest.mark.parametrize("is_adopted", [True, False])
def test_a_person_fixes_each_difference(differing: Shell, *, is_adopted: bool) -> None:
    with differing.terminal("doctor", "--fix") as terminal:
        terminal.expect("keyring://acme-api/ORPHAN is in the keyring only. Record it again?")
        terminal.type("y\n" if is_adopted else "n\n")
        if not is_adopted:
            terminal.expect("Delete the value of keyring://acme-api/ORPHAN, permanently?")
            terminal.type("y\n")
        terminal.expect("keyring://acme-api/GONE is not in the keyring. Remove its record?")
        terminal.type("y\n")
        terminal.expect("Write and delete a test entry in the keyring?")
        terminal.type("n\n")
        assert terminal.end() == 0
    assert unwell(differing("doctor")) == ""
    assert "✓ stored tokens: match the records" in differing("doctor").text
    assert differing.get("KNOWN") == "value of KNOWN"
    listed = differing("list").text
    assert ("ORPHAN" in listed, "GONE" in listed) == (is_adopted, False)
    assert differing("get", "ORPHAN").out == (b"value of ORPHAN\n" if is_adopted else b"")
    assert differing("ledger", "verify").code == 0


def test_no_answer_but_yes_fixes_anything_and_nobody_is_asked_without_a_terminal(differing: Shell) -> None:
    done = differing("doctor", "--fix")
    assert (done.code, done.out) == (2, b"")
    assert "Only a person can decide about stored tokens" in done.err
    with differing.terminal("doctor", "--fix") as terminal:
        # Each answer waits for its own question, which discards what was typed before it.
        for question in (
            "Record it again?",
            "permanently?",
            "Remove its record?",
            "test entry in the keyring?",
        ):
            terminal.expect(f"{question} [y/N]: ")
            terminal.type("\n")
        terminal.end()
    assert "ORPHAN is in the keyring" in unwell(differing("doctor"))
    assert "GONE is on record" in unwell(differing("doctor"))


@pytest.mark.slow
def test_what_cannot_be_compared_is_said(fake_shell: Shell, bare_shell: Shell) -> None:
    assert (
        "✓ stored tokens: not compared with the records: the keyring cannot list" in fake_shell("doctor").text
    )
    opened = bare_shell.having(TOKENWARD_VAULT_PASSPHRASE="correct horse")
    assert opened("vault", "init", "--file").code == 0
    opened.put("TOKEN", "the value")
    assert "✓ stored tokens: match the records" in opened("doctor").text
    forget(opened, "TOKEN")
    assert "keyring://acme-api/TOKEN is in the keyring" in unwell(opened("doctor"))
    assert "not compared with the records" in bare_shell("doctor").text


def test_damaged_records_are_told_and_hide_nothing_else(bare_shell: Shell) -> None:
    bare_shell("list")
    bare_shell.data.joinpath("custody.db").write_bytes(b"no database" * 1000)
    done = bare_shell("doctor")
    message = unwell(done)
    assert f"{bare_shell.data}/custody.db is damaged; restore a backup" in message
    assert "There is no OS keyring here" in message
    assert "✓ tokenward: " in done.text


@pytest.mark.slow
def test_a_home_that_cannot_be_written_is_told(bare_shell: Shell) -> None:
    message = unwell(bare_shell.having(HOME="/dev/null", XDG_CACHE_HOME="/dev/null")("doctor"))
    assert "/dev/null/.local/share/tokenward" in message
    assert "✗ rules: " in message
