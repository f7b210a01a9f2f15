"""The real Codex reads the credentials that `tokenward agents protect` writes for its proxy, and keeps them."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

import pytest

from agent_homes import AgentHome, newest
from agents.real_agents import CODEX, WHY_NOT
from tokenward.operations.agents_protection.plan import FoundAgent
from tokenward.operations.agents_protection.rows.command_line import CODEX as ROW

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
