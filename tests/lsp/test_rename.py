"""Renaming a stored token from an editor: one edit updates its references, in buffers before files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from lsprotocol import types

import tokens
from canaries import leaks, leaks_in_files
from cli_shell import Shell
from lsp_client import Editor, editor

OLD, NEW = "keyring://acme-api/TOKEN", "keyring://acme-api/DEPLOY"


@pytest.fixture
async def one(unlocked: dict[str, str], folder: Path) -> AsyncIterator[Editor]:
    """An editor in a workspace with a stored token, whose `.env` is open with unsaved changes."""
    shell = Shell(unlocked, folder)
    shell.put("TOKEN", "the value")
    (folder / ".env").write_text("A=1\n")
    (folder / "deploy.yml").write_text(f"token: {OLD}\n")
    (folder / "wide.txt").write_text(f"{OLD}\n", "utf-16")
    async with editor(unlocked, folder) as made:
        uri = (folder / ".env").as_uri()
        made.open(uri, f"TOKEN={OLD}\nOTHER={OLD}_2\n", "dotenv")
        await made.diagnostics(uri)
        yield made


async def rename(one: Editor, name: object = "DEPLOY", reference: str = OLD) -> None:
    argument = {"reference": reference, "name": name}
    params = types.ExecuteCommandParams("tokenward.server.rename", [argument])
    await one.client.workspace_execute_command_async(params)


async def test_a_token_gets_another_name_by_one_edit(
    one: Editor, unlocked: dict[str, str], folder: Path
) -> None:
    """Invalid names change nothing; after a declined edit, which may still arrive late, both names are kept."""
    shell, env = Shell(unlocked, folder), (folder / ".env").as_uri()
    for bad in (None, "A-B", "", 1):
        await rename(one, bad)
    await rename(one, "token")
    assert "differ in case only" in one.messages[-1]
    one.refuse = True
    await rename(one)
    assert "has both names" in one.messages[-1]
    assert (shell.get("TOKEN"), shell.get("DEPLOY")) == ("the value", "the value")
    one.refuse = False
    before = len(one.edits)
    await rename(one)
    message = await one.told("to DEPLOY.")
    assert "References in .env and deploy.yml were updated" in message
    assert "References in wide.txt could not be updated" in message
    (edit,) = one.edits[before:]
    assert edit.label == "Rename TOKEN to DEPLOY"
    assert one.buffers[env].text == f"TOKEN={NEW}\nOTHER={OLD}_2\n"
    assert (folder / ".env").read_text() == "A=1\n"
    assert (folder / "deploy.yml").read_text() == f"token: {NEW}\n"
    assert (shell.get("DEPLOY"), shell("get", "TOKEN").code) == ("the value", 2)


async def test_a_buffer_that_changes_meanwhile_leaves_both_names_or_the_old_one(
    one: Editor, unlocked: dict[str, str], folder: Path
) -> None:
    shell, env = Shell(unlocked, folder), (folder / ".env").as_uri()

    def type_it() -> None:
        one.before_edit = None
        one.change(env, (0, 0), (0, 0), "# typed\n")

    one.before_edit = type_it
    await rename(one)
    assert shell.get("TOKEN") == "the value"
    assert one.buffers[env].text.startswith(f"# typed\nTOKEN={OLD}\n")
    await rename(one)
    await one.told("to DEPLOY.")
    assert one.buffers[env].text.startswith(f"# typed\nTOKEN={NEW}\n")
    assert (shell.get("DEPLOY"), shell("get", "TOKEN").code) == ("the value", 2)


async def test_no_token_is_called_as_a_token(one: Editor, unlocked: dict[str, str]) -> None:
    """The name is never repeated, from any client, and no record of it is stored."""
    token = tokens.github("as a name")
    await rename(one, token)
    assert "looks like a token itself" in one.messages[-1]
    await rename(one, "DEPLOY", f"keyring://acme-api/{token}")
    assert "looks like a token itself" in one.messages[-1]
    assert leaks("messages", "".join(one.messages + one.logs).encode(), [token]) == []
    assert leaks_in_files(Path(unlocked["HOME"]), [token]) == []
