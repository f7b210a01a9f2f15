"""Malformed, out-of-order and hostile messages: an answer or a log line, never a crash, never a value."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from lsprotocol.converters import get_converter

import tokens
from lsp_client import PATIENCE, SERVER, capabilities, editor


class Wire:
    """A server's stdio, spoken byte by byte."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    def send(self, message: Any) -> None:
        self.raw(json.dumps(message).encode())

    def raw(self, body: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def notify(self, method: str, params: Any) -> None:
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def request(self, method: str, params: Any, number: int | str = 1) -> dict[str, Any]:
        self.send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        while True:
            message = self.read()
            if message.get("id") == number and "method" not in message:
                return message

    def read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        length = 0
        while header := self.process.stdout.readline().strip():
            length = int(header.split(b":")[1]) if header.lower().startswith(b"content-length") else length
        return json.loads(self.process.stdout.read(length))

    def diagnostics(self, uri: str, version: int = 1) -> dict[str, Any]:
        """Return the next diagnostics pushed for a version; some of an earlier one may still arrive."""
        while True:
            message = self.read()
            if message.get("method") != "textDocument/publishDiagnostics":
                continue
            params: dict[str, Any] = message["params"]
            if params["uri"] == uri and params["version"] == version:
                return params

    def open(self, uri: str, text: str, version: int = 1) -> dict[str, Any]:
        item = {"uri": uri, "languageId": "python", "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})
        return self.diagnostics(uri, version)


@pytest.fixture
def wire(absent: dict[str, str], folder: Path) -> Iterator[Wire]:
    """An initialized server that was sent nothing else."""
    with subprocess.Popen(
        SERVER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=absent, cwd=folder
    ) as process:
        made = Wire(process)
        announced = get_converter().unstructure(capabilities("neovim-0.10"), types.ClientCapabilities)
        made.request("initialize", {"processId": None, "rootUri": folder.as_uri(), "capabilities": announced})
        made.notify("initialized", {})
        yield made
        process.kill()


def still_works(wire: Wire, uri: str = "file:///check.py") -> None:
    found = wire.open(uri, f'x = "{tokens.github(99)}"')
    assert len(found["diagnostics"]) == 1


CANARY = tokens.github("canary")
MALFORMED = [
    b"null",
    b"[1, 2]",
    b'"text"',
    b"{",
    b"\xff\xfe",
    b'{"jsonrpc": "1.0", "method": "x"}',
    b'{"jsonrpc": "2.0"}',
    b'{"jsonrpc": "2.0", "method": "textDocument/didOpen"}',
    b'{"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": "%s"}}'
    % CANARY.encode(),
    b'{"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {"contentChanges": [{"text": 5}]}}',
    b'{"jsonrpc": "2.0", "method": "%s", "params": {}}' % CANARY.encode(),
    b'{"jsonrpc": "2.0", "id": 99, "result": "%s"}' % CANARY.encode(),
    b'{"jsonrpc": "2.0", "id": 99, "error": {"code": 1, "message": "%s"}}' % CANARY.encode(),
    b"[" * 100_000,
]


def test_a_malformed_message_stops_nothing_and_is_not_repeated(wire: Wire) -> None:
    for number, body in enumerate(MALFORMED):
        wire.raw(body)
        still_works(wire, f"file:///check-{number}.py")
    wire.process.kill()
    _, stderr = wire.process.communicate()
    assert CANARY.encode() not in stderr
    assert b"Traceback" not in stderr


def test_a_malformed_request_is_answered_with_an_error_that_repeats_nothing(wire: Wire) -> None:
    for number, params in enumerate([None, {}, {"textDocument": {"uri": 5}}, CANARY, [CANARY]]):
        answer = wire.request("textDocument/codeAction", params, f"a{number}")
        assert "error" in answer, params
        assert CANARY not in json.dumps(answer)
    still_works(wire)


def test_a_nested_object_that_looks_like_a_message_is_none(wire: Wire) -> None:
    fake = {"jsonrpc": "2.0", "method": "shutdown", "id": 5}
    wire.notify("workspace/didChangeConfiguration", {"settings": {"other": fake}})
    still_works(wire)


def test_changes_and_closes_of_unknown_documents_are_ignored(wire: Wire) -> None:
    identifier = {"uri": "file:///never.py", "version": 3}
    change = {"textDocument": identifier, "contentChanges": [{"text": CANARY}]}
    wire.notify("textDocument/didChange", change)
    wire.notify("textDocument/didClose", {"textDocument": identifier})
    still_works(wire)


def test_ranges_past_the_text_lose_no_character(wire: Wire) -> None:
    uri = "file:///a.py"
    wire.open(uri, "x = 1")
    far = {"line": 4_000_000, "character": 4_000_000}
    change = {"range": {"start": far, "end": far}, "text": f'\ny = "{tokens.github()}"'}
    params = {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [change]}
    wire.notify("textDocument/didChange", params)
    (found,) = wire.diagnostics(uri, 2)["diagnostics"]
    assert found["range"]["start"] == {"line": 1, "character": 5}


OTHER_ARGUMENTS = [
    None,
    [],
    [5],
    [{}],
    [{"uri": 5}],
    [{"uri": "file:///a.py", "version": 1, "fingerprint": "f" * 32}],
    [{}, {}],
]


@pytest.mark.parametrize("command", ["tokenward.server.move", "tokenward.server.ignore", "no.such.command"])
def test_a_command_with_other_arguments_does_nothing(wire: Wire, command: str) -> None:
    for number, arguments in enumerate(OTHER_ARGUMENTS):
        params = {"command": command, "arguments": arguments}
        wire.request("workspace/executeCommand", params, f"c{number}")
    still_works(wire)


@pytest.mark.parametrize("arguments", [None, [], [{}, {}]])
@pytest.mark.parametrize("command", ["tokenward.server.move", "no.such.command"])
def test_a_command_that_cannot_be_called_is_refused_in_a_sentence(
    wire: Wire, command: str, arguments: Any
) -> None:
    params = {"command": command, "arguments": arguments}
    error = wire.request("workspace/executeCommand", params, "c")["error"]
    assert error["code"] == types.ErrorCodes.InvalidParams.value
    assert error["message"].endswith("use the editor's quick fix.")
    assert error.get("data") is None


@pytest.fixture
def silent(absent: dict[str, str], folder: Path) -> Iterator[Wire]:
    """A server that has received nothing."""
    with subprocess.Popen(
        SERVER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=absent, cwd=folder
    ) as process:
        yield Wire(process)
        process.kill()


BEGINNING: dict[str, Any] = {"processId": None, "rootUri": None, "capabilities": {}}


def test_a_session_begins_once_and_ends_once(silent: Wire) -> None:
    """Requests before `initialize` and after `shutdown` are refused, as is a second `initialize`."""

    def refused(method: str, params: Any) -> Any:
        return silent.request(method, params, method)["error"]["code"]

    hover = {"textDocument": {"uri": "file:///a.py"}, "position": {"line": 0, "character": 0}}
    assert refused("textDocument/hover", hover) == types.ErrorCodes.ServerNotInitialized.value
    assert refused("shutdown", None) == types.ErrorCodes.ServerNotInitialized.value
    assert "result" in silent.request("initialize", BEGINNING)
    assert refused("initialize", BEGINNING) == types.ErrorCodes.InvalidRequest.value
    assert "result" in silent.request("shutdown", None, "s")
    assert refused("textDocument/hover", hover) == types.ErrorCodes.InvalidRequest.value
    assert refused("shutdown", None) == types.ErrorCodes.InvalidRequest.value
    silent.notify("exit", None)
    _, errors = silent.process.communicate(timeout=PATIENCE)
    assert (silent.process.returncode, errors) == (0, b"")


@pytest.mark.parametrize("begins", [False, True])
def test_an_exit_without_a_shutdown_is_a_failure(silent: Wire, begins: bool) -> None:
    if begins:
        silent.request("initialize", BEGINNING)
    silent.notify("exit", None)
    assert silent.process.wait(PATIENCE) == 1


def test_an_unknown_method_is_refused_and_not_logged(wire: Wire) -> None:
    """Kate sends one at each move of the cursor, and shows the log to its user."""
    error = wire.request("textDocument/unheardOf", {}, "u")["error"]
    assert error["code"] == types.ErrorCodes.MethodNotFound.value
    still_works(wire)
    wire.process.kill()
    assert wire.process.communicate()[1] == b""


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"Content-Type: x\r\n\r\n{}", "without Content-Length"),
        (b"Content-Length: many\r\n\r\n{}", "without Content-Length"),
        (b"Content-Length: 100000000000\r\n\r\n{}", "of 100000000000 bytes"),
        (b"x\r\n" * 100, "other than a protocol message"),
    ],
)
def test_a_connection_that_cannot_be_read_ends_with_a_sentence(silent: Wire, sent: bytes, said: str) -> None:
    assert silent.process.stdin is not None
    silent.process.stdin.write(sent)
    silent.process.stdin.flush()
    assert silent.process.wait(PATIENCE) == 2
    assert silent.process.stderr is not None
    (line,) = silent.process.stderr.read().decode().splitlines()
    assert said in line


