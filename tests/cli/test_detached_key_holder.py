"""Who holds the key of the encrypted file in use may be detached; nobody else may."""

from __future__ import annotations

import base64
import secrets
import sys
from pathlib import Path

import pytest

import tokens
from cli_shell import TOKENWARD, Shell
from starts import orphaned

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no process counts as detached")


@pytest.fixture
def holder(bare_shell: Shell) -> Shell:
    """A user with an encrypted file and a key, who has stored a value."""
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    shell = bare_shell.having(TOKENWARD_VAULT_KEY=key)
    assert shell("vault", "init", "--file").code == 0
    shell.put("TOKEN", tokens.github())
    (shell.folder / ".env").write_text("TOKEN=keyring://acme-api/TOKEN\n")
    return shell


def detached(shell: Shell, *arguments: str) -> tuple[int, str, str]:
    """Run a command whose parents have gone; return its exit code, output and errors."""
    done = orphaned([TOKENWARD, *arguments], shell.environment, shell.folder)
    return done.code, done.text, done.err


def test_a_holder_of_the_key_gets_values_and_moves_tokens(holder: Shell) -> None:
    assert detached(holder, "get", "TOKEN") == (0, f"{tokens.github()}\n", "")
    counted = 'printf %s "$TOKEN" | wc -c'
    assert detached(holder, "run", "--", "sh", "-c", counted)[:2] == (0, f"{len(tokens.github())}\n")
    other = tokens.gitlab()
    (holder.folder / "app.py").write_text(f'KEY = "{other}"\n')
    code, _, err = detached(holder, "move", "--yes", "app.py")
    assert code == 0, err
    assert other not in (holder.folder / "app.py").read_text()


@pytest.mark.parametrize(
    "key", ["", base64.b64encode(bytes(32)).decode(), "no key"], ids=["none", "other", "no key"]
)
def test_without_the_key_nothing_is_given(holder: Shell, key: str) -> None:
    code, out, err = detached(holder.having(TOKENWARD_VAULT_KEY=key), "get", "TOKEN")
    assert (code, out) == (2, "")
    assert tokens.github() not in err


def test_a_key_of_a_file_that_is_not_in_use_counts_for_nothing(stored: Shell, holder: Shell) -> None:
    """The values are in the keyring; the file is there, and opens."""
    given = holder.environment
    place = Path(given["HOME"], ".local", "share", "tokenward", "vault.tokenward")
    copied = Path(stored.environment["HOME"], ".local", "share", "tokenward", place.name)
    copied.write_bytes(place.read_bytes())
    copied.chmod(0o600)
    config = Path(stored.environment["HOME"], ".config", "tokenward", "config.toml")
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text('vault = "keyring"\n')
    code, out, err = detached(stored.having(TOKENWARD_VAULT_KEY=given["TOKENWARD_VAULT_KEY"]), "get", "TOKEN")
    assert (code, out) == (2, "")
    assert "a detached process (nohup, setsid) started the command" in err


def test_an_agent_with_the_key_is_still_an_agent(holder: Shell) -> None:
    code, out, err = detached(holder.having(CLAUDECODE="1"), "get", "TOKEN")
    assert (code, out) == (2, "")
    assert "Claude Code" in err


def test_what_concerns_agents_still_needs_a_person(holder: Shell) -> None:
    code, _, err = detached(holder, "agents", "lift")
    assert code == 2
    assert "a detached process" in err
