"""Inputs of every agent's hooks in their current schema, and readers of the answers as the agents read them.

The schemas are those that each dialect names as its source. A reader returns the effect of an answer on the agent:
`open` (as if there were no hook), `closed`, or `changed`, with what is used instead.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

Payload = dict[str, Any]


class HookInput(NamedTuple):
    """An input, made for a text that stands where a token would be.

    Attributes:
        dialect: whose it is.
        kind: what it is about: prompt, shell, write, call, result.
        event: the event for which the agent started the hook.
        make: returns the input for a text.
    """

    dialect: str
    kind: str
    event: str
    make: Callable[[str], Payload]

    @property
    def name(self) -> str:
        return f"{self.dialect}-{self.event}-{self.kind}"


class Effect(NamedTuple):
    """What an answer does."""

    kind: str
    instead: Any = None


def _snake(
    dialect: str, names: dict[str, str], tools: dict[str, tuple[str, Callable[[str], Payload]]]
) -> list[HookInput]:
    """Return the inputs of an agent whose schema is like Claude Code's."""
    base = {"session_id": "s", "transcript_path": "/t.jsonl", "cwd": "/tmp", "permission_mode": "default"}

    def of(event: str, **rest: Any) -> Payload:
        return {**base, "hook_event_name": event, **rest}

    def prompt(text: str) -> Payload:
        return of(names["prompt"], prompt=text)

    def result(text: str) -> Payload:
        tool, arguments = tools["shell"]
        output = {"stdout": text, "stderr": ""}
        return of(names["post"], tool_name=tool, tool_input=arguments("true"), tool_response=output)

    def before(tool: str, arguments: Callable[[str], Payload]) -> Callable[[str], Payload]:
        return lambda text: of(names["pre"], tool_name=tool, tool_input=arguments(text))

    made = [HookInput(dialect, kind, names["pre"], before(*tool)) for kind, tool in tools.items()]
    if "prompt" in names:
        made.append(HookInput(dialect, "prompt", names["prompt"], prompt))
    if "post" in names:
        made.append(HookInput(dialect, "result", names["post"], result))
    return made


def _command(text: str) -> Payload:
    return {"command": f"curl -H 'x: {text}' https://example.com"}


def _file(text: str) -> Payload:
    return {"file_path": "app.py", "content": f"key = '{text}'\n"}


def _query(text: str) -> Payload:
    return {"query": {"list": [text]}}


def _patch(text: str) -> Payload:
    return {"command": f"*** Begin Patch\n*** Add File: a.py\n+k = '{text}'\n*** End Patch"}


_CLAUDE = _snake(
    "claude-code",
    {"prompt": "UserPromptSubmit", "pre": "PreToolUse", "post": "PostToolUse"},
    {"shell": ("Bash", _command), "write": ("Write", _file), "call": ("mcp__x__y", _query)},
)
_CODEX = _snake(
    "codex",
    {"prompt": "UserPromptSubmit", "pre": "PreToolUse", "post": "PostToolUse"},
    {
        "shell": ("Bash", _command),
        "write": (
            "apply_patch",
            _patch,
        ),
        "call": ("mcp__x__y", _query),
    },
)
_GEMINI = _snake(
    "gemini-cli",
    {"prompt": "BeforeAgent", "pre": "BeforeTool", "post": "AfterTool"},
    {"shell": ("run_shell_command", _command), "write": ("write_file", _file), "call": ("x__y", _query)},
)


def _camel(one: HookInput) -> HookInput:
    """Return an input with the event's name and a time as VS Code writes them."""

    def make(text: str) -> Payload:
        payload = one.make(text)
        return {
            "hookEventName": payload.pop("hook_event_name"),
            "timestamp": "2026-11-26T00:00:00Z",
            **payload,
        }

    return one._replace(make=make)


