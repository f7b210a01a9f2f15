"""Approval in the editor for a command in a terminal; hostile connections to the socket do no harm."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import pytest
from lsprotocol import types

import sockets
import tokens
from cli_shell import Done, Shell
from lsp_client import Editor, editor
from tokenward.custody.sockets.client import LARGEST_MESSAGE
from tokenward.custody.sockets.registry import SocketRecord
from tokenward.operations.approval.approval import ApprovalAnswer, Reply
from tokenward.operations.approval.ask_editor import WAITING
from tokenward.operations.approval.messages import Refusal, written

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has named pipes; see tests/windows")

GET = ("get", "TOKEN")
GOT = (0, "the value\n", "")
RUN = ("run", "--no-mask", "--", "sh", "-c", 'test -n "$TOKEN" && echo given')
GIVEN = (0, "given\n", "")


@pytest.fixture
def stored(unlocked: dict[str, str], folder: Path) -> Shell:
    """A workspace with a token that a person must approve once a session."""
    shell = Shell(unlocked, folder)
    shell.put("TOKEN", "the value")
    shell.write_env("TOKEN=keyring://acme-api/TOKEN")
    confirm(shell, "session")
    return shell


@pytest.fixture
def bare(absent: dict[str, str], folder: Path) -> Shell:
    """A workspace of a user without a keyring, with nothing stored."""
    return Shell(absent, folder)


def confirm(shell: Shell, when: str) -> None:
    done = shell("lease", "TOKEN", "--confirm", when)
    assert done.code == 0, done.err


async def run(shell: Shell, *arguments: str, **variables: str) -> Done:
    return await asyncio.to_thread(lambda: shell.having(**variables)(*arguments))


@contextlib.asynccontextmanager
async def opened(shell: Shell, *folders: Path) -> AsyncIterator[Editor]:
    """An editor with the shell's folder open, or others, whose server accepts questions."""
    async with editor(shell.environment, shell.folder, folders=folders or None) as one:
        await sockets.socket_record(shell.environment, (folders or (shell.folder,))[0])
        yield one


def outcome(done: Done) -> tuple[int, str, str]:
    """Return the result of a command, without the message that it waited."""
    return done.code, done.text, done.err.replace(f"tokenward: {WAITING}\n", "")


def refusal(done: Done) -> str:
    """Return the error message of a command that got nothing."""
    assert done.code in (2, 125)
    assert done.text == ""
    return done.err


async def test_once_lets_one_command_have_the_token(stored: Shell) -> None:
    """The message names the caller, the token and the command; the next use is asked about again."""
    async with opened(stored) as one:
        one.choices = ["Once", "Deny"]
        assert outcome(await run(stored, *RUN)) == GIVEN
        (question,) = one.messages
        first, empty, asked_by, folder, program, command = question.split("\n")
        assert first == "A command wants to start a program with TOKEN in its environment."
        assert empty == ""
        assert asked_by.startswith("Asked by: ")
        assert f"({os.getpid()})" in asked_by
        assert folder == f"Folder: {stored.folder}"
        assert program.startswith("Program: /")
        assert command.startswith("Command: sh -c ")
        assert "the value" not in question
        assert "denied" in refusal(await run(stored, *RUN))
        assert len(one.messages) == 2


async def test_this_session_asks_no_more_until_the_server_ends(stored: Shell) -> None:
    """The approval covers the same use only."""
    async with opened(stored) as one:
        one.choices = ["This session"]
        assert outcome(await run(stored, *RUN)) == GIVEN
        assert outcome(await run(stored, *RUN)) == GIVEN
        refusal(await run(stored, *GET))
        assert len(one.messages) == 2
    assert "nobody can be asked here" in refusal(await run(stored, *RUN))


