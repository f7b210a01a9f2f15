"""The real agents, which send the tokens that were moved out of the headers of one server on the network."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

import tokens
from agents.bench import PATIENCE
from agents.real_agents import CLAUDE, CODEX, WHY_NOT
from asking_server import AskingServer, asking_server
from cli_shell import TOKENWARD, Shell
from credential_checks import assert_no_value_in_files, home, move, restore
from git_tree import repository

pytestmark = pytest.mark.timeout(1_200)
FIRST, SECOND = tokens.github("first header"), tokens.github("second header")
# Codex asks the same server for its model, once.
MODEL = '{{name="x",base_url="{}",wire_api="responses",stream_max_retries=0,request_max_retries=0}}'


@pytest.fixture
def project(unlocked: dict[str, str], tmp_path: Path) -> Shell:
    path = f"{Path(TOKENWARD).parent}{os.pathsep}{unlocked.get('PATH', os.defpath)}"
    return Shell({**unlocked, "PATH": path, "NO_PROXY": "127.0.0.1"}, repository(tmp_path / "project"))


def headers_for(server: AskingServer, shell: Shell, command: Sequence[str]) -> dict[str, str]:
    """Return the headers of ours that an agent sends first."""
    subprocess.run(
        command,
        cwd=shell.folder,
        env=dict(shell.environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    sent = next(one for one in server.headers if "x-key" in one)
    return {name: sent[name] for name in ("authorization", "x-key", "x-other")}


EXPECTED = {"authorization": f"Bearer {FIRST}", "x-key": SECOND, "x-other": "b"}


@pytest.mark.skipif(CLAUDE.path is None, reason=WHY_NOT)
def test_claude_code_sends_both_tokens_in_any_project(project: Shell) -> None:
    with asking_server(lambda _: {}, lambda _: False) as server:
        headers = {"Authorization": f"Bearer {FIRST}", "X-Key": SECOND, "X-Other": "b"}
        servers = {"a": {"type": "http", "url": server.url, "headers": headers}}
        text = json.dumps({"mcpServers": servers}, indent=2)
        move(project, ".claude.json", text)
        assert_no_value_in_files(project, project.folder, FIRST)
        assert_no_value_in_files(project, project.folder, SECOND)
        assert restore(project, ".claude.json") == text
        move(project, ".claude.json", text)
        health = [str(CLAUDE.path), "mcp", "list"]
        assert headers_for(server, project, health)["x-key"].startswith("keyring://"), "nobody has said yes"
        server.headers.clear()
        (home(project) / ".config" / "tokenward").mkdir(parents=True, exist_ok=True)
        (home(project) / ".config" / "tokenward" / "config.toml").write_text('agents = "allow"\n')
        assert headers_for(server, project, health) == EXPECTED


@pytest.mark.skipif(CODEX.path is None, reason=WHY_NOT)
def test_codex_sends_both_tokens_when_it_is_started_with_them(project: Shell) -> None:
    with asking_server(lambda _: {}, lambda _: False) as server:
        text = (
            f'[mcp_servers.a]\nurl = "{server.url}"\n'
            f'http_headers = {{ Authorization = "Bearer {FIRST}", X-Key = "{SECOND}", X-Other = "b" }}\n'
        )
        move(project, ".codex/config.toml", text)
        assert_no_value_in_files(project, project.folder, FIRST)
        own = project.at(home(project) / ".codex")
        model = MODEL.format(f"{server.url}/model")
        options = ["--skip-git-repo-check", "-c", f"model_providers.x={model}", "-c", "model_provider=x"]
        command = [TOKENWARD, "run", "--home", "--", str(CODEX.path), "exec", *options, "go"]
        assert headers_for(server, own, command) == EXPECTED
        assert restore(project, ".codex/config.toml") == text