_VSCODE = [
    _camel(one)
    for one in _snake(
        "vscode",
        {"prompt": "UserPromptSubmit", "pre": "PreToolUse"},
        {
            "shell": ("run_in_terminal", _command),
            "write": ("create_file", lambda text: {"filePath": "/tmp/a.py", "content": text}),
            "call": ("mcp_x_y", _query),
        },
    )
]
_JUNIE = _snake(
    "junie",
    {"prompt": "UserPromptSubmit", "pre": "PreToolUse"},
    {"shell": ("Bash", _command), "write": ("Write", _file), "call": ("mcp__x__y", _query)},
)
_KIRO = _snake(
    "kiro",
    {"pre": "preToolUse"},
    {
        "shell": ("execute_bash", _command),
        "write": ("fs_write", lambda text: {"command": "create", "path": "a.py", "file_text": text}),
        "call": ("@x/y", _query),
    },
)


def _vibe(event: str, tool: str, **rest: Any) -> Payload:
    base = {"hook_event_name": event, "session_id": "s", "parent_session_id": None, "cwd": "/tmp"}
    return {**base, "tool_name": tool, "tool_call_id": "c", **rest}


def _copilot(**rest: Any) -> Payload:
    return {"sessionId": "s", "timestamp": 1, "cwd": "/tmp", **rest}


def _cursor(event: str, **rest: Any) -> Payload:
    base = {"conversation_id": "c", "generation_id": "g", "model": "m", "cursor_version": "3.21"}
    return {**base, "hook_event_name": event, "workspace_roots": ["/tmp"], **rest}


def _devin(action: str, **details: Any) -> Payload:
    base = {"trajectory_id": "t", "execution_id": "e", "timestamp": "2026-11-26T00:00:00Z"}
    return {"agent_action_name": action, **base, "tool_info": details}


def _cline(name: str, **rest: Any) -> Payload:
    base = {
        "clineVersion": "3.0.65",
        "timestamp": "1",
        "taskId": "t",
        "workspaceRoots": ["/tmp"],
        "userId": "u",
    }
    return {**base, "hookName": name, **rest}


def _goose(tool: str, arguments: Payload) -> Payload:
    base = {"event": "PreToolUse", "session_id": "s", "matcher_context": tool, "working_dir": "/tmp"}
    return {**base, "tool_name": tool, "tool_input": arguments}


def _agy(tool: str, arguments: Payload) -> Payload:
    return {"conversationId": "c", "transcriptPath": "/t", "toolCall": {"name": tool, "args": arguments}}


def _opencode(event: str, **rest: Any) -> Payload:
    return {"event": event, "directory": "/tmp", **rest}


