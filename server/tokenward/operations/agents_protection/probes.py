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


def _probes(  # noqa: PLR0917 - the three events of an agent, and its tools
    common: Mapping[str, Any],
    named: str,
    prompt: tuple[str, Mapping[str, Any]] | None,
    before: str,
    after: tuple[str, Mapping[str, Any]] | None,
    read: tuple[str, Mapping[str, Any]],
    shell: tuple[str, Mapping[str, Any]],
) -> tuple[Probe, ...]:
    """Return the probes of an agent whose inputs are like those of Claude Code."""
    base = {"cwd": "<folder>", **common}
    found = []
    if prompt:
        found.append(Probe(_PROMPT, Stage.PROMPT, prompt[0], {**base, named: "<event>", **prompt[1]}))
    for surface, (tool, arguments) in ((_READ, read), (_OUTPUT, shell)):
        call = {"tool_name": tool, "tool_input": arguments}
        found.append(Probe(surface, Stage.BEFORE, before, {**base, named: "<event>", **call}))
    if after:
        call = {"tool_name": shell[0], "tool_input": shell[1]}
        found.append(Probe(_OUTPUT, Stage.AFTER, after[0], {**base, named: "<event>", **call, **after[1]}))
    return tuple(found)


_SESSION = {"session_id": "tokenward-check", "transcript_path": ""}
_EVENT = "hook_event_name"
_CAT = {"command": "<command>"}
_ASKED = {"prompt": "<text>"}
_CONVERSATION = {"conversation_id": "tokenward-check", "generation_id": "1", "workspace_roots": ["<folder>"]}
_COPILOT = {"sessionId": "tokenward-check", "timestamp": 0, "cwd": "<folder>"}
_CLINE = {"clineVersion": "0", "timestamp": "0", "taskId": "1", "workspaceRoots": ["<folder>"], "userId": ""}
_DEVIN = {"trajectory_id": "tokenward-check", "execution_id": "1", "timestamp": "0"}
_SENT = {"toolName": "bash", "toolArgs": '{"command": "<command>"}'}

