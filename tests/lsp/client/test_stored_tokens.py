"""The stored tokens of the open folders: listed without a keyring, updated, deleted, replaced, and checked."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

import tokens
from canaries import leaks
from cli_shell import Shell
from lsp_client import PATIENCE, Editor, editor
from provider import provider, token, use_rules

TOKEN = token("stored")
TOKENS, CHANGED = "tokenward/tokens", "tokenward/tokens/changed"
REPLACE = "tokenward/tokens/replace"


def announce(capabilities: types.ClientCapabilities) -> None:
    capabilities.experimental = {"tokenward": {"tokens": True}}


def cannot_ask(capabilities: types.ClientCapabilities) -> None:
    assert capabilities.window is not None
    capabilities.window.show_message = None


class View:
    """A client that shows the list."""

    def __init__(self, one: Editor) -> None:
        self.one = one
        self.changes = 0

        @one.client.feature(CHANGED)
        async def changed(_: Any) -> None:
            self.changes += 1
            async with one.news:
                one.news.notify_all()

    async def tokens(self) -> list[dict[str, Any]]:
        found = (await self.one.ask(TOKENS, {}))["tokens"]
        assert isinstance(found, list)
        return found

    async def names(self) -> list[str]:
        return [item["name"] for item in await self.tokens()]

    async def ready(self) -> None:
        """Wait until the server has its rules, without which no keyring is asked, by scanning a document."""
        uri = "file:///ready.py"
        self.one.open(uri, "A = 1\n")
        await self.one.diagnostics(uri)

    async def changed(self, before: int) -> None:
        """Wait until the client has received more than this many notifications."""
        async with self.one.news:
            await asyncio.wait_for(self.one.news.wait_for(lambda: self.changes > before), PATIENCE)

    async def run(self, command: str, argument: object) -> None:
        params = types.ExecuteCommandParams(f"tokenward.server.{command}", [argument])
        await self.one.client.workspace_execute_command_async(params)


@contextlib.asynccontextmanager
async def view(shell: Shell, *folders: Path, alter: Any = announce) -> AsyncIterator[View]:
    opened = folders or (shell.folder,)
    async with editor(shell.environment, shell.folder, folders=opened, alter=alter) as one:
        yield View(one)


@pytest.fixture
def shell(unlocked: dict[str, str], folder: Path) -> Shell:
    return Shell(unlocked, folder)


async def test_the_list_has_what_belongs_to_the_open_folders_and_no_value(
    shell: Shell, tmp_path: Path
) -> None:
    shell.put("TOKEN", tokens.github())
    shell("run", "--no-mask", "true")
    inner, other, clone = (tmp_path / name for name in ("acme-api/inner", "other", "clone"))
    for folder in (inner, other, clone):
        folder.mkdir()
    (inner / ".git").mkdir()
    shell.at(inner).put("INNER", "the value")
    shell.at(other).put("OTHER", "the value")
    # A repository that claims the names of others.
    (clone / ".tokenward.toml").write_text('workspace-name = "acme-api"\n')
    shell("lease", "TOKEN", "--uses", "2")
    async with view(shell, shell.folder, clone) as one:
        found = await one.tokens()
    assert [item["reference"] for item in found] == ["keyring://acme-api/TOKEN", "keyring://inner/INNER"]
    first, second = found
    assert {item["uri"] for item in found} == {shell.folder.as_uri()}
    assert (first["workspace"], first["name"], first["provider"]) == ("acme-api", "TOKEN", "")
    assert (first["lease"], first["leaseState"]) == ("2 uses", "open")
    assert (second["lease"], second["lastUsed"]) == ("", None)
    assert first["created"].startswith("20")
    assert tokens.github() not in json.dumps(found)


async def test_a_client_is_told_of_what_any_process_changes(shell: Shell) -> None:
    async with view(shell) as one:
        assert await one.tokens() == []
        shell.put("TOKEN", "the value")
        await one.changed(0)
        assert await one.names() == ["TOKEN"]
        before = one.changes
        shell("lease", "TOKEN", "--for", "1m")
        await one.changed(before)
        (item,) = await one.tokens()
        assert (item["leaseState"], item["lease"].startswith("until 20")) == ("soon", True)


async def test_a_token_is_deleted_after_a_yes_and_only_of_an_open_folder(
    shell: Shell, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    shell.put("TOKEN", "the value")
    shell.at(other).put("TOKEN", "another value")
    mine, foreign = {"reference": "keyring://acme-api/TOKEN"}, {"reference": "keyring://other/TOKEN"}
    async with view(shell) as one:
        await one.ready()
        one.one.choices = ["Delete permanently"]
        for bad in (foreign, {}, {"reference": 1}, {"reference": "keyring://acme-api/TOKEN x"}):
            for command in ("delete", "rename", "check", "revoke"):
                with contextlib.suppress(JsonRpcException):
                    await one.run(command, {**bad, "name": "NEW"})
        assert "belongs to no open folder" in one.one.messages[0]
        one.one.choices = [None, "Yes", "Delete permanently"]
        for _ in range(2):
            await one.run("delete", mine)
            assert await one.names() == ["TOKEN"]
        before = one.changes
        await one.run("delete", mine)
        await one.one.told("Deleted keyring://acme-api/TOKEN from the keyring")
        await one.changed(before)
        assert await one.names() == []
    assert "Delete keyring://acme-api/TOKEN permanently?" in one.one.messages[-2]
    assert shell.at(other).get("TOKEN") == "another value"
    assert shell("get", "TOKEN").code == 2


async def test_a_stored_token_is_checked_and_revoked_as_a_finding_is(shell: Shell) -> None:
    """Nothing is sent without approval; no use is spent; the server never sends the value."""
    with provider() as acme:
        use_rules(shell.environment, acme.rules())
        shell.put("ACME_KEY", TOKEN)
        shell("lease", "ACME_KEY", "--uses", "1")
        mine = {"reference": "keyring://acme-api/ACME_KEY"}
        async with view(shell) as one:
            await one.ready()
            await one.run("check", mine)
            assert acme.requests == []
            one.one.choices = [f"Ask {acme.host} (without encryption)"]
            await one.run("check", mine)
            await one.one.told("works: 127.0.0.1:")
            one.one.choices = [f"Revoke at {acme.host} (without encryption)", "Revoke it for good"]
            await one.run("revoke", mine)
            message = await one.one.told(" revoked the ")
            assert "keyring://acme-api/ACME_KEY now resolves to a dead token" in message
            (item,) = await one.tokens()
            assert item["lease"] == "1 use"
            assert leaks("messages", "\n".join(one.one.messages).encode(), [TOKEN]) == []
        assert acme.paths() == ["/check", "/check", "/revoke"]


async def test_a_question_before_a_deletion_names_what_refers_to_the_token(shell: Shell) -> None:
    """Texts that are open count as they are in the editor."""
    shell.put("TOKEN", "the value")
    (shell.folder / "deploy.yml").write_text("token: keyring://acme-api/TOKEN\n")
    (shell.folder / ".env").write_text("A=1\n")
    async with view(shell) as one:
        await one.ready()
        uri = (shell.folder / ".env").as_uri()
        one.one.open(uri, "TOKEN=keyring://acme-api/TOKEN\n", "dotenv")
        await one.one.diagnostics(uri)
        await one.run("delete", {"reference": "keyring://acme-api/TOKEN"})
        await one.one.told("Files that refer to it: .env and deploy.yml.")
        assert await one.names() == ["TOKEN"]


async def test_a_value_is_replaced_after_a_yes_and_only_of_an_open_folder(
    shell: Shell, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    old, new = tokens.github("old"), tokens.github("new")
    shell.put("TOKEN", old)
    shell.at(other).put("TOKEN", old)
    shell("lease", "TOKEN", "--uses", "9")
    mine = {"reference": "keyring://acme-api/TOKEN", "value": new}
    async with view(shell) as one:
        await one.ready()
        one.one.choices = ["Replace it"]
        for bad in (
            {**mine, "reference": "keyring://other/TOKEN"},
            {**mine, "reference": 1},
            {"reference": mine["reference"]},
            {**mine, "value": ""},
            {**mine, "value": "\ud800"},
            {**mine, "value": 1},
            {},
        ):
            assert await one.one.ask(REPLACE, bad) is None
        assert one.one.choices == ["Replace it"]
        one.one.choices = [None, "Yes"]
        for _ in range(2):
            assert await one.one.ask(REPLACE, mine) is None
        assert shell.get("TOKEN") == old
        one.one.choices = ["Replace it"]
        assert await one.one.ask(REPLACE, mine) == {"reference": mine["reference"]}
        await one.one.told("Replaced the value of keyring://acme-api/TOKEN")
        await one.one.told("The old GitHub token")
        (item,) = await one.tokens()
        assert item["lease"] == "8 uses"
        assert leaks("messages", "\n".join(one.one.messages).encode(), [old, new]) == []
    assert shell.get("TOKEN") == new
    assert shell.at(other).get("TOKEN") == old


async def test_the_old_value_is_revoked_after_two_more_yeses(shell: Shell) -> None:
    with provider() as acme:
        use_rules(shell.environment, acme.rules())
        shell.put("ACME_KEY", TOKEN)
        new = token("new")
        async with view(shell) as one:
            await one.ready()
            at = f"Revoke at {acme.host} (without encryption)"
            one.one.choices = ["Replace it", at, "Revoke it for good"]
            await one.one.ask(REPLACE, {"reference": "keyring://acme-api/ACME_KEY", "value": new})
            message = await one.one.told(" revoked the ")
            assert "now resolves to a dead token" not in message
            assert all(TOKEN in request.text and new not in request.text for request in acme.requests)
            assert acme.paths()[-1] == "/revoke"
            sent = len(acme.requests)
            one.one.choices = ["Replace it", at, None]
            await one.one.ask(REPLACE, {"reference": "keyring://acme-api/ACME_KEY", "value": token("newer")})
            await one.one.told("The old Acme token (32 characters) may still work")
            assert len(acme.requests) == sent
        assert shell.get("ACME_KEY") == token("newer")


async def test_a_client_that_cannot_ask_is_told_the_commands(shell: Shell) -> None:
    shell.put("TOKEN", "the value")
    mine = {"reference": "keyring://acme-api/TOKEN"}
    async with view(shell, alter=cannot_ask) as one:
        await one.ready()
        for command, words in (
            ("delete", "use `tokenward rm TOKEN`"),
            ("check", "use `tokenward check keyring://acme-api/TOKEN`"),
            ("revoke", "use `tokenward revoke keyring://acme-api/TOKEN`"),
        ):
            await one.run(command, mine)
            await one.one.told(words)
        assert await one.one.ask(REPLACE, {**mine, "value": "x"}) is None
        await one.one.told("use `tokenward put TOKEN --replace`")
        assert await one.names() == ["TOKEN"]
        assert one.changes == 0