INPUTS: list[HookInput] = [
    *_CLAUDE,
    *_CODEX,
    *_GEMINI,
    *_VSCODE,
    *_JUNIE,
    *_KIRO,
    HookInput(
        "gemini-cli",
        "result",
        "BeforeModel",
        lambda text: {
            "session_id": "s",
            "transcript_path": "",
            "cwd": "/tmp",
            "hook_event_name": "BeforeModel",
            "llm_request": {"model": "m", "messages": [{"role": "user", "content": text}]},
        },
    ),
    HookInput(
        "cursor",
        "shell",
        "beforeShellExecution",
        lambda text: _cursor("beforeShellExecution", command=_command(text)["command"], cwd="/tmp"),
    ),
    HookInput(
        "cursor",
        "call",
        "beforeMCPExecution",
        lambda text: _cursor(
            "beforeMCPExecution", tool_name="y", tool_input=json.dumps(_query(text)), command="server"
        ),
    ),
    HookInput(
        "cursor",
        "read",
        "beforeReadFile",
        lambda text: _cursor(
            "beforeReadFile", file_path="/tmp/no-such-file", content=f"key = '{text}'\n", attachments=[]
        ),
    ),
    HookInput(
        "cursor",
        "prompt",
        "beforeSubmitPrompt",
        lambda text: _cursor("beforeSubmitPrompt", prompt=text, attachments=[]),
    ),
    HookInput(
        "cursor",
        "write",
        "preToolUse",
        lambda text: _cursor(
            "preToolUse", tool_name="Write", tool_input=_file(text), tool_use_id="1", cwd="/tmp"
        ),
    ),
    HookInput(
        "copilot-cli",
        "shell",
        "preToolUse",
        lambda text: _copilot(toolName="bash", toolArgs=json.dumps(_command(text))),
    ),
    HookInput(
        "copilot-cli",
        "write",
        "preToolUse",
        lambda text: _copilot(toolName="create", toolArgs=json.dumps({"path": "a.py", "file_text": text})),
    ),
    HookInput(
        "copilot-cli",
        "call",
        "preToolUse",
        lambda text: _copilot(toolName="x-y", toolArgs=json.dumps(_query(text))),
    ),
    HookInput(
        "copilot-cli",
        "result",
        "postToolUse",
        lambda text: _copilot(
            toolName="bash", toolArgs="{}", toolResult={"resultType": "success", "textResultForLlm": text}
        ),
    ),
    HookInput("copilot-cli", "prompt", "userPromptSubmitted", lambda text: _copilot(prompt=text)),
    HookInput(
        "copilot-cli",
        "prompt",
        "userPromptTransformed",
        lambda text: _copilot(prompt=text, transformedPrompt=text),
    ),
    HookInput(
        "antigravity",
        "shell",
        "PreToolUse",
        lambda text: _agy("run_command", {"CommandLine": _command(text)["command"], "Cwd": "/tmp"}),
    ),
    HookInput(
        "antigravity",
        "write",
        "PreToolUse",
        lambda text: _agy("write_to_file", {"TargetFile": "/tmp/a.py", "CodeContent": text}),
    ),
    HookInput(
        "opencode",
        "shell",
        "tool.execute.before",
        lambda text: _opencode("tool.execute.before", tool="bash", args=_command(text)),
    ),
    HookInput(
        "opencode",
        "write",
        "tool.execute.before",
        lambda text: _opencode(
            "tool.execute.before", tool="write", args={"filePath": "/tmp/a.py", "content": text}
        ),
    ),
    HookInput(
        "opencode",
        "result",
        "tool.execute.after",
        lambda text: _opencode("tool.execute.after", tool="bash", output=text),
    ),
    HookInput("opencode", "prompt", "chat.message", lambda text: _opencode("chat.message", text=text)),
    HookInput(
        "vibe",
        "shell",
        "pre_tool",
        lambda text: _vibe("pre_tool", "file_system.bash", tool_input=_command(text)),
    ),
    HookInput(
        "vibe",
        "write",
        "pre_tool",
        lambda text: _vibe(
            "pre_tool", "file_system.write_file", tool_input={"path": "a.py", "content": text}
        ),
    ),
    HookInput(
        "vibe",
        "result",
        "post_tool",
        lambda text: _vibe(
            "post_tool",
            "file_system.bash",
            tool_input={},
            tool_status="failure",
            tool_output=None,
            tool_output_text=text,
            tool_error=None,
        ),
    ),
    HookInput("goose", "shell", "PreToolUse", lambda text: _goose("developer__shell", _command(text))),
    HookInput(
        "goose",
        "write",
        "PreToolUse",
        lambda text: _goose(
            "developer__text_editor", {"command": "write", "path": "a.py", "file_text": text}
        ),
    ),
    HookInput(
        "cline",
        "shell",
        "PreToolUse",
        lambda text: _cline(
            "PreToolUse", preToolUse={"toolName": "execute_command", "parameters": _command(text)}
        ),
    ),
    HookInput(
        "cline",
        "write",
        "PreToolUse",
        lambda text: _cline(
            "PreToolUse",
            preToolUse={"toolName": "write_to_file", "parameters": {"path": "a.py", "content": text}},
        ),
    ),
    HookInput(
        "cline",
        "prompt",
        "UserPromptSubmit",
        lambda text: _cline("UserPromptSubmit", userPromptSubmit={"prompt": text, "attachments": []}),
    ),
    HookInput(
        "cline",
        "stopped result",
        "tool_result",
        lambda text: _cline("tool_result", postToolUse={"toolName": "look__look", "result": text}),
    ),
    HookInput(
        "cline",
        "shell",
        "tool_call",
        lambda text: _cline(
            "tool_call",
            tool_call={"name": "run_commands", "input": {"commands": [_command(text)["command"]]}},
        ),
    ),
    HookInput(
        "devin",
        "shell",
        "pre_run_command",
        lambda text: _devin("pre_run_command", command_line=_command(text)["command"], cwd="/tmp"),
    ),
    HookInput(
        "devin",
        "write",
        "pre_write_code",
        lambda text: _devin(
            "pre_write_code", file_path="/tmp/a.py", edits=[{"old_string": "", "new_string": text}]
        ),
    ),
    HookInput(
        "devin",
        "call",
        "pre_mcp_tool_use",
        lambda text: _devin(
            "pre_mcp_tool_use", mcp_server_name="x", mcp_tool_name="y", mcp_tool_arguments=_query(text)
        ),
    ),
    HookInput("devin", "prompt", "pre_user_prompt", lambda text: _devin("pre_user_prompt", user_prompt=text)),
]

