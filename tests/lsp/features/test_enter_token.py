"""A reference that resolves to nothing is marked, and its token can be entered and stored."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

import tokens
from canaries import leaks
from cli_shell import Shell
from lsp_client import PATIENCE, Editor, editor

TEXT = "TOKEN=keyring://acme-api/TOKEN\nOTHER=keyring://acme-api/OTHER\nFOREIGN=keyring://elsewhere/TOKEN\n"


def plain(capabilities: types.ClientCapabilities) -> None:
    capabilities.experimental = None


def hidden(capabilities: types.ClientCapabilities) -> None:
    capabilities.experimental = {"tokenward": {"passphrase": True}}


@pytest.fixture
def shell(unlocked: dict[str, str], folder: Path) -> Shell:
    return Shell(unlocked, folder)


@contextlib.asynccontextmanager
async def opened(shell: Shell, alter: Any = hidden) -> AsyncIterator[tuple[Editor, str]]:
    uri = (shell.folder / ".env").as_uri()
    async with editor(shell.environment, shell.folder, alter=alter) as one:
        one.open(uri, TEXT, "dotenv")
        yield one, uri


async def marked(one: Editor, uri: str, *names: str) -> list[types.Diagnostic]:
    """Wait until exactly the references to these names are marked; each change triggers a new check."""
    one.retell(uri)
    messages = [f"No token is stored for {name}: run `tokenward put {name}`." for name in names]
    deadline = time.monotonic() + PATIENCE
    while True:
        found = await one.diagnostics(uri)
        if [each.message for each in found] == messages:
            return found
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.1)


async def command(one: Editor, argument: object) -> None:
    params = types.ExecuteCommandParams("tokenward.server.enter", [argument])
    await one.client.workspace_execute_command_async(params)


async def test_the_token_of_a_dangling_reference_is_entered_and_stored(shell: Shell) -> None:
    value = tokens.github("entered")
    shell.put("TOKEN", "the value")
    async with opened(shell) as (one, uri):
        (found,) = await marked(one, uri, "OTHER")
        assert (found.code, found.severity) == ("dangling-reference", types.DiagnosticSeverity.Warning)
        assert one.slice(uri, found.range) == "keyring://acme-api/OTHER"
        (fix,) = [each for each in await one.actions(uri, found) if each.title == "Store a token for OTHER…"]
        one.passphrases = [None, value]
        await one.run(fix)
        await one.run(fix)
        await one.told("Stored keyring://acme-api/OTHER.")
        await marked(one, uri)
        assert leaks("messages", "".join([*one.messages, *one.logs]).encode(), [value]) == []
    assert shell.get("OTHER") == value


async def test_a_fresh_clone_marks_the_references_that_it_may_have(shell: Shell) -> None:
    """Not those of a name that belongs to another folder, which a hostile repository may claim."""
    async with opened(shell) as (one, uri):
        await marked(one, uri, "TOKEN", "OTHER")
    other = shell.folder.parent / "other"
    other.mkdir()
    shell.at(other)("bind", "acme-api", "--yes")
    async with opened(shell) as (one, uri):
        await marked(one, uri)


async def test_an_editor_without_hidden_input_is_told_the_command(shell: Shell) -> None:
    async with opened(shell, plain) as (one, uri):
        (found, _) = await marked(one, uri, "TOKEN", "OTHER")
        assert not [each for each in await one.actions(uri, found) if "Store" in each.title]
        await command(one, {"uri": uri, "name": "TOKEN"})
        await one.told("use `tokenward put TOKEN`")


@pytest.mark.parametrize(
    ("uri", "name", "said"),
    [
        (None, "TOKEN", "The command's argument is incomplete"),
        ("file:///elsewhere/.env", "TOKEN", "This file is in no open folder"),
        (".env", "a b", "A token's name consists of"),
        (".env", tokens.github("a name").replace("-", "_"), "This name looks like a token itself"),
    ],
)
async def test_a_command_for_anything_else_asks_nothing(
    shell: Shell, uri: str | None, name: str, said: str
) -> None:
    async with opened(shell) as (one, env):
        await marked(one, env, "TOKEN", "OTHER")
        one.passphrases = ["the value"]
        await command(one, {"uri": env if uri == ".env" else uri, "name": name})
        await one.told(said)
        assert one.passphrases == ["the value"]
