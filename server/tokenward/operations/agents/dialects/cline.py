"""Cline in VS Code. Its hooks can cancel, and change nothing, so commands have to be given masked."""

from __future__ import annotations

from tokenward.operations.agents.dialects.dialect import (
    Ability,
    Dialect,
    HookAnswer,
    MalformedPayload,
    Payload,
    answer_json,
    answering,
    mapping,
    result_event,
    text,
    tool_event,
)
from tokenward.operations.agents.event import AgentEvent, EventKind

TOOLS = {
    "execute_command": EventKind.SHELL,
    "read_file": EventKind.READ,
    "write_to_file": EventKind.WRITE,
    "replace_in_file": EventKind.WRITE,
    "apply_patch": EventKind.WRITE,
    "search_files": EventKind.SEARCH,
}
_NOTICES = frozenset({"TaskStart", "TaskResume", "TaskCancel", "TaskComplete", "PreCompact", "Notification"})


def parse(payload: Payload) -> AgentEvent:
    name = text(payload, "hookName")
    roots = payload.get("workspaceRoots")
    folder = next((one for one in roots if isinstance(one, str)), "") if isinstance(roots, list) else ""
    match name:
        case "PreToolUse":
            call = mapping(payload, "preToolUse")
            return tool_event(
                name, text(call, "toolName", "tool"), mapping(call, "parameters"), TOOLS, folder
            )
        case "PostToolUse":
            call = mapping(payload, "postToolUse")
            tool = text(call, "toolName", "tool")
            return result_event(name, tool, call.get("result"), folder, arguments={})
        case "UserPromptSubmit":
            prompt = text(mapping(payload, "userPromptSubmit"), "prompt")
            return AgentEvent(EventKind.PROMPT, name, folder=folder, prompt=prompt)
        case _ if name in _NOTICES:
            return AgentEvent(EventKind.NOTICE, name)
    raise MalformedPayload("hookName")


def closed(reason: str) -> HookAnswer:
    """Return the answer that cancels."""
    return answer_json({"cancel": True, "errorMessage": reason})


DIALECT = Dialect(
    "cline",
    "Cline",
    "3.0.65",
    "cline 3.0.65, cline/cline hook-factory.ts, November 2026",
    Ability.NONE,
    (".clinerules/hooks", "Cline/Hooks", "Cline/Rules", ".cline"),
    parse,
    answering(
        closed,
        allow={"": {"cancel": False}},
    ),
    closed,
)
