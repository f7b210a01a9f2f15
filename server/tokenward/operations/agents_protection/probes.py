"""The inputs by which a check tries the hooks of each dialect, as the agents send them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tokenward.operations.agents_protection.protected_agent import Stage
from tokenward.operations.agents_protection.survey import GuardedSurface

_PROMPT, _READ, _OUTPUT = GuardedSurface.PROMPT, GuardedSurface.READ, GuardedSurface.OUTPUT


@dataclass(frozen=True, slots=True)
class Probe:
    """One input; in its texts, `<text>`, `<file>`, `<folder>`, `<command>` and `<event>` stand for what is tried."""

    surface: GuardedSurface
    stage: Stage
    event: str
    payload: Mapping[str, Any]


def filled(value: Any, words: Mapping[str, str]) -> Any:
    """Return a payload with its words in place."""
    if isinstance(value, dict):
        return {key: filled(item, words) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, words) for item in value]
    if isinstance(value, str):
        for name, text in words.items():
            value = value.replace(f"<{name}>", text)
    return value


_Row = tuple[GuardedSurface, Stage, str, Mapping[str, Any]]
"""A surface, a stage, an event, and the fields of an input that is about it."""


def _probes(shared: Mapping[str, Any], *rows: _Row, named: str = "") -> tuple[Probe, ...]:
    """Return the probes of an agent whose inputs share fields; `named` is the field of the event's name."""
    base = {**shared, named: "<event>"} if named else shared
    return tuple(Probe(surface, stage, event, {**base, **fields}) for surface, stage, event, fields in rows)


def _call(tool: str, **arguments: Any) -> Mapping[str, Any]:
    return {"tool_name": tool, "tool_input": arguments}


_SENT, _BEFORE, _AFTER = Stage.PROMPT, Stage.BEFORE, Stage.AFTER
_EVENT = "hook_event_name"
_SESSION = {"session_id": "tokenward-check", "transcript_path": "", "cwd": "<folder>"}
_CONVERSATION = {"conversation_id": "tokenward-check", "generation_id": "1", "workspace_roots": ["<folder>"]}
_COPILOT = {"sessionId": "tokenward-check", "timestamp": 0, "cwd": "<folder>"}
_CLINE = {"clineVersion": "0", "timestamp": "0", "taskId": "1", "workspaceRoots": ["<folder>"], "userId": ""}
_ASKED = {"prompt": "<text>"}
_CAT = {"command": "<command>"}
_BASH = {"toolName": "bash", "toolArgs": '{"command": "<command>"}'}

