"""Commands get tokens stored by the editor through its running server, which alone decides."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from lsprotocol import types

import sockets
import tokens
from cli_shell import TOKENWARD, Done, Shell
from lsp_client import Editor, editor
from starts import orphaned
from tokenward.custody.sockets import registry
from tokenward.custody.sockets.client import send_request
from tokenward.custody.sockets.registry import SocketRecord
from tokenward.operations.approval.messages import Refusal
from tokenward.operations.editor_vault.messages import VaultAction, VaultOutcome, read_outcome, written

KEY = "tokenward/acme-api/TOKEN"
RUN = ("run", "--no-mask", "--", "sh", "-c", 'test "$TOKEN" = "the value" && echo given')


@pytest.fixture
def shell(bare_shell: Shell) -> Shell:
    """A workspace of a user without a keyring who chose to store tokens in the editor."""
    data = Path(bare_shell.environment["HOME"], ".local", "share", "tokenward")
    data.mkdir(parents=True)
    (data / "vault.editor").touch(0o600)
    bare_shell.write_env("TOKEN=keyring://acme-api/TOKEN")
    return bare_shell


def keeps(capabilities: types.ClientCapabilities) -> None:
    capabilities.experimental = {"tokenward": {"secretStorage": True}}


@contextlib.asynccontextmanager
async def opened(shell: Shell) -> AsyncIterator[Editor]:
    # A killed server's record stays, and until it is reaped the server looks alive.
    left = [*registry.sockets_for(sockets.records(shell.environment), Path(os.path.realpath(shell.folder)))]
    async with editor(shell.environment, shell.folder, alter=keeps) as one:
        await sockets.socket_record(shell.environment, shell.folder, apart_from=left)
        yield one


async def run(shell: Shell, *arguments: str, stdin: bytes = b"", **variables: str) -> Done:
    return await asyncio.to_thread(lambda: shell(*arguments, stdin=stdin, **variables))


def ledger_rows(shell: Shell) -> list[tuple[str, str, str]]:
    """Return the uses in the ledger: event, verb and assistant."""
    path = Path(shell.environment["HOME"], ".local", "share", "tokenward", "ledger.db")
    query = (
        "SELECT event, json_extract(detail, '$.purpose'), coalesce(json_extract(detail, '$.agent'), '') FROM records "
        "WHERE event IN ('resolved', 'refused') ORDER BY id"
    )
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.execute(query))


async def test_every_verb_has_what_the_editor_keeps(shell: Shell) -> None:
    """Each verb, and a credential helper; each use is in the ledger once, and there is no question."""
    async with opened(shell) as one:
        done = await run(shell, "put", "TOKEN", stdin=b"the value")
        assert (done.code, one.secrets) == (0, {KEY: "the value"}), done.err
        assert (await run(shell, "put", "TOKEN", stdin=b"another")).code != 0
        assert (await run(shell, *RUN)).text == "given\n"
        assert "'the value'" in (await run(shell, "env")).text
        assert (await run(shell, "get", "TOKEN")).text == "the value\n"
        (shell.folder / "template").write_text("key: keyring://acme-api/TOKEN\n")
        done = await run(shell, "inject", "template", "-o", "filled")
        assert (shell.folder / "filled").read_text() == "key: the value\n", done.err
        headers = await run(shell, "credential", "headers", "X-Key: keyring://acme-api/TOKEN")
        assert headers.text == '{"X-Key": "the value"}\n', headers.err
        assert ledger_rows(shell) == [
            ("resolved", purpose, "") for purpose in ("run", "env", "get", "inject", "credential")
        ]
        assert (await run(shell, "rm", "TOKEN", "--yes")).code == 0
        assert one.secrets == {}
        assert one.messages == []


async def test_leases_and_bindings_are_looked_at_by_the_server(shell: Shell, tmp_path: Path) -> None:
    """A spent lease, another program, and a folder that only claims the name get nothing."""
    clone = tmp_path / "clone"
    clone.mkdir()
    async with editor(shell.environment, folders=[shell.folder, clone], alter=keeps) as one:
        await sockets.socket_record(shell.environment, clone)
        await run(shell, "put", "TOKEN", stdin=b"the value")
        (clone / ".env").write_text("TOKEN=keyring://acme-api/TOKEN\n")
        (clone / "tokenward.toml").write_text('workspace-name = "acme-api"\n')
        hostile = await run(shell.at(clone), *RUN)
        assert (hostile.code, hostile.text) == (125, "")
        await run(shell, "lease", "TOKEN", "--uses", "1")
        assert (await run(shell, *RUN)).text == "given\n"
        spent = await run(shell, *RUN)
        assert (spent.code, spent.text) == (125, "")
        assert [event for event, *_ in ledger_rows(shell)] == ["refused", "resolved", "refused"]
        assert one.messages == []


async def test_an_assistant_needs_a_yes_each_time_and_deletes_nothing(shell: Shell) -> None:
    """The lease does not exempt an assistant, and an approval for the session is not possible."""
    async with opened(shell) as one:
        await run(shell, "put", "TOKEN", stdin=b"the value")
        one.choices = ["Once", "This session", None]
        assert (await run(shell, *RUN, CLAUDECODE="1")).text == "given\n"
        assert one.messages[0].startswith("An AI assistant (Claude Code) wants to start a program with TOKEN")
        for command in (RUN, ("get", "TOKEN")):
            assert (await run(shell, *command, CLAUDECODE="1")).text == ""
        assert (await run(shell, *RUN)).text == "given\n"
        assert len(one.messages) == 3
        denied = await run(shell, "rm", "TOKEN", "--yes", CLAUDECODE="1")
        assert (denied.code != 0, one.secrets) == (True, {KEY: "the value"})
        assert ledger_rows(shell)[:2] == [
            ("resolved", "run", "Claude Code"),
            ("refused", "run", "Claude Code"),
        ]


async def test_what_has_no_parents_and_no_terminal_needs_a_yes_each_time_and_deletes_nothing(
    shell: Shell,
) -> None:
    """It could be an assistant that hides; the message says so."""
    async with opened(shell) as one:
        await run(shell, "put", "TOKEN", stdin=b"the value")
        one.choices = ["Once", None]
        assert await asyncio.to_thread(alone, shell, "get", "TOKEN") == "the value\n"
        assert await asyncio.to_thread(alone, shell, "get", "TOKEN") == ""
        assert [message.split("\n")[0] for message in one.messages] == [
            "A detached process (nohup, setsid) wants to print or copy TOKEN."
        ] * 2
        await asyncio.to_thread(alone, shell, "rm", "TOKEN", "--yes")
        assert one.secrets == {KEY: "the value"}
        assert (await run(shell, *RUN)).text == "given\n"


async def test_a_person_at_a_terminal_is_not_asked(shell: Shell) -> None:
    async with opened(shell) as one:
        await run(shell, "put", "TOKEN", stdin=b"the value")
        # On a busy machine the command first says what it waits for.
        assert (await asyncio.to_thread(at_terminal, shell, *RUN)).endswith("given\r\n")
        assert one.messages == []


@pytest.mark.slow
async def test_leave_puts_back_what_the_editor_keeps(shell: Shell) -> None:
    """The file is as before, the editor keeps nothing, and without it the command changes nothing."""
    (shell.folder / ".env").unlink()
    before = {"app.py": f'KEY = "{tokens.github("kept")}"\n', "key.sh": f"export KEY={tokens.gitlab()}\n"}
    for name, text in before.items():
        (shell.folder / name).write_text(text)
    async with opened(shell) as one:
        for name in before:
            done = await run(shell, "move", name)
            assert done.code == 0, done.err
        assert sorted(one.secrets.values()) == sorted([tokens.github("kept"), tokens.gitlab()])
        moved = (shell.folder / "app.py").read_text()
    assert (await run(shell, "leave", "--yes")).code != 0
    assert (shell.folder / "app.py").read_text() == moved
    async with opened(shell) as two:
        two.secrets.update(one.secrets)
        assert await asyncio.to_thread(shell.agree, "leave") == 0
        assert two.secrets == {}
        assert two.messages == []
    for name, text in before.items():
        assert (shell.folder / name).read_text() == text
    assert not (shell.folder / ".env").exists()
    assert "acme-api" not in (await run(shell, "workspaces")).text


def alone(shell: Shell, *arguments: str) -> str:
    """Return the output of a command started by an assistant that hides its variables, terminal and process."""
    return orphaned([TOKENWARD, *arguments], shell.environment, shell.folder).text


def at_terminal(shell: Shell, *arguments: str) -> str:
    with shell.terminal(*arguments) as terminal:
        terminal.end()
    return terminal.shown


async def test_without_the_editor_one_sentence_says_what_to_do(shell: Shell) -> None:
    for command in (RUN, ("get", "keyring://acme-api/TOKEN"), ("put", "TOKEN")):
        done = await run(shell, *command, stdin=b"the value")
        assert (done.code in (2, 125), done.text) == (True, "")
        assert "keyring://acme-api/TOKEN is stored by the editor; open this folder in VS Code" in done.err
    examined = (await run(shell, "doctor")).text
    assert "keyring: the editor's secret storage, used instead of the OS keyring" in examined
    assert "open this folder in VS Code" in examined


async def test_an_editor_that_dies_over_a_store_leaves_the_file_as_it_is(shell: Shell) -> None:
    """It is then unknown whether the editor has the value; the next move checks."""
    text = f"GITHUB_TOKEN={tokens.github()}\n"
    file = shell.folder / "a.env"
    file.write_text(text)
    async with opened(shell) as one:
        process = one.client._server
        assert process is not None
        one.before_store = process.kill
        died = await run(shell, "move", "a.env")
        assert "did not say whether it did that" in died.err
        assert file.read_text() == text
    async with opened(shell) as one:
        assert (await run(shell, "move", "a.env")).code == 0
        assert list(one.secrets) == ["tokenward/acme-api/GITHUB_TOKEN"]
        assert file.read_text() == "GITHUB_TOKEN=keyring://acme-api/GITHUB_TOKEN\n"


def outcome(at: SocketRecord, line: bytes) -> VaultOutcome:
    return read_outcome(send_request(at, line, 30.0))


async def test_what_asks_for_more_than_it_may_gets_nothing(shell: Shell) -> None:
    """A use that skips the lease, an invalid message, and a path out of the open folder."""
    async with opened(shell):
        await run(shell, "put", "TOKEN", stdin=b"the value")
        at = await sockets.socket_record(shell.environment, shell.folder)
        request = json.loads(written(VaultAction.VALUES, sockets.question(shell.folder)))
        for spoilt in ({"purpose": "ask"}, {"purpose": "x"}, {"value": "x"}, {"work": "x"}, {"work": "put"}):
            with pytest.raises(ConnectionError):
                await asyncio.to_thread(outcome, at, json.dumps({**request, **spoilt}).encode())
        (shell.folder.parent / "other").mkdir()
        outside = {**request, "folder": f"{shell.folder}/../other"}
        assert await asyncio.to_thread(outcome, at, json.dumps(outside).encode()) is Refusal.ELSEWHERE
