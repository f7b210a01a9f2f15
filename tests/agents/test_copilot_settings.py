"""The real Copilot CLI reads, for its sandbox, the hosts and files that `tokenward agents protect` writes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

import tokens
from agent_homes import AgentHome, newest
from agents.real_agents import COPILOT, WHY_NOT, Session
from agents.scripted_model import scripted_model
from agents.wire_formats import ToolCall
from tokenward.detection.rules.token_hosts import hosts_in, masked_variables
from tokenward.operations.agents_protection.protected_agent import protected_agents

COPILOT_CLI = protected_agents()["copilot-cli"]

pytestmark = pytest.mark.skipif(COPILOT.path is None, reason=WHY_NOT)


def test_the_real_program_lists_the_hosts_and_the_denied_files(tmp_path: Path) -> None:
    home = AgentHome.at(tmp_path)
    home.protect(newest(COPILOT_CLI))
    environment = {"HOME": str(home.roots.home), "PATH": "/usr/bin:/bin", "COPILOT_OFFLINE": "true"}
    command = [str(COPILOT.path), "config", "--list", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=True)
    listed = json.loads(done.stdout)["sandbox"]
    hosts = {
        name: {"injectHosts": [one.name for one in hosts_in(row) if not one.is_form]}
        for name, row in masked_variables()
    }
    assert listed["credentials"]["envVars"] == hosts
    denied = listed["userPolicy"]["filesystem"]["deniedPaths"]
    assert "~/.netrc" in denied
    assert not any("*" in path for path in denied)


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="Copilot CLI needs bwrap for its sandbox")
def test_the_real_sandbox_denies_the_files_to_commands(tmp_path: Path) -> None:
    home = AgentHome.at(tmp_path)
    settings = home.roots.home / ".copilot" / "settings.json"
    settings.parent.mkdir(parents=True)
    policy = {"network": {"allowOutbound": False}, "filesystem": {"readonlyPaths": [str(home.roots.home)]}}
    own = {"enabled": True, "auth": {"git": False, "gh": False}, "userPolicy": policy}
    settings.write_text(json.dumps({"sandbox": own}))
    home.protect(newest(COPILOT_CLI))
    changed = json.loads(settings.read_text())
    # Without a variable to mask, it needs no proxy.
    del changed["sandbox"]["credentials"]
    settings.write_text(json.dumps(changed))
    (home.roots.home / ".netrc").write_text(tokens.npm("denied"))
    (home.roots.home / "free.txt").write_text("free")
    call = ToolCall("bash", {"command": "cat ~/free.txt ~/.netrc", "description": "go", "initial_wait": 60})
    with scripted_model(call) as model:
        session = Session(home.roots.home, tmp_path, model.address, ["/bin/true"])
        environment = {**COPILOT.configure(session), "HOME": str(session.home), "PATH": os.environ["PATH"]}
        shutil.rmtree(session.home / ".copilot" / "hooks")
        command = [str(COPILOT.path), *COPILOT.command(session, "go")]
        subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, timeout=120, check=True)
    (result,) = model.results
    assert "free" in result
    assert "Permission denied" in result
    assert tokens.npm("denied")[8:20] not in result