async def test_what_is_to_be_confirmed_each_time_cannot_be_agreed_to_for_a_session(stored: Shell) -> None:
    """Any answer that was not offered is a no, as is a closed message."""
    confirm(stored, "always")
    async with opened(stored) as one:
        one.choices = ["This session", None, "Yes", "Once"]
        for program in ("true", "false", "env"):
            refusal(await run(stored, "run", "--", program))
        assert outcome(await run(stored, *GET)) == GOT


async def test_an_assistant_is_named_and_its_command_shows_no_token(stored: Shell) -> None:
    """Even without a terminal it gets the token, if a person agrees."""
    secret = tokens.github()
    async with opened(stored) as one:
        # Until the rules are loaded, no part of an argument is shown.
        await one.diagnostics(_document(one, stored.folder))
        one.choices = ["Once"]
        done = await run(stored, "run", "--", "echo", f"--key={secret}", "a\u202eb\n[c](d)", CLAUDECODE="1")
        (question,) = one.messages
    assert done.code == 0
    assert question.startswith("An AI assistant (Claude Code) wants to start a program with TOKEN")
    assert secret not in question
    assert "--key=ghp_***" in question
    assert "a?b?[c] (d)" in question


def _document(one: Editor, folder: Path) -> str:
    uri = (folder / "a.py").as_uri()
    one.open(uri, f'KEY = "{tokens.npm()}"\n')
    return uri


@pytest.mark.slow
async def test_the_nearest_server_that_lives_and_has_the_folder_open_is_asked(
    stored: Shell, tmp_path: Path
) -> None:
    """Dead servers are skipped, and their leftovers are removed when another starts."""
    other = tmp_path / "other"
    other.mkdir()
    async with opened(stored, other) as stranger, opened(stored, stored.folder.parent) as wide:
        async with opened(stored) as near:
            left = await sockets.socket_record(stored.environment, stored.folder)
            near.choices = ["Once"]
            assert outcome(await run(stored, *GET)) == GOT
            assert near.client._server is not None
            near.client._server.kill()
            await near.client._server.wait()
            wide.choices = ["Once"]
            assert outcome(await run(stored, *GET)) == GOT
        assert (len(near.messages), len(wide.messages), len(stranger.messages)) == (1, 1, 0)
    refusal(await run(stored, *GET))
    assert not left.socket.exists()
    assert list(sockets.records(stored.environment).iterdir()) == []


async def test_an_editor_that_an_assistant_started_is_not_asked(bare: Shell) -> None:
    """It could answer itself. An editor that cannot ask is skipped too."""

    def mute(capabilities: types.ClientCapabilities) -> None:
        assert capabilities.window is not None
        capabilities.window.show_message = None

    async with editor({**bare.environment, "CLAUDECODE": "1"}, bare.folder) as one:
        await one.logged("Claude Code started this editor")
        assert not sockets.records(bare.environment).exists()
    async with editor(bare.environment, bare.folder, alter=mute) as one:
        await one.diagnostics(_document(one, bare.folder))
        assert not sockets.records(bare.environment).exists()


@pytest.mark.slow
async def test_after_a_no_the_same_is_refused_without_a_question(bare: Shell) -> None:
    async with opened(bare) as one:
        at = await sockets.socket_record(bare.environment, bare.folder)
        requests = sockets.question(bare.folder)
        one.choices = ["Deny", "Once"]
        assert await asyncio.to_thread(sockets.ask, at, requests) == Reply(ApprovalAnswer.DENY)
        for _ in range(100):
            assert await asyncio.to_thread(sockets.ask, at, requests) is Refusal.DENIED
        assert len(one.messages) == 1
        other = sockets.question(bare.folder, program="/usr/bin/false")
        assert await asyncio.to_thread(sockets.ask, at, other) == Reply(ApprovalAnswer.ONCE)


