"""`tokenward approve`: a person answers what an agent or a detached process asks, where no editor is open."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cli_shell import PATIENCE, TOKENWARD, Shell
from starts import in_session, orphaned

GIVEN = "the value"


def meanwhile(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_a_person_answers_an_agent(stored: Shell) -> None:
    """A yes counts once; a no counts for a minute, without a question."""
    done = []
    agent = stored.having(CLAUDECODE="1")
    assert "run `tokenward approve` in a terminal of your own" in agent("get", "TOKEN").err
    with stored.terminal("approve") as terminal:
        terminal.expect("Waiting for commands that need your approval")
        asking = meanwhile(lambda: done.append(agent("get", "TOKEN")))
        terminal.expect("An AI assistant (Claude Code) wants to print or copy TOKEN.")
        terminal.expect("Asked by: tokenward (")
        terminal.expect(f"Folder: {stored.folder}")
        terminal.expect("[o]nce, or [d]eny (default)? ")
        terminal.type("o\n")
        asking.join()
        assert (done[-1].code, done[-1].text.strip()) == (0, GIVEN)
        terminal.shown = ""
        asking = meanwhile(lambda: done.append(agent("get", "TOKEN")))
        terminal.expect("[o]nce, or [d]eny (default)? ")
        terminal.type("\n")
        asking.join()
        assert (done[-1].code, done[-1].text) == (2, "")
        assert "You just denied this" in agent("get", "TOKEN").err
        terminal.type("\x03")
        assert terminal.end() == 0
    assert "run `tokenward approve` in a terminal of your own" in agent("get", "TOKEN").err


LEFT_BEHIND = """
import os, socket, sys, time
line, out, path, ends = sys.argv[1:]
own = socket.socket(socket.AF_UNIX)
own.connect(path)
asker = os.getpid()
if ends == "later":
    own.sendall(line.encode() + b"\\n")
if os.fork():
    while ends == "later" and not os.path.exists(out + ".end"):
        time.sleep(0.02)
    os._exit(0)
if ends != "later":
    while os.getppid() == asker:
        time.sleep(0.02)
    own.sendall(line.encode() + b"\\n")
own.settimeout(60)
try:
    found = own.recv(9999)
except OSError:
    found = b"nothing in time"
open(out + ".part", "wb").write(found)
os.rename(out + ".part", out)
"""
"""Connects, asks and ends when it is told to, or ends and lets its child ask; by then, another may have its id."""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell")
@pytest.mark.parametrize("ends", ["before it is shown", "later"])
def test_nobody_gets_the_answer_of_a_process_that_has_ended(stored: Shell, tmp_path: Path, ends: str) -> None:
    fields = {
        "folder": str(stored.folder),
        "references": [f"keyring://{stored.folder.name}/TOKEN"],
        "purpose": "get",
    }
    line = json.dumps({**fields, "program": None, "command": [], "can_last": False, "reason": "x"})
    out = tmp_path / "out"
    with stored.terminal("approve") as terminal:
        terminal.expect("Waiting for commands")
        (record,) = stored.data.joinpath("sockets").glob("*.json")
        path = json.loads(record.read_text())["socket"]
        command = [sys.executable, "-c", LEFT_BEHIND, line, str(out), path, ends]
        asker = in_session(command, os.environ, tmp_path)
        if ends == "later":
            terminal.expect("Asked by: python")
            terminal.expect("(default)? ")
            out.with_name("out.end").touch()
            asker.wait()
            terminal.type("o\n")
        deadline = time.monotonic() + 90
        while not out.exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert out.read_bytes() == b""
        assert asker.wait() == 0
        assert ends == "later" or "A question" not in terminal.shown


def detached(shell: Shell, *arguments: str) -> tuple[str, str]:
    """Return what a command prints that has left its parents, as an agent starts it to hide itself."""
    done = orphaned([TOKENWARD, *arguments], shell.environment, shell.folder)
    return done.text.strip(), done.err


def test_a_detached_process_gets_a_value_by_a_persons_yes_only(stored: Shell) -> None:
    printed, why = detached(stored, "get", "TOKEN")
    assert printed == ""
    assert "because a detached process (nohup, setsid) started the command; run `tokenward approve`" in why
    done: list[tuple[str, str]] = []
    with stored.terminal("approve") as terminal:
        terminal.expect("Waiting for commands")
        asking = meanwhile(lambda: done.append(detached(stored, "get", "TOKEN")))
        terminal.expect("A detached process (nohup, setsid) wants to print or copy TOKEN.")
        terminal.expect("(default)? ")
        terminal.type("o\n")
        asking.join()
    assert done[0][0] == GIVEN


def test_a_hidden_process_cannot_open_the_desk_itself(stored: Shell) -> None:
    """At a terminal that it gives itself it is refused."""
    command = ["script", "-qefc", f"{TOKENWARD} approve", "/dev/null"]
    done = orphaned(command, stored.environment, stored.folder)
    assert "Only a person can approve this, but a detached process" in done.text


EDITOR = """
import json, os, subprocess, sys, threading
import time
folder, python = sys.argv[1:]
server = subprocess.Popen([python, "-m", "tokenward.cli", "server"], stdin=-1, stdout=-1, stderr=-3)
def send(**message):
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    server.stdin.write(b"Content-Length: %d\\r\\n\\r\\n%s" % (len(body), body))
    server.stdin.flush()
