"""Antigravity CLI and IDE. Only tools that are about to run ask; an answer never approves for the person."""

from __future__ import annotations

from tokenward.operations.agents.decision import (
    Allow,
    Decision,
    Deny,
    ReplaceOutput,
    RewriteInput,
    RewritePrompt,
)
from tokenward.operations.agents.dialects.dialect import (
    Ability,
    Dialect,
    HookAnswer,
    MalformedPayload,
    Payload,
    answer_json,
    mapping,
    optional,
    text,
    tool_event,
)
from tokenward.operations.agents.event import AgentEvent, EventKind

TOOLS = {
    "run_command": EventKind.SHELL,
    "send_command_input": EventKind.SHELL,
    "view_file": EventKind.READ,
    "write_to_file": EventKind.WRITE,
    "replace_file_content": EventKind.WRITE,
    "multi_replace_file_content": EventKind.WRITE,
    "grep_search": EventKind.SEARCH,
}


def parse(payload: Payload) -> AgentEvent:
    call = payload.get("toolCall")
    if not isinstance(call, dict):
        raise MalformedPayload("toolCall")
    arguments = mapping(call, "args")
    return tool_event("PreToolUse", text(call, "name"), arguments, TOOLS, optional(arguments, "Cwd"))


def render(event: AgentEvent, decision: Decision) -> HookAnswer:
    match decision:
        case Allow():
            return answer_json({"decision": "allow"})
        case RewriteInput(arguments):
            return answer_json({"decision": "allow", "overwrite": dict(arguments)})
        case Deny(for_model):
            return answer_json({"decision": "deny", "reason": for_model})
        case ReplaceOutput() | RewritePrompt():
            return closed(f"{event.name} takes no other text.")


def closed(reason: str) -> HookAnswer:
    """Return the answer that denies a tool, also where only the exit code counts."""
    return answer_json({"decision": "deny", "reason": reason}, 2, reason)


DIALECT = Dialect(
    "antigravity",
    "Antigravity",
    "2026-11",
    "maskflow-agent 0.2.3 adapters/antigravity.py, November 2026; not in the vendor's pages",
    Ability.REWRITE_INPUT,
    (".agents/hooks.json", ".gemini/config/hooks.json", ".gemini/antigravity"),
    parse,
    render,
    closed,
)