async def test_who_asks_at_once_is_answered_at_once_and_who_asks_for_ever_is_not_heard(bare: Shell) -> None:
    """One approval for the session covers all that waited for it."""
    async with opened(bare) as one:
        at = await sockets.socket_record(bare.environment, bare.folder)
        one.choices = ["This session"]
        # Long enough for all five to wait, because the server checks the callers one after the other.
        one.thinks = 3
        requests = [asyncio.to_thread(sockets.ask, at, sockets.question(bare.folder)) for _ in range(5)]
        replies = await asyncio.gather(*requests)
        assert len(one.messages) == 1
        assert all(isinstance(reply, Reply) and reply.session for reply in replies)
        one.choices = ["Once"] * 100
        one.thinks = 0
        for number in range(20):
            ever_new = sockets.question(bare.folder, program=f"/tmp/{number}")
            replies.append(await asyncio.to_thread(sockets.ask, at, ever_new))
        assert len(one.messages) == 12
    assert replies[-1] is Refusal.BUSY


HOSTILE = [
    b"",
    b"\n",
    b"\x00\xff" * 5000,
    b"{}\n",
    b"[" * 50_000 + b"\n",
    b'{"folder": "relative", "references": ["keyring://a/B"]}\n',
    b'{"folder": 3, "references": 4, "command": {}, "program": [], "purpose": null, "can_last": "yes"}\n',
    b"x" * (LARGEST_MESSAGE + 10),
]


@contextlib.contextmanager
def connections(at: SocketRecord, count: int) -> Iterator[list[socket.socket]]:
    with contextlib.ExitStack() as stack:
        made = []
        for _ in range(count):
            one = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            one.settimeout(30)
            while one.connect_ex(str(at.socket)):
                time.sleep(0.01)
            made.append(one)
        yield made


def answered(one: socket.socket, said: bytes) -> bytes:
    """Send bytes and return the answer."""
    with contextlib.suppress(OSError):
        one.sendall(said)
        one.shutdown(socket.SHUT_WR)
    try:
        return one.recv(1000)
    except ConnectionError:
        return b""


async def test_whatever_comes_to_a_door_gets_no_answer_and_does_no_harm(bare: Shell) -> None:
    """Garbage, hundreds of half-open connections, and those that hang up; the editor keeps working."""
    async with opened(bare) as one:
        at = await sockets.socket_record(bare.environment, bare.folder)
        for said in HOSTILE:
            with connections(at, 1) as (connection,):
                assert await asyncio.to_thread(answered, connection, said) == b""
        with connections(at, 300) as many:
            for connection in many[::2]:
                with contextlib.suppress(OSError):
                    connection.sendall(b'{"folder"')
            assert len(await one.diagnostics(_document(one, bare.folder))) == 1
        for _ in range(30):
            with connections(at, 1) as (connection,):
                connection.sendall(written(sockets.question(bare.folder, program="/tmp/hasty")) + b"\n")
        one.choices = ["Once"] * 50
        replies = [await asyncio.to_thread(sockets.ask, at, sockets.question(bare.folder)) for _ in range(2)]
        assert len(one.messages) <= 12
    assert all(reply == Reply(ApprovalAnswer.ONCE) for reply in replies)


LEFT_BEHIND = """
import os, socket, sys
own = socket.socket(socket.AF_UNIX)
own.connect(sys.argv[1])
own.sendall(sys.stdin.buffer.read() + b"\\n")
if os.fork():
    os._exit(0)
print(own.recv(1000))
"""
"""Asks, ends, and leaves its connection to a child."""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell")
async def test_nobody_gets_the_answer_of_a_process_that_has_ended(bare: Shell) -> None:
    async with opened(bare) as one:
        at = await sockets.socket_record(bare.environment, bare.folder)
        # The question is shown if the process is seen before it ends.
        one.choices, one.thinks = ["Once", "Once"], 3
        command = [sys.executable, "-c", LEFT_BEHIND, str(at.socket)]
        sent = written(sockets.question(bare.folder))
        done = await asyncio.to_thread(subprocess.run, command, input=sent, capture_output=True, check=True)
        assert b"once" not in done.stdout
        one.thinks = 0
        alive = sockets.question(bare.folder, program="/usr/bin/false")
        assert await asyncio.to_thread(sockets.ask, at, alive) == Reply(ApprovalAnswer.ONCE)