PROBES: Mapping[str, tuple[Probe, ...]] = {
    "claude-code": _probes(
        {**_SESSION, "permission_mode": "default"},
        (_PROMPT, _SENT, "UserPromptSubmit", _ASKED),
        (_READ, _BEFORE, "PreToolUse", _call("Read", file_path="<file>")),
        (_OUTPUT, _BEFORE, "PreToolUse", _call("Bash", **_CAT)),
        (
            _OUTPUT,
            _AFTER,
            "PostToolUse",
            {
                **_call("Bash", **_CAT),
                "tool_response": {"stdout": "<text>", "stderr": "", "interrupted": False},
            },
        ),
        named=_EVENT,
    ),
    "codex": _probes(
        {**_SESSION, "turn_id": "1", "model": "m", "permission_mode": "default"},
        (_PROMPT, _SENT, "UserPromptSubmit", _ASKED),
        (_READ, _BEFORE, "PreToolUse", _call("Bash", **_CAT)),
        (_OUTPUT, _BEFORE, "PreToolUse", _call("Bash", **_CAT)),
        (
            _OUTPUT,
            _AFTER,
            "PostToolUse",
            {**_call("Bash", **_CAT), "tool_use_id": "1", "tool_response": "<text>"},
        ),
        named=_EVENT,
    ),
    "cursor": _probes(
        _CONVERSATION,
        (_PROMPT, _SENT, "beforeSubmitPrompt", {**_ASKED, "attachments": []}),
        (_READ, _BEFORE, "beforeReadFile", {"file_path": "<file>", "content": "<text>"}),
        (_OUTPUT, _BEFORE, "preToolUse", _call("Shell", **_CAT)),
        named=_EVENT,
    ),
    "copilot-cli": _probes(
        _COPILOT,
        (_PROMPT, _SENT, "userPromptSubmitted", _ASKED),
        (_READ, _BEFORE, "preToolUse", {"toolName": "view", "toolArgs": '{"path": "<file>"}'}),
        (_OUTPUT, _BEFORE, "preToolUse", _BASH),
        (
            _OUTPUT,
            _AFTER,
            "postToolUse",
            {**_BASH, "toolResult": {"resultType": "success", "textResultForLlm": "<text>"}},
        ),
    ),
    "vscode": _probes(
        {**_SESSION, "sessionId": "tokenward-check", "timestamp": "0"},
        (_PROMPT, _SENT, "UserPromptSubmit", _ASKED),
        (_READ, _BEFORE, "PreToolUse", _call("read_file", filePath="<file>")),
        (_OUTPUT, _BEFORE, "PreToolUse", _call("run_in_terminal", **_CAT)),
        (_OUTPUT, _AFTER, "PostToolUse", {**_call("run_in_terminal", **_CAT), "tool_response": "<text>"}),
        named="hookEventName",
    ),
    "gemini-cli": _probes(
        {**_SESSION, "timestamp": "0"},
        (_PROMPT, _SENT, "BeforeAgent", _ASKED),
        (_READ, _BEFORE, "BeforeTool", _call("read_file", file_path="<file>")),
        (_OUTPUT, _BEFORE, "BeforeTool", _call("run_shell_command", **_CAT)),
        (
            _OUTPUT,
            _AFTER,
            "AfterTool",
            {
                **_call("run_shell_command", **_CAT),
                "tool_response": {"llmContent": "<text>", "returnDisplay": "<text>"},
            },
        ),
        named=_EVENT,
    ),
    "antigravity": _probes(
        {"conversationId": "tokenward-check", "transcriptPath": ""},
        (
            _READ,
            _BEFORE,
            "PreToolUse",
            {"toolCall": {"name": "view_file", "args": {"AbsolutePath": "<file>"}}},
        ),
        (
            _OUTPUT,
            _BEFORE,
            "PreToolUse",
            {"toolCall": {"name": "run_command", "args": {"CommandLine": "<command>", "Cwd": "<folder>"}}},
        ),
    ),
    "vibe": _probes(
        {**_SESSION, "parent_session_id": None, "tool_call_id": "1"},
        (_READ, _BEFORE, "pre_tool", _call("file_system.read_file", path="<file>")),
        (_OUTPUT, _BEFORE, "pre_tool", _call("file_system.bash", **_CAT)),
        (
            _OUTPUT,
            _AFTER,
            "post_tool",
            {**_call("file_system.bash", **_CAT), "tool_status": "success", "tool_error": None}
            | {"tool_output": {"stdout": "<text>"}, "tool_output_text": "<text>"},
        ),
        named=_EVENT,
    ),
    "goose": _probes(
        {"session_id": "tokenward-check", "matcher_context": "developer__shell", "working_dir": "<folder>"},
        (_READ, _BEFORE, "PreToolUse", _call("developer__shell", **_CAT)),
        (_OUTPUT, _BEFORE, "PreToolUse", _call("developer__shell", **_CAT)),
        named="event",
    ),
    "cline": _probes(
        _CLINE,
        (_PROMPT, _SENT, "UserPromptSubmit", {"userPromptSubmit": {**_ASKED, "attachments": []}}),
        (
            _READ,
            _BEFORE,
            "PreToolUse",
            {"preToolUse": {"toolName": "read_file", "parameters": {"path": "<file>"}}},
        ),
        (_OUTPUT, _BEFORE, "PreToolUse", {"preToolUse": {"toolName": "execute_command", "parameters": _CAT}}),
        named="hookName",
    ),
    "kiro": _probes(
        {"cwd": "<folder>"},
        (_READ, _BEFORE, "PreToolUse", _call("fs_read", operations=[{"mode": "Line", "path": "<file>"}])),
        (_OUTPUT, _BEFORE, "PreToolUse", _call("execute_bash", **_CAT)),
        named=_EVENT,
    ),
    "devin": _probes(
        {"trajectory_id": "tokenward-check", "execution_id": "1", "timestamp": "0"},
        (_PROMPT, _SENT, "pre_user_prompt", {"tool_info": {"user_prompt": "<text>"}}),
        (_READ, _BEFORE, "pre_read_code", {"tool_info": {"file_path": "<file>"}}),
        (
            _OUTPUT,
            _BEFORE,
            "pre_run_command",
            {"tool_info": {"command_line": "<command>", "cwd": "<folder>"}},
        ),
        named="agent_action_name",
    ),
    "junie": _probes(
        {**_SESSION, "project_path": "<folder>"},
        (_PROMPT, _SENT, "UserPromptSubmit", _ASKED),
        (_READ, _BEFORE, "PreToolUse", _call("Read", file_path="<file>")),
        (_OUTPUT, _BEFORE, "PreToolUse", _call("Bash", **_CAT)),
        named=_EVENT,
    ),
    "opencode": _probes(
        {"directory": "<folder>"},
        (_PROMPT, _SENT, "chat.message", {"text": "<text>"}),
        (_READ, _BEFORE, "tool.execute.before", {"tool": "read", "args": {"filePath": "<file>"}}),
        (_OUTPUT, _BEFORE, "tool.execute.before", {"tool": "bash", "args": _CAT}),
        (_OUTPUT, _AFTER, "tool.execute.after", {"tool": "bash", "args": _CAT, "output": "<text>"}),
        named="event",
    ),
}
"""By dialect. Sources are those of the agents' rows."""
