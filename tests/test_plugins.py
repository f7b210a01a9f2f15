"""The plugin for AI agents names only what Tokenward has, in its current version."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tokenward import __version__
from tokenward.mcp import Tools

AGENTS = Path(__file__).parent.parent / "agents"
PLUGIN = AGENTS / "plugins" / "tokenward"


def test_every_manifest_has_the_version_of_the_program() -> None:
    manifests = [json.loads(path.read_text()) for path in PLUGIN.glob(".*-plugin/plugin.json")]
    assert len(manifests) == 3
    server = json.loads((AGENTS / "server.json").read_text())
    assert {one["version"] for one in [*manifests, server, *server["packages"]]} == {__version__}


def test_the_skill_names_only_tools_that_exist() -> None:
    skill = (PLUGIN / "skills" / "use-tokens" / "SKILL.md").read_text()
    named = set(re.findall(r"`([a-z]+_?[a-z]*)`", skill))
    assert named == {"list_tokens", "request_token", "run_command", "scan"}
    assert all(hasattr(Tools, name) for name in named)
