"""Without a keyring: a clear message, and an encrypted file if the user chooses one."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

import tokens
from lsp_client import Editor, editor
from tokenward.presentation.wording import CREATE_ENCRYPTED_FILE


async def run_first_fix(one: Editor, uri: str) -> None:
    (found,) = await one.diagnostics(uri)
    await one.run((await one.actions(uri, found))[0])


async def test_a_client_that_cannot_ask_is_told_the_next_step(absent: dict[str, str], folder: Path) -> None:
    """No keyring, no edit; scanning goes on."""
    uri = (folder / ".env").as_uri()
    text = f"NPM_TOKEN={tokens.npm()}\n"
    async with editor(absent, folder, client="neovim-0.10") as one:
        one.open(uri, text, "dotenv")
        await run_first_fix(one, uri)
        assert "tokenward vault init --file" in await one.told("keyring")
        assert one.buffers[uri].text == text
        assert one.edits == []
        one.change(uri, (0, 0), (0, 0), f"A={tokens.github()}\n")
        assert len(await one.diagnostics(uri)) == 2


@pytest.mark.slow
async def test_an_encrypted_file_is_offered_made_and_used(absent: dict[str, str], folder: Path) -> None:
    """The user's choice and passphrase create the file; it serves this session and, once unlocked, the next."""
    uri = (folder / ".env").as_uri()
    file = Path(absent["HOME"], ".local", "share", "tokenward", "vault.tokenward")
    first, second = tokens.npm(), tokens.github()
    async with editor(absent, folder) as one:
        one.open(uri, f"NPM_TOKEN={first}\n", "dotenv")
        one.choices, one.passphrases = [CREATE_ENCRYPTED_FILE], ["correct horse", "corect horse"]
        await run_first_fix(one, uri)
        await one.told("The two passphrases differ")
        one.choices, one.passphrases = [CREATE_ENCRYPTED_FILE], ["correct horse"] * 2
        await run_first_fix(one, uri)
        await one.told("Tokens are now stored in the encrypted file")
        assert one.edits == []
        await run_first_fix(one, uri)
        assert one.buffers[uri].text == "NPM_TOKEN=keyring://acme-api/NPM_TOKEN\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert first.encode() not in file.read_bytes()
    async with editor(absent, folder) as one:
        one.open(uri, f"GITHUB_TOKEN={second}\n", "dotenv")
        one.passphrases = ["wrong horse"]
        await run_first_fix(one, uri)
        await one.told("does not open the encrypted file")
        assert one.edits == []
        one.passphrases = ["correct horse"]
        await run_first_fix(one, uri)
        assert one.buffers[uri].text == "GITHUB_TOKEN=keyring://acme-api/GITHUB_TOKEN\n"


async def test_nothing_is_made_unless_the_user_chooses_it(absent: dict[str, str], folder: Path) -> None:
    uri = (folder / ".env").as_uri()
    async with editor(absent, folder) as one:
        one.open(uri, f"NPM_TOKEN={tokens.npm()}\n", "dotenv")
        await run_first_fix(one, uri)
        one.choices, one.passphrases = [CREATE_ENCRYPTED_FILE], [None]
        await run_first_fix(one, uri)
        assert one.edits == []
    assert not Path(absent["HOME"], ".local", "share", "tokenward", "vault.tokenward").exists()