PROBES: Mapping[str, tuple[Probe, ...]] = {
    "claude-code": _probes(
        {**_SESSION, "permission_mode": "default"},
        _EVENT,
        ("UserPromptSubmit", _ASKED),
        "PreToolUse",
        ("PostToolUse", {"tool_response": {"stdout": "<text>", "stderr": "", "interrupted": False}}),
        ("Read", {"file_path": "<file>"}),
        ("Bash", _CAT),
    ),
    "codex": _probes(
        {**_SESSION, "turn_id": "1", "model": "m", "permission_mode": "default"},
        _EVENT,
        ("UserPromptSubmit", _ASKED),
        "PreToolUse",
        ("PostToolUse", {"tool_use_id": "1", "tool_response": "<text>"}),
        ("Bash", _CAT),
        ("Bash", _CAT),
    ),
    "cursor": (
        Probe(
            _PROMPT,
            Stage.PROMPT,
            "beforeSubmitPrompt",
            {**_CONVERSATION, _EVENT: "beforeSubmitPrompt", "prompt": "<text>", "attachments": []},
        ),
        Probe(
            _READ,
            Stage.BEFORE,
            "beforeReadFile",
            {**_CONVERSATION, _EVENT: "beforeReadFile", "file_path": "<file>", "content": "<text>"},
        ),
        Probe(
            _OUTPUT,
            Stage.BEFORE,
            "preToolUse",
            {**_CONVERSATION, _EVENT: "preToolUse", "tool_name": "Shell", "tool_input": _CAT},
        ),
    ),
    "copilot-cli": (
        Probe(_PROMPT, Stage.PROMPT, "userPromptSubmitted", {**_COPILOT, "prompt": "<text>"}),
        Probe(
            _READ,
            Stage.BEFORE,
            "preToolUse",
            {**_COPILOT, "toolName": "view", "toolArgs": '{"path": "<file>"}'},
        ),
        Probe(_OUTPUT, Stage.BEFORE, "preToolUse", {**_COPILOT, **_SENT}),
        Probe(
            _OUTPUT,
            Stage.AFTER,
            "postToolUse",
            {**_COPILOT, **_SENT, "toolResult": {"resultType": "success", "textResultForLlm": "<text>"}},
        ),
    ),
    "vscode": _probes(
        {**_SESSION, "sessionId": "tokenward-check", "timestamp": "0"},
        "hookEventName",
        ("UserPromptSubmit", _ASKED),
        "PreToolUse",
        ("PostToolUse", {"tool_response": "<text>"}),
        ("read_file", {"filePath": "<file>"}),
        ("run_in_terminal", _CAT),
    ),
    "gemini-cli": _probes(
        {**_SESSION, "timestamp": "0"},
        _EVENT,
        ("BeforeAgent", _ASKED),
        "BeforeTool",
        ("AfterTool", {"tool_response": {"llmContent": "<text>", "returnDisplay": "<text>"}}),
        ("read_file", {"file_path": "<file>"}),
        ("run_shell_command", _CAT),
    ),
    "antigravity": tuple(
        Probe(
            surface,
            Stage.BEFORE,
            "PreToolUse",
            {
                "conversationId": "tokenward-check",
                "transcriptPath": "",
                "toolCall": {"name": tool, "args": given},
            },
        )
        for surface, tool, given in (
            (_READ, "view_file", {"AbsolutePath": "<file>"}),
            (_OUTPUT, "run_command", {"CommandLine": "<command>", "Cwd": "<folder>"}),
        )
    ),
    "vibe": _probes(
        {**_SESSION, "parent_session_id": None, "tool_call_id": "1"},
        _EVENT,
        None,
        "pre_tool",
        (
            "post_tool",
            {"tool_status": "success", "tool_output": {"stdout": "<text>"}, "tool_output_text": "<text>"}
            | {"tool_error": None},
        ),
        ("file_system.read_file", {"path": "<file>"}),
        ("file_system.bash", _CAT),
    ),
    "goose": _probes(
        {"session_id": "tokenward-check", "matcher_context": "developer__shell", "working_dir": "<folder>"},
        "event",
        None,
        "PreToolUse",
        None,
        ("developer__shell", _CAT),
        ("developer__shell", _CAT),
    ),
    "cline": (
        Probe(
            _PROMPT,
            Stage.PROMPT,
            "UserPromptSubmit",
            {**_CLINE, "hookName": "UserPromptSubmit"}
            | {"userPromptSubmit": {"prompt": "<text>", "attachments": []}},
        ),
        *(
            Probe(
                surface,
                Stage.BEFORE,
                "PreToolUse",
                {**_CLINE, "hookName": "PreToolUse", "preToolUse": {"toolName": tool, "parameters": given}},
            )
            for surface, tool, given in (
                (_READ, "read_file", {"path": "<file>"}),
                (_OUTPUT, "execute_command", _CAT),
            )
        ),
    ),
    "kiro": _probes(
        {},
        _EVENT,
        None,
        "PreToolUse",
        None,
        ("fs_read", {"operations": [{"mode": "Line", "path": "<file>"}]}),
        ("execute_bash", _CAT),
    ),
    "devin": tuple(
        Probe(
            surface,
            Stage.PROMPT if surface is _PROMPT else Stage.BEFORE,
            event,
            {**_DEVIN, "agent_action_name": event, "tool_info": given},
        )
        for surface, event, given in (
            (_PROMPT, "pre_user_prompt", {"user_prompt": "<text>"}),
            (_READ, "pre_read_code", {"file_path": "<file>"}),
            (_OUTPUT, "pre_run_command", {"command_line": "<command>", "cwd": "<folder>"}),
        )
    ),
    "junie": _probes(
        {**_SESSION, "project_path": "<folder>"},
        _EVENT,
        ("UserPromptSubmit", _ASKED),
        "PreToolUse",
        None,
        ("Read", {"file_path": "<file>"}),
        ("Bash", _CAT),
    ),
    "opencode": tuple(
        Probe(surface, stage, event, {"event": event, "directory": "<folder>", **given})
        for surface, stage, event, given in (
            (_PROMPT, Stage.PROMPT, "chat.message", {"text": "<text>"}),
            (_READ, Stage.BEFORE, "tool.execute.before", {"tool": "read", "args": {"filePath": "<file>"}}),
            (_OUTPUT, Stage.BEFORE, "tool.execute.before", {"tool": "bash", "args": _CAT}),
            (
                _OUTPUT,
                Stage.AFTER,
                "tool.execute.after",
                {"tool": "bash", "args": _CAT, "output": "<text>"},
            ),
        )
    ),
}
"""By dialect. Sources are those of the agents' rows."""
