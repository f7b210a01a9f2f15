"""The real agents, as scripts/set-up.sh installs them, started with a home of the test's own and a scripted model."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from agents.scripted_model import ScriptedModel

_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
_LOCK = Path(__file__).parent / "programs" / "package-lock.json"
_PLACE = _CACHE / "tokenward-test" / f"agents-{hashlib.sha256(_LOCK.read_bytes()).hexdigest()[:12]}"
"""The folder into which scripts/set-up.sh installs the locked packages."""
CLAUDE = next(_PLACE.glob("node_modules/@anthropic-ai/claude-code-linux-*/claude"), _PLACE / "claude")
CODEX = next(_PLACE.glob("node_modules/@openai/codex-linux-*/vendor/*/bin/codex"), _PLACE / "codex")
WHY_NOT = "npm could not install the agents where scripts/set-up.sh puts them"
PATIENCE = 600
HOOK = [sys.executable, str(Path(__file__).with_name("patient_hook.py")), "agents", "hook"]
"""The hook's command with more time than two seconds, because tests share the machine."""
_KEPT = ("HOME", "PATH", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "DBUS_SESSION_BUS_ADDRESS", "LANG", "EXPORTED")
_EVENTS = ("UserPromptSubmit", "PreToolUse", "PostToolUse", "PostToolUseFailure", "ConfigChange")


def claude_settings(command: Sequence[str] = HOOK) -> dict[str, object]:
    """Return settings of Claude Code with the hook for every event that it answers."""
    handler = {"type": "command", "command": command[0], "args": [*command[1:], "claude-code"]}
    hook = {"hooks": [{**handler, "timeout": 300, "onFailure": "block"}]}
    return {"hooks": {event: [hook] for event in _EVENTS}}


def run_claude(
    model: ScriptedModel,
    environment: Mapping[str, str],
    folder: Path,
    *options: str,
    prompt: str = "go",
    settings: Mapping[str, object] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run Claude Code to the end of the model's script."""
    place = Path(environment["HOME"], ".claude", "settings.json")
    place.parent.mkdir(exist_ok=True)
    if settings is not None:
        place.write_text(json.dumps(settings))
    variables = {
        **{name: environment[name] for name in _KEPT if name in environment},
        "ANTHROPIC_API_KEY": "made-up",
        "ANTHROPIC_BASE_URL": model.address,
        "DISABLE_TELEMETRY": "1",
        "DISABLE_AUTOUPDATER": "1",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "IS_SANDBOX": "1",
        "SHELL": "/bin/bash",
    }
    command = [
        str(CLAUDE),
        "-p",
        prompt,
        "--dangerously-skip-permissions",
        "--output-format",
        "json",
        *options,
    ]
    return _run(command, folder, variables)


_CODEX_CONFIG = """model = "m"
model_provider = "local"
[model_providers.local]
name = "local"
base_url = "{address}/v1"
wire_api = "responses"
requires_openai_auth = false
"""


def codex_hooks(command: Sequence[str] = HOOK) -> dict[str, object]:
    """Return Codex's hooks file with the hook for every event that it answers."""
    handler = {"type": "command", "command": shlex.join([*command, "codex"]), "timeout": 300}
    return {"hooks": {event: [{"hooks": [handler]}] for event in _EVENTS[:3]}}


def run_codex(
    model: ScriptedModel,
    environment: Mapping[str, str],
    folder: Path,
    *options: str,
    prompt: str = "go",
    hooks: Mapping[str, object] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run Codex to the end of the model's script, with its hooks trusted."""
    place = Path(environment["HOME"], ".codex")
    place.mkdir(exist_ok=True)
    (place / "config.toml").write_text(_CODEX_CONFIG.format(address=model.address))
    (place / "hooks.json").write_text(json.dumps(hooks if hooks is not None else {"hooks": {}}))
    variables = {name: environment[name] for name in _KEPT if name in environment}
    free = ("--dangerously-bypass-approvals-and-sandbox", "--dangerously-bypass-hook-trust")
    return _run([str(CODEX), "exec", "--skip-git-repo-check", *free, *options, prompt], folder, variables)


def _run(
    command: Sequence[str], folder: Path, variables: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
