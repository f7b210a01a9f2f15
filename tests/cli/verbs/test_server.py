from __future__ import annotations

import contextlib
import json
import random
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest

from cli_shell import PATIENCE, TOKENWARD, Shell
from tokenward.errors import SettingsError
from tokenward.lsp.run import serve_tcp
from tokenward.places import Places

ELSEWHERE = [
    *("0.0.0.0:0", "[::]:0", ":0", "example.org:0", "192.0.2.1:0", "127.0.0.1.example.org:0"),
    *("localhost", "localhost:", "localhost:x", "localhost:65536", "localhost:-1", "\x1b[2J:0"),
]


def test_the_server_listens_on_this_machine_only(bare_shell: Shell) -> None:
    said = "The server listens on this machine only; give an address such as 127.0.0.1:2087."
    for address in ELSEWHERE:
        with pytest.raises(SettingsError, match=f"^{re.escape(said)}$"):
            serve_tcp(Places.of_user(), address)
    done = bare_shell("server", "--tcp", ELSEWHERE[0])
    assert (done.code, done.out, done.err) == (2, b"", f"tokenward: {said}\n")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_server_serves_over_tcp(bare_shell: Shell, host: str) -> None:
    port = _free_port()
    with _serving(bare_shell, f"{host}:{port}"), _connected(port) as client:
        answer = _initialized(client)
    assert answer["serverInfo"]["name"] == "tokenward"


def test_a_second_client_is_refused_and_the_first_served_on(bare_shell: Shell) -> None:
    port = _free_port()
    with _serving(bare_shell, f"127.0.0.1:{port}"), _connected(port) as client:
        _initialized(client)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))
        assert _asked(client, "shutdown", None) is None


def test_a_port_that_is_taken_is_named(bare_shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        done = bare_shell("server", "--tcp", address)
    assert done.code == 2
    assert done.err.startswith(f"tokenward: Cannot listen on {address} (")
    assert done.err.count("\n") == 1


def test_ctrl_c_ends_a_server_that_listens_without_a_traceback(bare_shell: Shell) -> None:
    port = _free_port()
    with bare_shell.terminal("server", "--tcp", f"127.0.0.1:{port}") as terminal, _connected(port) as client:
        _initialized(client)
        terminal.type("\x03")
        assert terminal.end() == 130
    assert terminal.shown.replace("^C", "").strip() == ""


def _free_port() -> int:
    """Return a port below those that systems give to others, or to a client that connects before the server listens."""
    while True:
        port = random.randrange(20_000, 32_000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


@contextlib.contextmanager
def _serving(shell: Shell, address: str) -> Iterator[None]:
    command = [TOKENWARD, "server", "--tcp", address]
    with subprocess.Popen(command, env=dict(shell.environment), cwd=shell.folder) as process:
        try:
            yield
        finally:
            process.kill()


def _connected(port: int) -> socket.socket:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def _initialized(client: socket.socket) -> Any:
    return _asked(client, "initialize", {"capabilities": {}, "processId": None, "rootUri": None})


def _asked(client: socket.socket, method: str, params: object) -> Any:
    body = json.dumps({"jsonrpc": "2.0", "id": method, "method": method, "params": params}).encode()
    client.sendall(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    stream = client.makefile("rb")
    length = int(stream.readline().split(b":")[1])
    while stream.readline().strip():
        pass
    return json.loads(stream.read(length))["result"]