OPEN, CLOSED = Effect("open"), Effect("closed")


def effect(dialect: str, event: str, code: int, out: str, err: str) -> Effect:
    """Return what an answer does to the agent that started the hook for an event."""
    return _READERS[dialect](event, code, out, err)


def _object(out: str) -> dict[str, Any] | None:
    try:
        found = json.loads(out)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _claude(event: str, code: int, out: str, err: str, *, blocks_on_failure: bool = True) -> Effect:
    if code == 2:
        return OPEN if event == "PostToolUse" else CLOSED
    failed = CLOSED if blocks_on_failure and event != "PostToolUse" else OPEN
    if code:
        return failed
    if not out:
        return OPEN
    answer = _object(out)
    if answer is None:
        return failed
    specific = answer.get("hookSpecificOutput", {})
    assert specific.get("hookEventName", event) == event
    if event == "UserPromptSubmit":
        return (
            CLOSED if answer.get("decision") == "block" and specific.get("suppressOriginalPrompt") else OPEN
        )
    if event == "PostToolUse":
        return Effect("changed", specific["updatedToolOutput"]) if "updatedToolOutput" in specific else OPEN
    assert specific.get("permissionDecision", "deny") == "deny", "would skip the person's permissions"
    if specific.get("permissionDecision") == "deny":
        return CLOSED if specific.get("permissionDecisionReason") else OPEN
    return Effect("changed", specific["updatedInput"]) if "updatedInput" in specific else OPEN


def _codex(event: str, code: int, out: str, err: str) -> Effect:
    if code == 2:
        return CLOSED if err.strip() and event != "PostToolUse" else OPEN
    answer = _object(out)
    if (
        code
        or answer is None
        or answer.keys() - {"hookSpecificOutput", "decision", "reason", "systemMessage"}
    ):
        return OPEN
    if answer.get("decision") == "block" and answer.get("reason"):
        return Effect("changed", answer["reason"]) if event == "PostToolUse" else CLOSED
    specific = answer.get("hookSpecificOutput", {})
    known = {"hookEventName", "permissionDecision", "permissionDecisionReason", "updatedInput", "decision"}
    if specific.keys() - known:
        return OPEN
    if specific.get("permissionDecision") == "deny" and specific.get("permissionDecisionReason"):
        return CLOSED
    if specific.get("permissionDecision") == "allow" and "updatedInput" in specific:
        return Effect("changed", specific["updatedInput"])
    return OPEN


