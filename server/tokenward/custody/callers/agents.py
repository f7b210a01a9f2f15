"""AI assistants that start a command, recognised by their variables and program names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import islice

# Assistant and its variables; the first match counts. Sources, as of
# November 2026: vercel/vercel packages/detect-agent (AI_AGENT, CURSOR_*, GEMINI_CLI, CODEX_*, CLAUDE*, AUGMENT_AGENT,
# OPENCODE_CLIENT, ANTIGRAVITY_AGENT), anthropics/claude-code#531 (CLAUDECODE), microsoft/vscode#316267 and #320129
# (COPILOT_AGENT), databricks/databricks-sdk-py#1444 (VSCODE_AGENT), gitbutlerapp/gitbutler#14129
# (CURSOR_EXTENSION_HOST_ROLE), ergebnis/agent-detector#10 (COPILOT_CLI, PI_CODING_AGENT), microsoft/vscode#311734
# (AMP_CURRENT_THREAD_ID, OPENCODE), anthropics/claude-code#24838 (AGENT, GOOSE_TERMINAL), aws/aws-cdk-cli
# detect-agent.ts (AWS_EXECUTION_ENV), ascorbic/am-i-vibing providers.ts (CODEIUM_EDITOR_APP_ROOT, program names),
# dotnet and laravel detectors (CLINE_ACTIVE).
_VARIABLES = {
    "Claude Code": "CLAUDECODE CLAUDE_CODE CLAUDE_CODE_SESSION_ID CLAUDE_CODE_CHILD_SESSION CLAUDE_PID",
    "Codex": (
        "CODEX_SANDBOX CODEX_SANDBOX_NETWORK_DISABLED CODEX_THREAD_ID CODEX_CI CODEX_SESSION_ID "
        "CODEX_TOOL_CALL_ID CODEX_PERMISSION_PROFILE"
    ),
    # People have CURSOR_TRACE_ID too; mistaking a person for an assistant costs less than the reverse.
    "Cursor": (
        "CURSOR_AGENT CURSOR_CONVERSATION_ID CURSOR_REQUEST_ID CURSOR_EXTENSION_HOST_ROLE CURSOR_TRACE_ID"
    ),
    "Gemini CLI": "GEMINI_CLI",
    "GitHub Copilot": "COPILOT_AGENT COPILOT_CLI COPILOT_AGENT_SESSION_ID",
    "opencode": "OPENCODE OPENCODE_CLIENT OPENCODE_PID",
    "goose": "GOOSE_TERMINAL",
    "Amp": "AMP_CURRENT_THREAD_ID",
    "Augment": "AUGMENT_AGENT",
    "Antigravity": "ANTIGRAVITY_AGENT",
    "Cline": "CLINE_ACTIVE",
    "pi": "PI_CODING_AGENT",
    "Qwen Code": "QWEN_CODE",
    "Crush": "CRUSH",
    "OpenClaw": "OPENCLAW_SHELL",
    "Junie": "JUNIE_DATA JUNIE_SHIM_PATH",
    "Windsurf": "CODEIUM_EDITOR_APP_ROOT",
    "Amazon Q": "AWS_EXECUTION_ENV",
    "an assistant in VS Code": "VSCODE_AGENT",
}
_FLAGS = "CLAUDECODE CLAUDE_CODE_CHILD_SESSION CURSOR_AGENT COPILOT_CLI OPENCODE CLINE_ACTIVE QWEN_CODE CRUSH"
_VALUES = {
    "CURSOR_EXTENSION_HOST_ROLE": re.compile(r".*agent-exec.*"),
    "AWS_EXECUTION_ENV": re.compile(r".*amazonq.*"),
    "OPENCODE_PID": re.compile(r"\d+"),
    **dict.fromkeys(_FLAGS.split(), re.compile(r"1|true")),
}
"""The values of these that their agents set, in small letters; of the others, any value counts."""
_BY_VARIABLE = {name: agent for agent, names in _VARIABLES.items() for name in names.split()}
# Here the value names the assistant.
_NAMING = ("AI_AGENT", "AGENT")

_BY_PROGRAM = {
    "claude": "Claude Code",
    "codex": "Codex",
    "codex-linux-sandbox": "Codex",
    "cursor-agent": "Cursor",
    "gemini": "Gemini CLI",
    "copilot": "GitHub Copilot",
    "opencode": "opencode",
    "goose": "goose",
    "amp": "Amp",
    "auggie": "Augment",
    "aider": "aider",
    "cline": "Cline",
    "crush": "Crush",
    "qwen": "Qwen Code",
    "droid": "Factory",
    "q": "Amazon Q",
    "qchat": "Amazon Q",
    "agy": "Antigravity",
    "junie": "Junie",
    "kiro-cli": "Kiro",
    "vibe": "Vibe",
}
_INTERPRETER = re.compile(r"(?:node|nodejs|bun|deno|python[\d.]*|ruby[\d.]*)(?:\.exe)?", re.IGNORECASE)
_LONGEST_NAME = 40


def agent_of(variables: Mapping[str, str], program: str, arguments: Iterable[str]) -> str:
    """Return the assistant that a process is or was started by; empty if none is known.

    Its arguments start with its own name.
    """
    names = [program, *islice(arguments, 2)]
    # The first argument is the program's own name; the next is a program's too, but only after an interpreter's.
    if not any(_INTERPRETER.fullmatch(_base(name)) for name in names[:2]):
        del names[2:]
    for name in names:
        if agent := _BY_PROGRAM.get(_base(name).casefold().removesuffix(".exe")):
            return agent
    for name, agent in _BY_VARIABLE.items():
        value = variables.get(name, "")
        if value and (name not in _VALUES or _VALUES[name].fullmatch(value.casefold())):
            return agent
    named = next((variables[name] for name in _NAMING if variables.get(name)), "")
    return "".join(one if one.isprintable() else "?" for one in named[:_LONGEST_NAME])


def is_alone(variables: Mapping[str, str]) -> bool:
    """Return whether an assistant says that nobody attends its session."""
    return variables.get("CLAUDE_CODE_SESSION_ATTENDED") == "0"


def _base(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]
