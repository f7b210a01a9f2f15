"""The MCP server's tools, called by the SDK's own client; no answer and no request to a person holds a value."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

import sockets
import tokens
from cli_shell import TOKENWARD, Shell
from git_tree import git, repository
from lsp_client import Editor, editor

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="starts a keyring that Windows has not"),
    pytest.mark.usefixtures("own_interpreter"),
]
VALUE = "the-value-of-it"


@contextlib.asynccontextmanager
async def served(shell: Shell) -> AsyncIterator[Client]:
    command = StdioServerParameters(
        command=TOKENWARD, args=["mcp"], env=dict(shell.environment), cwd=str(shell.folder)
    )
    async with Client(stdio_client(command)) as client:
        yield client


@contextlib.asynccontextmanager
async def opened(shell: Shell, *choices: str | None) -> AsyncIterator[Editor]:
    async with editor(shell.environment, shell.folder) as one:
        await sockets.socket_record(shell.environment, shell.folder)
        one.choices = list(choices)
        yield one


async def call(client: Client, tool: str, **arguments: Any) -> Any:
    """What a tool answers: its structured content, or the text of its failure."""
    result = await client.call_tool(tool, arguments)
    assert VALUE not in repr(result)
    if result.is_error:
        return "".join(part.text for part in result.content if part.type == "text")
    return result.structured_content


@pytest.fixture
def stored(shell: Shell) -> Shell:
    shell.put("TOKEN", VALUE)
    shell.write_env("TOKEN=keyring://acme-api/TOKEN")
    return shell


async def test_every_tool_says_honestly_what_it_does(shell: Shell) -> None:
    async with served(shell) as client:
        listed = (await client.list_tools()).tools
    hints = {
        tool.name: (tool.annotations.read_only_hint, tool.annotations.destructive_hint) for tool in listed
    }  # type: ignore[union-attr]
    assert hints == {
        "list_tokens": (True, None),
        "request_token": (False, False),
        "run_command": (False, True),
        "scan": (True, None),
        "explain": (True, None),
    }
    assert all(tool.description and tool.output_schema for tool in listed)


@pytest.mark.slow
async def test_it_lists_the_tokens_of_its_own_workspace_only(stored: Shell) -> None:
    other = stored.folder.parent / "other-api"
    other.mkdir()
    stored.at(other).put("OTHER", "another-value")
    async with served(stored) as client:
        (found,) = (await call(client, "list_tokens"))["tokens"]
    assert (found["name"], found["reference"]) == ("TOKEN", "keyring://acme-api/TOKEN")


@pytest.mark.slow
async def test_in_a_git_worktree_it_lists_and_uses_those_of_the_repository(
    stored: Shell, tmp_path: Path
) -> None:
    repository(stored.folder)
    git(stored.folder, "commit", "-q", "--allow-empty", "-m", "first")
    git(stored.folder, "worktree", "add", "-q", str(tmp_path / "feature"))
    feature = stored.at(tmp_path / "feature")
    wanted = {"command": ["printenv", "TOKEN"], "tokens": ["TOKEN"], "reason": "to list issues"}
    async with opened(feature, "Once"), served(feature) as client:
        (found,) = (await call(client, "list_tokens"))["tokens"]
        done = await call(client, "run_command", **wanted)
    assert found["reference"] == "keyring://acme-api/TOKEN"
    assert (done["exit_code"], bool(done["stdout"].strip())) == (0, True)
    assert "uses the references in" in done["stderr"]


@pytest.mark.slow
async def test_a_command_gets_a_token_once_a_person_agrees_who_sees_the_reason(stored: Shell) -> None:
    """The output is masked, and the ledger has the reason."""
    wanted = {"command": ["printenv", "TOKEN"], "tokens": ["TOKEN"], "reason": f"to list issues {VALUE}9"}
    async with opened(stored, "Once", "Deny") as one, served(stored) as client:
        done = await call(client, "run_command", **wanted)
        assert done["exit_code"] == 0
        assert done["stdout"].strip()
        denied = await call(client, "run_command", **wanted)
        assert denied["exit_code"] == 125
        assert denied["stdout"] == ""
    assert one.messages[0].startswith("An AI assistant (an MCP client) wants to start a program with TOKEN")
    assert "Reason, not verified: “to list issues …”" in one.messages[0]
    shown = stored("ledger", "export").text
    assert "to list issues" in shown
    assert VALUE not in shown


@pytest.mark.slow
async def test_without_an_editor_a_command_with_a_token_is_not_started(stored: Shell) -> None:
    async with served(stored) as client:
        done = await call(client, "run_command", command=["touch", "made"], tokens=["TOKEN"], reason="")
        assert done["exit_code"] == 125
        assert "open the folder in an editor with Tokenward" in done["stderr"]
        assert not (stored.folder / "made").exists()
        plain = await call(
            client, "run_command", command=["sh", "-c", "echo a; exit 3"], tokens=[], reason=""
        )
        assert (plain["exit_code"], plain["stdout"]) == (3, "a\n")


@pytest.mark.slow
async def test_what_a_command_prints_of_other_stored_tokens_is_masked_too(stored: Shell) -> None:
    """A stored value that no rule recognises, encoded, by a command that asked for no token."""
    encoded = VALUE.encode().hex()
    stored.write_script("show", f"#!/bin/sh\necho {VALUE} {encoded} end\n")
    async with served(stored.having(AI_AGENT="")) as client:
        done = await call(client, "run_command", command=["./show"], tokens=[], reason="-- to see")
    assert done["exit_code"] == 0
    assert done["stdout"].endswith(" end\n")
    assert encoded not in done["stdout"]


@pytest.mark.slow
async def test_output_is_bounded_and_recognised_tokens_in_it_are_masked(shell: Shell) -> None:
    token = tokens.github()
    (shell.folder / "log").write_text(f"{token}\n" + "a line of it\n" * 200_000)
    async with served(shell) as client:
        done = await call(client, "run_command", command=["cat", "log"], tokens=[], reason="")
        slow = await call(
            client, "run_command", command=["sleep", "60"], tokens=[], reason="", timeout_seconds=2
        )
    assert token not in done["stdout"]
    assert "characters left out" in done["stdout"]
    assert len(done["stdout"]) < 21_000
    assert slow == {"exit_code": None, "timed_out": True, "stdout": "", "stderr": ""}


@pytest.mark.slow
async def test_a_person_enters_a_token_in_the_editor_and_the_agent_gets_its_name(shell: Shell) -> None:
    async with opened(shell, "Once", "Deny") as one, served(shell) as client:
        one.passphrases = [VALUE]
        done = await call(client, "request_token", name="NEW_TOKEN", reason="to call the API")
        assert done["stored"] == "NEW_TOKEN"
        assert (shell.folder / ".env").read_text() == "NEW_TOKEN=keyring://acme-api/NEW_TOKEN\n"
        assert "wants you to enter the value of NEW_TOKEN" in one.messages[0]
        assert "did not enter a value" in await call(client, "request_token", name="OTHER", reason="")
    assert shell.get("NEW_TOKEN") == VALUE


async def test_without_an_editor_the_agent_is_told_what_its_user_can_do(shell: Shell) -> None:
    async with served(shell) as client:
        told = await call(client, "request_token", name="NEW_TOKEN", reason="")
    assert "ask the user to run `tokenward put NEW_TOKEN` in a terminal" in told


async def test_it_finds_and_explains_tokens_without_their_values(shell: Shell) -> None:
    token = tokens.github()
    (shell.folder / "app.py").write_text(f"import os\nA = '{token}'\n")
    async with served(shell) as client:
        (found,) = (await call(client, "scan", path="app.py"))["findings"]
        (written,) = (await call(client, "scan", text=f"A = '{token}'"))["findings"]
        explained = await call(client, "explain", path="app.py", line=2)
    assert (found["line"], found["provider"], written["line"]) == (2, "GitHub", 1)
    assert explained["findings"][0]["page"]
    assert token not in json.dumps([found, written, explained])


async def test_no_path_leads_out_of_the_workspace_and_a_name_that_is_none_is_refused(shell: Shell) -> None:
    (shell.folder / "link").symlink_to("/etc")
    async with served(shell) as client:
        for path in ("../other", "/etc/passwd", "link"):
            assert "outside of the workspace" in await call(client, "scan", path=path), path
        for name in ("--replace", "A B", "A,B", "", "$(id)"):
            assert "name consists of" in await call(client, "request_token", name=name, reason=""), name


async def test_a_module_in_the_workspace_is_not_run(shell: Shell) -> None:
    """A hostile repository must not be loaded in place of Tokenward."""
    for name in ("tokenward", "mcp", "anyio"):
        package = shell.folder / name
        package.mkdir()
        (package / "__init__.py").write_text(f"open({str(shell.folder / 'run')!r}, 'w').close()\n")
    async with served(shell) as client:
        await call(client, "list_tokens")
    assert not (shell.folder / "run").exists()


def test_without_the_library_it_says_how_to_install_it(shell: Shell, tmp_path: Path) -> None:
    """Simulated by a module that cannot be found."""
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['mcp'] = None\n")
    done = shell.having(PYTHONPATH=str(tmp_path))("mcp")
    assert done.code == 2
    assert "pipx install tokenward[mcp]" in done.err
