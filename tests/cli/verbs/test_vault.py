from __future__ import annotations

import base64
import os
import sqlite3
from pathlib import Path

import pytest

from cli_shell import TOKENWARD, Shell

PHRASE = {"TOKENWARD_VAULT_PASSPHRASE": "correct horse"}


def vault_file(shell: Shell) -> Path:
    return Path(shell.environment["HOME"], ".local", "share", "tokenward", "vault.tokenward")


@pytest.fixture
def sealed(bare_shell: Shell) -> Shell:
    """A workspace with one token in an encrypted file, without its passphrase."""
    opened = bare_shell.having(**PHRASE)
    assert opened("vault", "init", "--file").code == 0
    opened.put("TOKEN", "the value")
    bare_shell.folder.joinpath(".env").write_text("TOKEN=keyring://acme-api/TOKEN\n")
    return bare_shell


def test_a_passphrase_is_asked_for_twice_and_then_opens_the_file(bare_shell: Shell) -> None:
    with bare_shell.terminal("vault", "init", "--file") as terminal:
        for question in ("New passphrase: ", "Repeat the passphrase: "):
            terminal.expect(question)
            terminal.type("correct horse\n")
        assert terminal.end() == 0
    assert "horse" not in terminal.shown
    assert str(vault_file(bare_shell)) in terminal.shown
    opened = bare_shell.having(**PHRASE)
    opened.put("TOKEN", "the value")
    assert opened.get("TOKEN") == "the value"


@pytest.mark.parametrize(
    ("first", "second"), [("one\n", "other\n"), ("\n", "\n"), ("one\n", "\x04"), ("\x03", "")]
)
def test_two_passphrases_that_are_not_one_make_no_file(bare_shell: Shell, first: str, second: str) -> None:
    with bare_shell.terminal("vault", "init", "--file") as terminal:
        terminal.expect("New passphrase: ")
        terminal.type(first)
        if second:
            terminal.expect("Repeat the passphrase: ")
            terminal.type(second)
        assert terminal.end() == (2 if second else 130)
    assert not vault_file(bare_shell).exists()
    assert "Traceback" not in terminal.shown


def test_a_key_in_the_environment_serves_a_machine_without_people(bare_shell: Shell) -> None:
    key = base64.b64encode(os.urandom(32)).decode()
    opened = bare_shell.having(TOKENWARD_VAULT_KEY=key)
    assert opened("vault", "init", "--file").code == 0
    opened.put("TOKEN", "the value")
    assert opened.get("TOKEN") == "the value"
    assert b"the value" not in vault_file(opened).read_bytes()
    other = bare_shell.having(TOKENWARD_VAULT_KEY=base64.b64encode(os.urandom(32)).decode())
    assert other("get", "TOKEN").code == 2


def test_a_file_is_never_made_without_anything_to_open_it(bare_shell: Shell) -> None:
    done = bare_shell("vault", "init", "--file")
    assert done.code == 2
    assert "TOKENWARD_VAULT_PASSPHRASE or TOKENWARD_VAULT_KEY" in done.err
    assert not vault_file(bare_shell).exists()


def test_a_file_that_is_there_is_left_as_it_is(sealed: Shell) -> None:
    before = vault_file(sealed).read_bytes()
    done = sealed.having(TOKENWARD_VAULT_PASSPHRASE="another")("vault", "init", "--file")
    assert (done.code, "already exists" in done.err) == (2, True)
    assert vault_file(sealed).read_bytes() == before


def test_the_keyring_needs_no_init(bare_shell: Shell) -> None:
    assert "pass `--file`" in bare_shell("vault", "init").err


def test_settings_that_keep_the_file_from_being_used_are_pointed_at(bare_shell: Shell) -> None:
    config = Path(bare_shell.environment["HOME"], ".config", "tokenward", "config.toml")
    config.parent.mkdir(parents=True)
    config.write_text('vault = "keyring"\n')
    assert "your settings choose the keyring" in bare_shell.having(**PHRASE)("vault", "init", "--file").err


def test_nobody_to_ask_is_said_with_what_to_set(sealed: Shell) -> None:
    for arguments in (["get", "TOKEN"], ["run", "printenv", "TOKEN"], ["put", "OTHER"]):
        done = sealed(*arguments, stdin=b"x")
        assert (done.code, done.out) == (125 if arguments[0] == "run" else 2, b"")
        assert "is locked" in done.err
        assert "set TOKENWARD_VAULT_PASSPHRASE" in done.err
        assert done.err.count("\n") == 1


def test_a_wrong_passphrase_is_said_to_be_wrong(sealed: Shell) -> None:
    done = sealed("get", "TOKEN", TOKENWARD_VAULT_PASSPHRASE="wrong horse")
    assert (done.code, done.out) == (2, b"")
    assert "does not open the encrypted file" in done.err
    assert "horse" not in done.err


