"""The real agents, as scripts/set-up.sh installs them: how each is started without a network, and its tools."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections import ChainMap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.ways import Tool, Way
from agents.wire_formats import ToolCall

_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
_LOCK = Path(__file__).parent / "programs" / "package-lock.json"
_PLACE = _CACHE / "tokenward-test" / f"agents-{hashlib.sha256(_LOCK.read_bytes()).hexdigest()[:12]}"
"""The folder into which scripts/set-up.sh installs the locked packages."""
RIPGREP = next(_PLACE.glob("node_modules/@openai/codex-linux-*/vendor/*/codex-path/rg"), _PLACE / "rg")
WHY_NOT = "npm could not install the agents where scripts/set-up.sh puts them"
DENIED = "touch"
"""A program that the user's own rules deny to every agent."""
SERVER = [sys.executable, str(Path(__file__).with_name("mcp_server.py"))]


@dataclass(frozen=True)
class Session:
    """What a start of an agent depends on.

    Attributes:
        home: the user's home folder.
        folder: the workspace.
        address: of the model.
        server: the command of an MCP server with the tool `look`.
        is_sandboxed: the agent runs commands in the sandbox that it has for them.
    """

    home: Path
    folder: Path
    address: str
    server: list[str]
    is_sandboxed: bool = False


@dataclass(frozen=True)
class RealAgent:
    """One agent.

    Attributes:
        name: as its row in `agents_protection/rows` has it.
        program: where its program is, below `node_modules`.
        package: whose version it has.
        tools: the name of each tool, and the keys of its input for the text of a way; `[]` stands for a list with it.
        more: further input of each tool; a pattern stands for what it finds in the result before.
        configure: writes the settings that its user has without protection, and returns further variables.
        command: the arguments for a prompt.
        settings: the file with its hooks, and the instructions that it reads, relative to home and workspace.
        has_sandbox: the agent has a sandbox for its commands that works here.
        goes_on: it sends a prompt with a token, which a hook has replaced.
        ends_when_denied: the model hears no more of a session in which a hook denied a call.
    """

    name: str
    program: str
    package: str
    tools: Mapping[Tool, tuple[str, ...]]
    configure: Callable[[Session], dict[str, str]]
    command: Callable[[Session, str], list[str]]
    settings: str
    instructions: str
    more: Mapping[Tool, Mapping[str, Any]]
    has_sandbox: bool = False
    goes_on: bool = False
    ends_when_denied: bool = False

    @property
    def path(self) -> Path | None:
        """Return the path of its program; None if it is not installed."""
        return next(iter(sorted(_PLACE.joinpath("node_modules").glob(self.program))), None)

    @property
    def version(self) -> str:
        found: str = json.loads(_LOCK.read_text())["packages"][f"node_modules/{self.package}"]["version"]
        return found

    def call(self, way: Way) -> ToolCall | None:
        """Return the call of a way; None if the agent has no such tool."""
        if way.tool not in self.tools:
            return None
        name, *keys = self.tools[way.tool]
        given = [_nested(key, way.text) for key in keys]
        return ToolCall(name, dict(ChainMap(*given), **self.more.get(way.tool, {})))


def _nested(key: str, text: str) -> dict[str, Any]:
    """Return an object with a text at the end of a path such as `files[].path`."""
    name, listed, rest = key.partition("[]")
    value = _nested(rest.removeprefix("."), text) if rest else text
    return {name: [value] if listed else value}