def read():
    length = 0
    while (line := server.stdout.readline().strip()):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    return json.loads(server.stdout.read(length))
def answer(number):
    while True:
        message = read()
        if message.get("id") == number and "method" not in message:
            return message
        if "method" in message and "id" in message:
            once = {"title": "Once"} if message["method"] == "window/showMessageRequest" else None
            send(id=message["id"], result=once)
uri = "file://" + folder
window = {"showMessage": {"messageActionItem": {"additionalPropertiesSupport": True}}}
send(id=1, method="initialize", params={
    "processId": os.getpid(), "rootUri": uri, "capabilities": {"window": window},
    "workspaceFolders": [{"uri": uri, "name": "acme-api"}]})
answer(1)
send(method="initialized", params={})
time.sleep(2)
sockets = os.path.join(os.environ["HOME"], ".local/share/tokenward/sockets")
send(id=2, method="tokenward/launch", params={
    "uri": uri, "program": "/bin/true", "args": [], "envFiles": [], "env": {"A": "keyring://acme-api/TOKEN"}})
said = answer(2)
found = os.listdir(sockets) if os.path.isdir(sockets) else []
print(json.dumps([said, found]))
server.kill()
"""
"""A program that says that it is the editor, and answers every question itself."""


def launched(shell: Shell, *, is_hidden: bool) -> tuple[str, list[str]]:
    """Return the answer to a launch by such a program, and the sockets where commands would find its server."""
    command = [sys.executable, "-c", EDITOR, str(shell.folder), sys.executable]
    if is_hidden:
        out = orphaned(command, shell.environment, shell.folder).out
    else:
        with in_session(command, shell.environment, shell.folder, stdout=subprocess.PIPE) as process:
            out, _ = process.communicate(timeout=PATIENCE)
    said, found = json.loads(out)
    return json.dumps(said), found


@pytest.mark.parametrize("confirm", ["never", "always"])
def test_a_hidden_process_that_says_it_is_the_editor_launches_nothing(stored: Shell, confirm: str) -> None:
    """Nor do commands find it as an editor that could answer them."""
    assert stored("lease", "TOKEN", "--confirm", confirm).code == 0
    said, found = launched(stored, is_hidden=True)
    assert GIVEN not in said
    assert "run `tokenward approve` in a terminal of your own" in said
    assert found == []


def test_an_editor_whose_chain_is_whole_launches(stored: Shell) -> None:
    said, found = launched(stored, is_hidden=False)
    assert GIVEN in said
    assert len(found) == 1


def test_an_agent_sees_the_tokens_of_its_own_workspace(stored: Shell, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    stored.at(other).put("ELSEWHERE", "another value")
    assert {"TOKEN", "ELSEWHERE"} <= set(stored("list").text.replace("/", " ").split())
    seen = stored.having(CLAUDECODE="1")("list").text
    assert "acme-api/TOKEN" in seen
    assert "ELSEWHERE" not in seen
    assert str(other) not in seen
