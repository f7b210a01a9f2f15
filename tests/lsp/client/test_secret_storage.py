"""Without a keyring, the editor can store tokens if its user agrees."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

from lsprotocol import types

import tokens
from lsp_client import Editor, editor
from tokenward.presentation.wording import CREATE_ENCRYPTED_FILE, KEEP_IN_EDITOR

KEY = "tokenward/acme-api/NPM_TOKEN"
REFERENCE = "NPM_TOKEN=keyring://acme-api/NPM_TOKEN\n"


def keeps(capabilities: types.ClientCapabilities) -> None:
    capabilities.experimental = {"tokenward": {"passphrase": True, "secretStorage": True}}


def marker(environment: dict[str, str]) -> Path:
    return Path(environment["HOME"], ".local", "share", "tokenward", "vault.editor")


async def run_first_fix(one: Editor, uri: str) -> None:
    (found,) = await one.diagnostics(uri)
    await one.run((await one.actions(uri, found))[0])


async def test_it_is_offered_chosen_and_remembered(absent: dict[str, str], folder: Path) -> None:
    """A token is stored there before it leaves its file; the hover says where it is, and the next session knows."""
    uri, token = (folder / ".env").as_uri(), tokens.npm()
    async with editor(absent, folder, alter=keeps) as one:
        one.open(uri, f"NPM_TOKEN={token}\n", "dotenv")
        one.choices = [None]
        await run_first_fix(one, uri)
        assert not marker(absent).exists()
        one.choices = [KEEP_IN_EDITOR]
        await run_first_fix(one, uri)
        await one.told("are now stored in this editor's secret storage")
        assert (one.edits, one.secrets) == ([], {})
        stored_first: list[Any] = []
        one.before_edit = lambda: stored_first.append(dict(one.secrets))
        await run_first_fix(one, uri)
        assert one.buffers[uri].text == REFERENCE
        assert stored_first == [{KEY: token}]
        hover = await one.hover(uri, 0, 20)
        assert hover is not None
        assert "the editor's secret storage" in str(hover.contents)
        assert not any(token in said for said in [*one.messages, *one.logs])
    assert stat.S_IMODE(marker(absent).stat().st_mode) == 0o600
    async with editor(absent, folder, alter=keeps) as one:
        other = (folder / "other.env").as_uri()
        one.open(other, f"NPM_TOKEN={tokens.npm(seed=2)}\n", "dotenv")
        one.secrets[KEY] = token
        await run_first_fix(one, other)
        assert len(one.secrets) == 2
        assert "keyring://acme-api/" in one.buffers[other].text
        assert not any(CREATE_ENCRYPTED_FILE in said for said in one.messages)


async def test_an_editor_that_keeps_badly_costs_no_token(absent: dict[str, str], folder: Path) -> None:
    """The setting alone enables it; no file changes unless the value can be read back."""
    uri, text = (folder / ".env").as_uri(), f"NPM_TOKEN={tokens.npm()}\n"
    async with editor(absent, folder, alter=keeps, configuration={"vault": "editor"}) as one:
        one.secrets[KEY] = ["no text"]
        one.open(uri, text, "dotenv")
        await run_first_fix(one, uri)
        await one.told("something other than text for keyring://acme-api/NPM_TOKEN")
        assert one.buffers[uri].text == text
        del one.secrets[KEY]
        await run_first_fix(one, uri)
        assert one.buffers[uri].text == REFERENCE
        assert marker(absent).exists()


async def test_an_editor_that_keeps_nothing_says_where_the_tokens_are(
    absent: dict[str, str], folder: Path
) -> None:
    """No other place is offered, because tokens would then be in two."""
    uri, text = (folder / ".env").as_uri(), f"NPM_TOKEN={tokens.npm()}\n"
    marker(absent).parent.mkdir(parents=True)
    marker(absent).touch(0o600)
    async with editor(absent, folder) as one:
        one.open(uri, text, "dotenv")
        await run_first_fix(one, uri)
        await one.told("Your tokens are kept by another editor")
        assert not any("in an encrypted file" in said for said in one.messages)
        assert one.buffers[uri].text == text