def _write(path: Path, data: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(data if isinstance(data, str) else json.dumps(data, indent=2))


def _claude(session: Session) -> dict[str, str]:
    servers = {"look": {"command": session.server[0], "args": session.server[1:]}}
    _write(session.home / "servers.json", {"mcpServers": servers})
    settings: dict[str, Any] = {"permissions": {"deny": [f"Bash({DENIED} *)"]}}
    if session.is_sandboxed:
        strict = {"enabled": True, "failIfUnavailable": True, "allowUnsandboxedCommands": False}
        settings["sandbox"] = strict
    _write(session.home / ".claude" / "settings.json", settings)
    return {
        "ANTHROPIC_API_KEY": "made-up",
        "ANTHROPIC_BASE_URL": session.address,
        "DISABLE_TELEMETRY": "1",
        "DISABLE_AUTOUPDATER": "1",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "IS_SANDBOX": "1",
    }


def _claude_command(session: Session, prompt: str) -> list[str]:
    options = ["--dangerously-skip-permissions", "--output-format", "json"]
    return ["-p", prompt, *options, "--mcp-config", str(session.home / "servers.json")]


CLAUDE = RealAgent(
    "Claude Code",
    "@anthropic-ai/claude-code-linux-*/claude",
    "@anthropic-ai/claude-code-linux-x64",
    {
        Tool.SHELL: ("Bash", "command"),
        Tool.READ: ("Read", "file_path"),
        Tool.WRITE: ("Write", "file_path"),
        Tool.SERVER: ("mcp__look__look", "words"),
        Tool.BACKGROUND: ("Bash", "command"),
        Tool.REST: ("Read",),
    },
    _claude,
    _claude_command,
    ".claude/settings.json",
    "CLAUDE.md",
    {
        Tool.WRITE: {"content": "{}"},
        Tool.BACKGROUND: {"run_in_background": True},
        Tool.REST: {"file_path": re.compile(r"(/\S+\.output)")},
    },
    has_sandbox=True,
)


def _codex(session: Session) -> dict[str, str]:
    _write(
        session.home / ".codex" / "config.toml",
        f"""model = "m"
model_provider = "local"
[model_providers.local]
name = "local"
base_url = "{session.address}/v1"
wire_api = "responses"
requires_openai_auth = false
[mcp_servers.look]
command = {json.dumps(session.server[0])}
args = {json.dumps(session.server[1:])}
""",
    )
    rule = f'prefix_rule(pattern=["{DENIED}"], decision="forbidden")\n'
    _write(session.home / ".codex" / "rules" / "default.rules", rule)
    return {}


def _codex_command(session: Session, prompt: str) -> list[str]:
    free = ["--dangerously-bypass-approvals-and-sandbox"]
    # In each folder that may be written, it leaves files in the places of those that may not.
    own = "sandbox_workspace_write.exclude_slash_tmp=true"
    kept = ["--sandbox", "workspace-write", "-c", own, "-c", 'approval_policy="never"']
    options = ["--skip-git-repo-check", "--dangerously-bypass-hook-trust"]
    return ["exec", *options, *(kept if session.is_sandboxed else free), prompt]


CODEX = RealAgent(
    "Codex",
    "@openai/codex-linux-*/vendor/*/bin/codex",
    "@openai/codex",
    {
        Tool.SHELL: ("exec_command", "cmd"),
        Tool.SERVER: ("mcp__look/look", "words"),
        Tool.BACKGROUND: ("exec_command", "cmd"),
        Tool.REST: ("write_stdin",),
    },
    _codex,
    _codex_command,
    ".codex/hooks.json",
    "AGENTS.md",
    {
        Tool.SHELL: {"yield_time_ms": 60_000},
        Tool.BACKGROUND: {"yield_time_ms": 250},
        Tool.REST: {"session_id": re.compile(r"session ID (\d+)"), "yield_time_ms": 60_000},
    },
    has_sandbox=True,
)


def _gemini(session: Session) -> dict[str, str]:
    server = {"command": session.server[0], "args": session.server[1:], "trust": True}
    settings = {
        "security": {"auth": {"selectedType": "gemini-api-key"}},
        "privacy": {"usageStatisticsEnabled": False},
        "general": {"enableAutoUpdate": False},
        "mcpServers": {"look": server},
    }
    _write(session.home / ".gemini" / "settings.json", settings)
    rule = {"toolName": "run_shell_command", "commandPrefix": DENIED, "decision": "deny", "priority": 900}
    lines = [f"{key} = {json.dumps(value)}\n" for key, value in rule.items()]
    _write(session.home / ".gemini" / "policies" / "own.toml", "".join(["[[rule]]\n", *lines]))
    return {
        "GEMINI_API_KEY": "made-up",
        "GOOGLE_GEMINI_BASE_URL": session.address,
        "GEMINI_CLI_TRUST_WORKSPACE": "true",
    }


GEMINI = RealAgent(
    "Gemini CLI",
    "@google/gemini-cli/bundle/gemini.js",
    "@google/gemini-cli",
    {
        Tool.SHELL: ("run_shell_command", "command"),
        Tool.READ: ("read_file", "file_path"),
        Tool.SEARCH: ("grep_search", "pattern"),
        Tool.WRITE: ("write_file", "file_path"),
        Tool.SERVER: ("mcp_look_look", "words"),
        Tool.BACKGROUND: ("run_shell_command", "command"),
        Tool.REST: ("read_background_output",),
    },
    _gemini,
    lambda _, prompt: ["-m", "gemini-2.5-flash", "-p", prompt, "--yolo"],
    ".gemini/settings.json",
    "GEMINI.md",
    {
        Tool.WRITE: {"content": "{}"},
        Tool.BACKGROUND: {"is_background": True},
        Tool.REST: {"pid": re.compile(r"PID:? (\d+)"), "delay_ms": 5_000},
    },
)


def _opencode(session: Session) -> dict[str, str]:
    provider = {
        "npm": "@ai-sdk/openai-compatible",
        "options": {"baseURL": f"{session.address}/v1", "apiKey": "made-up"},
        "models": {"m": {"tool_call": True}},
    }
    settings = {
        "provider": {"local": provider},
        "mcp": {"look": {"type": "local", "command": session.server}},
        "permission": {"*": "allow", "bash": {"*": "allow", f"{DENIED} *": "deny"}},
    }
    _write(session.home / ".config" / "opencode" / "opencode.json", settings)
    return {"OPENCODE_DISABLE_MODELS_FETCH": "1", "OPENCODE_DISABLE_AUTOUPDATE": "1"}


OPENCODE = RealAgent(
    "opencode",
    "opencode-linux-*/bin/opencode",
    "opencode-linux-x64",
    {
        Tool.SHELL: ("bash", "command"),
        Tool.READ: ("read", "filePath"),
        Tool.SEARCH: ("grep", "pattern"),
        Tool.WRITE: ("write", "filePath"),
        Tool.SERVER: ("look_look", "words"),
    },
    _opencode,
    lambda _, prompt: ["run", "--model", "local/m", prompt],
    ".config/opencode/plugin/tokenward.js",
    "AGENTS.md",
    {Tool.SHELL: {"description": "go"}, Tool.WRITE: {"content": "{}"}},
    goes_on=True,
)


def _copilot(session: Session) -> dict[str, str]:
    server = {"type": "local", "command": session.server[0], "args": session.server[1:], "tools": ["*"]}
    _write(session.home / ".copilot" / "mcp-config.json", {"mcpServers": {"look": server}})
    return {
        "COPILOT_PROVIDER_BASE_URL": f"{session.address}/v1",
        "COPILOT_PROVIDER_TYPE": "openai",
        "COPILOT_PROVIDER_API_KEY": "made-up",
        "COPILOT_MODEL": "m",
        "COPILOT_OFFLINE": "true",
    }


COPILOT = RealAgent(
    "Copilot CLI",
    "@github/copilot-linux-*/copilot",
    "@github/copilot-linux-x64",
    {
        Tool.SHELL: ("bash", "command"),
        Tool.READ: ("view", "path"),
        Tool.SEARCH: ("grep", "pattern"),
        Tool.WRITE: ("create", "path"),
        Tool.SERVER: ("look-look", "words"),
        Tool.BACKGROUND: ("bash", "command"),
        Tool.REST: ("read_bash",),
    },
    _copilot,
    lambda _, prompt: [
        "-p",
        prompt,
        "--allow-all-tools",
        "--allow-all-paths",
        "--deny-tool",
        f"shell({DENIED})",
    ],
    ".copilot/hooks/tokenward.json",
    "AGENTS.md",
    {
        Tool.SHELL: {"description": "go", "initial_wait": 60},
        Tool.BACKGROUND: {"description": "go", "mode": "async"},
        Tool.SEARCH: {"output_mode": "content"},
        Tool.WRITE: {"file_text": "{}"},
        Tool.REST: {"shellId": re.compile(r"shellId: ?(\w+)"), "delay": 10},
    },
    goes_on=True,
)


def _cline(session: Session) -> dict[str, str]:
    settings = {
        "provider": "openai-compatible",
        "apiKey": "made-up",
        "model": "m",
        "baseUrl": f"{session.address}/v1",
    }
    one = {"settings": settings, "updatedAt": "2026-01-01T00:00:00.000Z", "tokenSource": "manual"}
    providers = {"version": 1, "modes": {}, "providers": {"openai-compatible": one}}
    place = session.home / ".cline" / "data" / "settings"
    _write(place / "providers.json", {**providers, "lastUsedProvider": "openai-compatible"})
    server = {"command": session.server[0], "args": session.server[1:]}
    _write(place / "cline_mcp_settings.json", {"mcpServers": {"look": server}})
    # A hub would outlive the bench.
    return {"CLINE_SESSION_BACKEND_MODE": "local"}


CLINE = RealAgent(
    "Cline",
    "@cline/cli-linux-*/bin/cline",
    "@cline/cli-linux-x64",
    {
        Tool.SHELL: ("run_commands", "commands[]"),
        Tool.READ: ("read_files", "files[].path"),
        Tool.SEARCH: ("search_codebase", "queries[]"),
        Tool.WRITE: ("editor", "path"),
        Tool.SERVER: ("look__look", "words"),
    },
    _cline,
    # It takes one word for a command.
    lambda _, prompt: ["-P", "openai-compatible", "-m", "m", "--json", f"{prompt} now"],
    "Documents/Cline/Hooks/PreToolUse",
    "AGENTS.md",
    {Tool.WRITE: {"new_text": "{}"}},
    ends_when_denied=True,
)

AGENTS = (CLAUDE, CODEX, GEMINI, OPENCODE, COPILOT)
APART = (CLINE,)
"""Agents that can be tried by name; each denial starts such a one again, so all ways would take an hour."""
