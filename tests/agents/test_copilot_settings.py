"""The real Copilot CLI reads the hosts that `tokenward agents protect` writes for its sandbox."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from agent_homes import AgentHome, newest
from agents.real_agents import COPILOT, WHY_NOT
from tokenward.operations.agents_protection.credential_files import VARIABLES
from tokenward.operations.agents_protection.rows.command_line import COPILOT_CLI

pytestmark = pytest.mark.skipif(COPILOT.path is None, reason=WHY_NOT)


def test_the_real_program_lists_the_hosts_of_each_variable(tmp_path: Path) -> None:
    home = AgentHome.at(tmp_path)
    home.protect(newest(COPILOT_CLI))
    environment = {"HOME": str(home.ground.home), "PATH": "/usr/bin:/bin", "COPILOT_OFFLINE": "true"}
    command = [str(COPILOT.path), "config", "--list", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=True)
    listed = json.loads(done.stdout)["sandbox"]["credentials"]["envVars"]
    assert listed == {name: {"injectHosts": [*hosts]} for name, hosts in VARIABLES.items()}