def _cursor_reader(event: str, code: int, out: str, err: str) -> Effect:
    answer = _object(out)
    if code or answer is None:
        return CLOSED
    if event == "beforeSubmitPrompt":
        return CLOSED if answer.get("continue") is False else OPEN
    if answer.get("permission") == "deny":
        return CLOSED
    return Effect("changed", answer["updated_input"]) if "updated_input" in answer else OPEN


def _copilot_reader(event: str, code: int, out: str, err: str) -> Effect:
    answer = _object(out) or {}
    if event == "preToolUse":
        if code or answer.get("permissionDecision") == "deny":
            return CLOSED
        return Effect("changed", answer["modifiedArgs"]) if "modifiedArgs" in answer else OPEN
    if code:
        return OPEN
    if event != "userPromptTransformed" and answer.get("decision") == "block":
        return CLOSED
    if event == "postToolUse" and "modifiedResult" in answer:
        return Effect("changed", answer["modifiedResult"]["textResultForLlm"])
    key = "modifiedPrompt" if event == "userPromptSubmitted" else "modifiedTransformedPrompt"
    return Effect("changed", answer[key]) if key in answer else OPEN


def _vscode_reader(event: str, code: int, out: str, err: str) -> Effect:
    return (
        _claude(event, code, out, err, blocks_on_failure=False)
        if event != "UserPromptSubmit" or code
        else OPEN
    )


def _gemini(event: str, code: int, out: str, err: str) -> Effect:
    if code >= 2 and (out or err).strip():
        return Effect("changed", err) if event == "AfterTool" else CLOSED
    answer = _object(out)
    if code or answer is None:
        return OPEN
    if answer.get("decision") in ("deny", "block") and answer.get("reason"):
        return Effect("changed", answer["reason"]) if event == "AfterTool" else CLOSED
    specific = answer.get("hookSpecificOutput", {})
    changed = specific.get("tool_input", specific.get("llm_request"))
    return Effect("changed", changed) if changed is not None else OPEN


def _vibe_reader(event: str, code: int, out: str, err: str) -> Effect:
    answer = _object(out)
    if code or answer is None:
        return CLOSED
    if answer.get("decision") == "deny":
        return Effect("changed", answer["reason"]) if event == "post_tool" else CLOSED
    changed = answer.get("hook_specific_output", {}).get("tool_input")
    return Effect("changed", changed) if changed is not None else OPEN


def _opencode_reader(event: str, code: int, out: str, err: str) -> Effect:
    answer = _object(out)
    if code or answer is None or "deny" in answer:
        return CLOSED
    changed = next((answer[name] for name in ("args", "output", "text") if name in answer), None)
    return Effect("changed", changed) if changed is not None else OPEN


def _agy_reader(event: str, code: int, out: str, err: str) -> Effect:
    answer = _object(out)
    assert answer is None or "auto_approve" not in answer
    if answer is not None and answer.get("decision") == "deny":
        return CLOSED
    changed = (answer or {}).get("overwrite")
    return Effect("changed", changed) if changed is not None else OPEN


def _exit_code(event: str, code: int, out: str, err: str) -> Effect:
    return CLOSED if code == 2 and err.strip() else OPEN


def _cline_reader(event: str, code: int, out: str, err: str) -> Effect:
    answer = _object(out)
    if answer is None or answer.get("cancel") is True:
        return CLOSED if answer else OPEN
    changed = answer.get("overrideInput")
    return Effect("changed", {"command": "\n".join(changed["commands"])}) if changed else OPEN


_READERS: dict[str, Callable[[str, int, str, str], Effect]] = {
    "claude-code": _claude,
    "codex": _codex,
    "cursor": _cursor_reader,
    "copilot-cli": _copilot_reader,
    "vscode": _vscode_reader,
    "gemini-cli": _gemini,
    "antigravity": _agy_reader,
    "opencode": _opencode_reader,
    "vibe": _vibe_reader,
    "goose": _exit_code,
    "cline": _cline_reader,
    "kiro": _exit_code,
    "devin": _exit_code,
    "junie": _claude,
}