STRANGER = """
import json, os, socket, sys
path, record, folder, pid = sys.argv[1:]
listener = socket.socket(socket.AF_UNIX)
listener.bind(path)
listener.listen()
fields = {"socket": path, "pid": int(pid) or os.getpid(), "folders": [folder]}
open(record, "w").write(json.dumps(fields))
print("ready", flush=True)
while True:
    connection, _ = listener.accept()
    connection.recv(100000)
    connection.sendall(b'{"answer": "once", "session": ""}\\n')
    connection.close()
"""


@contextlib.contextmanager
def stranger(
    environment: Mapping[str, str], folder: Path, *, pid: int = 0, **variables: str
) -> Iterator[None]:
    """A foreign process that approves everything."""
    records = sockets.records(environment)
    records.mkdir(parents=True, exist_ok=True)
    name = "0123456789abcdef"
    place = Path(environment["XDG_RUNTIME_DIR"], f"{name}.sock")
    command = [
        sys.executable,
        "-c",
        STRANGER,
        str(place),
        str(records / f"{name}.json"),
        str(folder),
        str(pid),
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, env={**environment, **variables}, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield
        process.kill()


@pytest.mark.parametrize("variables", [{}, {"GEMINI_CLI": "1"}], ids=["another process", "an assistant"])
async def test_a_door_behind_which_is_somebody_else_is_passed_by(
    stored: Shell, variables: dict[str, str]
) -> None:
    """The record names a process other than the one that listens, or that one belongs to an assistant."""
    pid = 0 if variables else os.getpid()
    with stranger(stored.environment, stored.folder, pid=pid, **variables):
        assert "nobody can be asked here" in refusal(await run(stored, *GET))


async def test_a_door_is_closed_to_others_and_goes_with_its_server(bare: Shell, tmp_path: Path) -> None:
    """Other files beside its record are ignored, and the record of a dead server is removed."""
    records = sockets.records(bare.environment)
    records.mkdir(parents=True, mode=0o700)
    names = [f"{number:016x}.json" for number in range(6)]
    (records / names[0]).write_text("[" * 10_000)
    (records / names[1]).write_text(json.dumps({"socket": "here.sock", "pid": 1, "folders": ["/"]}))
    (records / names[2]).symlink_to("/etc/passwd")
    os.mkfifo(records / names[3])
    (records / names[4]).mkdir()
    gone = tmp_path / f"{names[5][:16]}.sock"
    (records / names[5]).write_text(json.dumps({"socket": str(gone), "pid": 2**30, "folders": ["/x"]}))
    async with opened(bare):
        at = await sockets.socket_record(bare.environment, bare.folder)
        (record,) = (path for path in records.iterdir() if path.name not in names)
        modes = [path.stat().st_mode & 0o777 for path in (at.socket, record, at.socket.parent, records)]
        assert modes == [0o600, 0o600, 0o700, 0o700]
    assert not at.socket.exists()
    assert sorted(path.name for path in records.iterdir()) == names[:5]


async def test_a_long_path_or_no_runtime_folder_keeps_no_server_from_being_asked(bare: Shell) -> None:
    """A socket's address must be short. A folder that is opened later counts too."""
    long = Path(bare.environment["HOME"], "x" * 120)
    long.mkdir(mode=0o700)
    for runtime in (str(long), ""):
        async with editor({**bare.environment, "XDG_RUNTIME_DIR": runtime}, bare.folder, folders=[]) as one:
            added = [types.WorkspaceFolder(bare.folder.as_uri(), bare.folder.name)]
            event = types.WorkspaceFoldersChangeEvent(added=added, removed=[])
            one.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
            at = await sockets.socket_record(bare.environment, bare.folder)
            one.choices = ["Once"]
            answer = await asyncio.to_thread(sockets.ask, at, sockets.question(bare.folder))
            assert answer == Reply(ApprovalAnswer.ONCE)