def test_headers_are_read_as_the_protocol_allows(silent: Wire) -> None:
    """In any order and case, with empty lines before them."""
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": BEGINNING}).encode()
    assert silent.process.stdin is not None
    silent.process.stdin.write(
        b"\r\nContent-Type: application/vscode-jsonrpc\r\ncontent-length:%d\r\n\r\n%s" % (len(body), body)
    )
    silent.process.stdin.flush()
    assert silent.read()["result"]["serverInfo"]["name"] == "tokenward"


def test_the_server_ends_with_its_client_though_the_pipe_stays_open(silent: Wire) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as client:
        silent.request("initialize", {**BEGINNING, "processId": client.pid})
        silent.notify("initialized", {})
        still_works(silent)
    assert silent.process.wait(PATIENCE) == 1


def test_a_client_that_cannot_be_seen_is_served(silent: Wire) -> None:
    """A process id from another system, as sent by an editor outside the container, means nothing here."""
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    silent.request("initialize", {**BEGINNING, "processId": gone.pid})
    silent.notify("initialized", {})
    still_works(silent)


def test_the_process_ends_at_exit_and_when_the_client_is_gone(
    absent: dict[str, str], folder: Path, wire: Wire
) -> None:
    wire.request("shutdown", None, "s")
    wire.notify("exit", None)
    assert wire.process.wait(PATIENCE) == 0
    with subprocess.Popen(
        SERVER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=absent, cwd=folder
    ) as other:
        assert other.stdin is not None
        other.stdin.close()
        other.wait(PATIENCE)