def test_a_person_is_asked_once(sealed: Shell) -> None:
    with sealed.terminal("run", "printenv", "TOKEN") as terminal:
        terminal.expect("Passphrase of ")
        terminal.type("correct horse\n")
        assert terminal.end() == 0
    assert terminal.shown.endswith("the value\r\n")
    assert terminal.shown.count("Passphrase of ") == 1
    assert "horse" not in terminal.shown


def test_a_person_is_asked_even_when_stdin_is_the_commands(sealed: Shell) -> None:
    piped = 'printf "not the phrase" | "$0" run -- sh -c "cat; printenv TOKEN"'
    with sealed.terminal("-c", piped, TOKENWARD, command=("sh",)) as terminal:
        terminal.expect("Passphrase of ")
        terminal.type("correct horse\n")
        assert terminal.end() == 0
    assert terminal.shown.endswith("not the phrasethe value\r\n")


def test_a_person_who_types_it_wrong_is_told_so(sealed: Shell) -> None:
    with sealed.terminal("get", "TOKEN", "--yes") as terminal:
        terminal.expect("Passphrase of ")
        terminal.type("wrong horse\n")
        assert terminal.end() == 2
    assert "does not open the encrypted file" in terminal.shown
    assert "the value" not in terminal.shown


def test_a_file_that_was_changed_is_reported(sealed: Shell) -> None:
    content = bytearray(vault_file(sealed).read_bytes())
    content[-60] ^= 1
    vault_file(sealed).write_bytes(content)
    done = sealed.having(**PHRASE)("get", "TOKEN")
    assert (done.code, "was changed or cut short" in done.err) == (2, True)


def lose_records(shell: Shell, *names: str) -> None:
    """Move databases away, as the refusal of damaged ones says."""
    for name in names:
        for path in shell.data.glob(f"{name}.db*"):
            path.rename(path.with_name(f"old-{path.name}"))


@pytest.fixture
def lost(shell: Shell) -> Shell:
    shell.put("TOKEN", "the value")
    shell.put("UNNAMED", "another value")
    shell.write_env(f"TOKEN={'keyring://'}acme-api/TOKEN")
    return shell


@pytest.mark.parametrize("databases", [("custody",), ("custody", "ledger")])
def test_lost_records_are_rebuilt_once_a_person_says_whose_they_are(
    lost: Shell, databases: tuple[str, ...]
) -> None:
    """From the references in the folder and the keyring, with and without the ledger."""
    lose_records(lost, *databases)
    assert lost("run", "--no-mask", "printenv", "TOKEN").code == 125
    with lost.terminal("vault", "recover") as terminal:
        terminal.expect(f"May programs in {lost.folder} use every token of acme-api (TOKEN, UNNAMED)?")
        terminal.type("y\n")
        assert terminal.end() == 0
    assert lost("run", "--no-mask", "printenv", "TOKEN").text == "the value\n"
    assert lost.get("UNNAMED") == "another value"
    assert lost("doctor").code == 0
    assert lost("ledger", "verify").code == 0


def test_every_other_answer_rebuilds_nothing(lost: Shell) -> None:
    lose_records(lost, "custody", "ledger")
    for answer in ("n\n", "\n"):
        with lost.terminal("vault", "recover") as terminal:
            terminal.expect("[y/N]")
            terminal.type(answer)
            assert terminal.end() == 0
        assert lost("workspaces").text == ""
    done = lost("vault", "recover")
    assert (done.code, lost("workspaces").text) == (2, "")
    assert "Only a person can decide which folder" in done.err


def test_a_clone_with_references_gets_nothing_from_a_workspace_that_has_its_folder(
    lost: Shell, tmp_path: Path
) -> None:
    with sqlite3.connect(lost.data / "custody.db") as connection:
        connection.execute("DELETE FROM entries WHERE name = 'TOKEN'")
    clone = tmp_path / "clone"
    clone.mkdir()
    clone.joinpath(".env").write_bytes(lost.folder.joinpath(".env").read_bytes())
    with lost.at(clone).terminal("vault", "recover") as terminal:
        terminal.expect(f"acme-api belongs to {lost.folder}")
        assert terminal.end() == 0
    assert lost.at(clone)("run", "--no-mask", "printenv", "TOKEN").code == 125
    with lost.terminal("vault", "recover") as terminal:
        terminal.expect("Recorded again: keyring://acme-api/TOKEN")
        terminal.expect("The limits of their earlier leases are lost; each has the lease of a new token.")
        assert terminal.end() == 0
    assert lost.get("TOKEN") == "the value"


def test_a_person_is_told_where_the_ledger_knows_the_tokens_of(lost: Shell, tmp_path: Path) -> None:
    lose_records(lost, "custody")
    clone = tmp_path / "clone"
    clone.mkdir()
    clone.joinpath(".env").write_bytes(lost.folder.joinpath(".env").read_bytes())
    with lost.at(clone).terminal("vault", "recover") as terminal:
        terminal.expect(f"The ledger has tokens of acme-api in {lost.folder}.")
        terminal.expect("[y/N]")
        terminal.type("\n")
        assert terminal.end() == 0
    assert lost("workspaces").text == ""
