"""Promise 7, the fix works: an assistant that starts a moved server gives it its own token, and none of the others."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

import tokens
from cli_shell import PATIENCE, TOKENWARD, Shell

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs gnome-keyring")

TOKEN = tokens.github("of a server")
OTHER = tokens.slack("of the workspace")
SERVER = """
import hashlib, json, os, sys
for line in sys.stdin:
    call = json.loads(line)
    found = os.environ.get(call["params"], "")
    print(json.dumps({"id": call["id"], "result": hashlib.sha256(found.encode()).hexdigest()}), flush=True)
"""
# MCP's SDKs give a server these, and what its configuration adds.
INHERITED = (
    "HOME",
    "LOGNAME",
    "PATH",
    "SHELL",
    "TERM",
    "USER",
    "XDG_RUNTIME_DIR",
    "DBUS_SESSION_BUS_ADDRESS",
)


@dataclass(frozen=True)
class Client:
    """A client's file; COMMAND is its server's program, SERVER its script."""

    path: str
    text: str
    parse: Callable[[str], dict[str, Any]]
    servers: str
    environment: str = "env"

    def write(self, folder: Path, program: str, script: Path) -> Path:
        path = folder / self.path
        path.parent.mkdir(parents=True, exist_ok=True)
        text = self.text.replace("COMMAND", program).replace("SERVER", str(script)).replace("T0K", TOKEN)
        path.write_text(text)
        return path

    def server(self, text: str) -> tuple[list[str], dict[str, str]]:
        """Return the command of the file's only server, and its environment."""
        servers = self.parse(text)[self.servers]
        (server,) = servers if isinstance(servers, list) else servers.values()
        command = server.get("command") or server["cmd"]
        words = [*command] if isinstance(command, list) else [command, *server["args"]]
        return words, server[self.environment]


JSON = (
    '{"mcpServers": {"a": {"command": "COMMAND", "args": ["-u", "SERVER"], "env": {"GITHUB_TOKEN": "T0K"}}}}'
)
CLIENTS = {
    "Claude Code": Client(".mcp.json", JSON, json.loads, "mcpServers"),
    "VS Code": Client(".vscode/mcp.json", JSON.replace("mcpServers", "servers"), json.loads, "servers"),
    "Codex": Client(
        ".codex/config.toml",
        '[mcp_servers.a]\ncommand = "COMMAND"\nargs = ["-u", "SERVER"]\n[mcp_servers.a.env]\nGITHUB_TOKEN = "T0K"\n',
        tomllib.loads,
        "mcp_servers",
    ),
    "opencode": Client(
        "opencode.json",
        '{"mcp": {"a": {"command": ["COMMAND", "-u", "SERVER"], "environment": {"GITHUB_TOKEN": "T0K"}}}}',
        json.loads,
        "mcp",
        "environment",
    ),
    "Continue": Client(
        ".continue/config.yaml",
        "mcpServers:\n  - command: COMMAND\n    args: [-u, SERVER]\n    env:\n      GITHUB_TOKEN: T0K\n",
        yaml.safe_load,
        "mcpServers",
    ),
    "Goose": Client(
        "goose/config.yaml",
        "extensions:\n  a:\n    cmd: COMMAND\n    args:\n      - -u\n      - SERVER\n    envs: {GITHUB_TOKEN: T0K}\n",
        yaml.safe_load,
        "extensions",
        "envs",
    ),
}


@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)
def test_a_moved_server_gets_its_own_token_and_no_other(
    unlocked: dict[str, str], folder: Path, client: Client
) -> None:
    shell = Shell(unlocked, folder)
    shell.put("GITHUB_TOKEN_2", OTHER)
    # The workspace's own token of that name, which is none of the server's business.
    shell.write_env(
        "GITHUB_TOKEN=keyring://acme-api/GITHUB_TOKEN_2", "OTHER=keyring://acme-api/GITHUB_TOKEN_2"
    )
    script = folder / "server.py"
    script.write_text(SERVER)
    path = client.write(folder, "python3", script)
    before = path.read_bytes()

    assert shell("move", str(path)).code == 0
    assert TOKEN not in path.read_text()
    command, environment = client.server(path.read_text())
    started = {name: unlocked[name] for name in INHERITED if name in unlocked}
    programs = os.pathsep.join(
        [str(Path(TOKENWARD).parent), str(Path(sys.executable).parent), started["PATH"]]
    )
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**started, "PATH": programs, **environment},
        cwd=folder,
        text=True,
    )
    with process:
        answers = [_ask(process, number, name) for number, name in enumerate(("GITHUB_TOKEN", "OTHER"))]
        process.stdin.close()
        assert process.wait(PATIENCE) == 0
    assert answers == [hashlib.sha256(value.encode()).hexdigest() for value in (TOKEN, "")]

    assert shell("restore", str(path)).code == 0
    assert path.read_bytes() == before


def _ask(process: subprocess.Popen[str], number: int, name: str) -> str:
    """Return the server's answer to one call; the next one comes only afterwards, as from a client."""
    process.stdin.write(json.dumps({"id": number, "params": name}) + "\n")
    process.stdin.flush()
    answer = json.loads(process.stdout.readline())
    assert answer["id"] == number
    result: str = answer["result"]
    return result