async def test_settings_of_the_editor_count_and_change(absent: dict[str, str], folder: Path) -> None:
    """Switched off, everything shown is withdrawn; switched on, it is back."""
    uri = (folder / "a.py").as_uri()
    async with editor(absent, folder, client="neovim-0.10") as one:
        one.open(uri, f'x = "{tokens.github()}"')
        await one.heard(lambda published: bool(published.diagnostics))
        for enabled in (False, True):
            one.client.set_configuration({"enabled": enabled}, section="tokenward")
            one.published.clear()
            one.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
            await one.shown(folder / "a.py", int(enabled))


async def test_a_setting_that_the_user_takes_away_holds_no_longer(
    absent: dict[str, str], folder: Path
) -> None:
    """The settings sent by the editor apply again; a null answer carries none."""
    uri = (folder / "a.py").as_uri()
    async with editor(absent, folder, client="neovim-0.10") as one:
        one.open(uri, f'x = "{tokens.github()}"')
        await one.shown(folder / "a.py", 1)
        for answer, sent, count in (
            ({"enabled": False}, None, 0),
            (None, None, 1),
            (None, {"tokenward": {"enabled": False}}, 0),
            ({"enabled": True}, None, 1),
            (None, None, 0),
        ):
            one.client.set_configuration(answer, section="tokenward")
            one.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(sent))
            await one.shown(folder / "a.py", count)


async def test_a_bad_setting_is_told_and_the_rest_counts(absent: dict[str, str], folder: Path) -> None:
    (folder / "tokenward.toml").write_text('vault = "file"\n')
    uri = (folder / "a.py").as_uri()
    async with editor(absent, folder, configuration={"keyringTimeout": "soon"}) as one:
        one.open(uri, f'x = "{tokens.github()}"')
        assert await one.diagnostics(uri)
        assert "number of seconds" in await one.told("keyringTimeout")
        assert "your own settings file" in await one.told("`vault` has no effect here")


async def test_workspace_folders_come_and_go(absent: dict[str, str], folder: Path, tmp_path: Path) -> None:
    """A document's workspace is the innermost open folder around it."""
    other = tmp_path / "other"
    other.mkdir()
    (other / ".git").mkdir()
    uri = (other / "a.py").as_uri()
    added = types.WorkspaceFolder(other.as_uri(), "other")
    async with editor(absent, folder) as one:
        for event in (
            types.WorkspaceFoldersChangeEvent(added=[added], removed=[]),
            types.WorkspaceFoldersChangeEvent(added=[], removed=[added]),
        ):
            one.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
        one.open(uri, f'x = "{tokens.github()}"')
        (found,) = await one.diagnostics(uri)
        assert await one.actions(uri, found)


@pytest.mark.slow
def test_the_process_ends_at_once_though_a_keyring_hangs(absent: dict[str, str], folder: Path) -> None:
    """The keyring's worker is killed with its server."""
    state = folder.parent / "keyring"
    state.mkdir()
    (state / "hang").touch()
    environment = {
        **absent,
        "PYTHON_KEYRING_BACKEND": "fake_backends.Filed",
        "FAKE_KEYRING": str(state),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    (Path(absent["HOME"]) / ".config" / "tokenward").mkdir(parents=True)
    (Path(absent["HOME"]) / ".config" / "tokenward" / "config.toml").write_text(
        'allowed-backends = ["fake_backends"]\nkeyring-timeout = 600\n'
    )
    with subprocess.Popen(
        SERVER,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd=folder,
    ) as process:
        wire = Wire(process)
        wire.request("initialize", {"processId": None, "rootUri": folder.as_uri(), "capabilities": {}})
        wire.notify("initialized", {})
        uri = (folder / "a.py").as_uri()
        found = wire.open(uri, f'x = "{tokens.github()}"')["diagnostics"][0]
        argument = {"uri": uri, "version": 1, "fingerprint": found["data"]["fingerprint"]}
        wire.send(
            {
                "jsonrpc": "2.0",
                "id": 8,
                "method": "workspace/executeCommand",
                "params": {"command": "tokenward.server.move", "arguments": [argument]},
            }
        )
        while not ((state / "pid").exists() and (state / "pid").read_text()):
            time.sleep(0.05)
        wire.open("file:///b.py", "x = 1")
        assert process.stdin is not None
        process.stdin.close()
        process.wait(PATIENCE)
    worker = int((state / "pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)
