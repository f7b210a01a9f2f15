"""The real Codex reads the credentials that `tokenward agents protect` writes for its proxy, and keeps them."""

from __future__ import annotations

import json
import subprocess
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent_homes import AgentHome, newest
from agents.real_agents import CODEX, WHY_NOT
from tokenward.operations.agents_protection.plan import FoundAgent
from tokenward.operations.agents_protection.protected_agent import protected_agents
from tokenward.operations.agents_protection.survey import survey

ROW = protected_agents()["codex"]

pytestmark = pytest.mark.skipif(CODEX.path is None, reason=WHY_NOT)


def features(home: AgentHome) -> subprocess.CompletedProcess[str]:
    environment = {"HOME": str(home.roots.home), "PATH": "/usr/bin:/bin"}
    command = [str(CODEX.path), "features", "list"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_the_real_program_accepts_the_credentials_and_switches_nothing_on(tmp_path: Path) -> None:
    """It refuses a key that it does not know, so its loader is the check."""
    home = AgentHome.at(tmp_path)
    home.protect(newest(ROW))
    config = home.roots.home / ".codex" / "config.toml"
    proxy = tomllib.loads(config.read_text())["features"]["network_proxy"]
    assert proxy["credential_broker"] is True
    assert proxy["credentials"]["anthropic_api_key"]["header"] == "x-api-key"
    done = features(home)
    assert done.returncode == 0, done.stderr
    assert "network_proxy experimental false" in " ".join(done.stdout.split())
    config.write_text(config.read_text().replace("url_prefixes", "url_prefixed"))
    assert features(home).returncode != 0


def test_an_older_or_unknown_version_gets_none(tmp_path: Path) -> None:
    for version in ("0.168.0", ""):
        home = AgentHome.at(tmp_path / (version or "unknown"))
        home.protect(FoundAgent(ROW, version))
        assert "network_proxy" not in (home.roots.home / ".codex" / "config.toml").read_text()


def listed(home: AgentHome) -> list[dict[str, Any]]:
    """Return the hooks as Codex's own server lists them."""
    environment = {**home.roots.variables, "HOME": str(home.roots.home), "PATH": "/usr/bin:/bin"}
    ask = {"id": 1, "method": "hooks/list", "params": {"cwds": [str(home.roots.home)]}}
    start = {"id": 0, "method": "initialize", "params": {"clientInfo": {"name": "test", "version": "1"}}}
    with subprocess.Popen(
        [str(CODEX.path), "app-server"],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        for message in (start, {"method": "initialized"}, ask):
            server.stdin.write(json.dumps(message).encode() + b"\n")
            server.stdin.flush()
        answers = (json.loads(line) for line in server.stdout)
        found = next(one for one in answers if one.get("id") == 1)
        server.kill()
    hooks: list[dict[str, Any]] = found["result"]["data"][0]["hooks"]
    return hooks


@pytest.mark.parametrize(
    "theirs", ["", '{"hooks": {"PreToolUse": [{"hooks": [{"type": "command", "command": "x"}]}]}}']
)
def test_the_real_program_trusts_our_hooks_and_no_other(tmp_path: Path, theirs: str) -> None:
    """Its own list says which hooks run; a foreign one before ours changes the places of ours."""
    home = AgentHome.at(tmp_path)
    folder = home.roots.home / ".codex"
    folder.mkdir()
    if theirs:
        (folder / "hooks.json").write_text(theirs)
    home.protect(newest(ROW))
    trusted = {one["command"]: one["trustStatus"] for one in listed(home)}
    assert trusted.pop("x", "untrusted") == "untrusted"
    assert set(trusted.values()) == {"trusted"}
    assert len(listed(home)) == len(ROW.points) + bool(theirs)
    (status,) = survey(home.roots, [newest(ROW)], home.program)
    assert status.is_trusted
    path = folder / "hooks.json"
    path.write_text(path.read_text().replace("agents hook codex", "agents  hook codex"))
    (status,) = survey(home.roots, [newest(ROW)], home.program)
    assert not status.is_trusted
    assert "trusted" not in {one["trustStatus"] for one in listed(home)}


@pytest.mark.parametrize("is_named", [False, True])
def test_a_folder_behind_a_link_is_trusted_as_codex_names_it(tmp_path: Path, is_named: bool) -> None:
    """It follows links in the folder that CODEX_HOME names, and in no other."""
    home = AgentHome.at(tmp_path)
    folder = home.roots.home / ".codex"
    (home.roots.home / "dotfiles").mkdir()
    folder.symlink_to("dotfiles")
    variables = {"CODEX_HOME": str(folder)} if is_named else {}
    home = replace(home, roots=replace(home.roots, variables=variables))
    home.protect(newest(ROW))
    assert {one["trustStatus"] for one in listed(home)} == {"trusted"}
    (status,) = survey(home.roots, [newest(ROW)], home.program)
    assert status.is_trusted


def test_a_program_of_the_same_name_is_not_trusted(tmp_path: Path) -> None:
    """Whoever can write the hooks, such as an agent, gets no trust for a program of its own."""
    home = AgentHome.at(tmp_path)
    folder = home.roots.home / ".codex"
    folder.mkdir()
    theirs = {"type": "command", "command": "/elsewhere/tokenward agents hook codex", "timeout": 30}
    (folder / "hooks.json").write_text(json.dumps({"hooks": {"PreToolUse": [{"hooks": [theirs]}]}}))
    home.protect(newest(ROW))
    found = [one for one in listed(home) if one["command"] == theirs["command"]]
    assert [one["trustStatus"] for one in found] == ["untrusted"]


def test_undo_takes_the_trust_back(tmp_path: Path) -> None:
    home = AgentHome.at(tmp_path)
    folder = home.roots.home / ".codex"
    folder.mkdir()
    (folder / "config.toml").write_text(
        'model = "m"\n\n[hooks.state."/theirs:stop:0:0"]\ntrusted_hash = "sha256:1"\n'
    )
    before = (folder / "config.toml").read_text()
    home.protect(newest(ROW))
    assert str(folder / "hooks.json") in (folder / "config.toml").read_text()
    home.undo()
    assert (folder / "config.toml").read_text() == before
