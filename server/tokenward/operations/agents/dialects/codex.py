"""Codex CLI. Its schema is strict: one unknown key makes an answer count as none, and none lets everything through."""

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
    denial,
    exit_two,
    mapping,
    optional,
    output_text,
    result_event,
    text,
    tool_event,
)
from tokenward.operations.agents.event import AgentEvent, EventKind, Json

TOOLS = {
    "Bash": EventKind.SHELL,
    "shell": EventKind.SHELL,
    "exec_command": EventKind.SHELL,
    "write_stdin": EventKind.SHELL,
    "apply_patch": EventKind.WRITE,
    "view_image": EventKind.READ,
}
_NOTICES = frozenset(
    {
        "SessionStart",
        "SessionEnd",
        "SubagentStart",
        "SubagentStop",
        "PreCompact",
        "PostCompact",
        "Stop",
        "Interrupt",
    }
)


def parse(payload: Payload) -> AgentEvent:
    name, folder = text(payload, "hook_event_name"), optional(payload, "cwd")
    match name:
        case "PreToolUse" | "PermissionRequest":
            tool, arguments = text(payload, "tool_name"), mapping(payload, "tool_input")
            # Another input needs an "allow", which would skip the person's approval.
            asks = optional(payload, "permission_mode") != "bypassPermissions"
            can_rewrite = name == "PreToolUse" and not asks
            return tool_event(name, tool, arguments, TOOLS, folder, can_rewrite=can_rewrite)
        case "PostToolUse":
            arguments = mapping(payload, "tool_input")
            if "tool_response" not in payload:
                raise MalformedPayload("tool_response")
            output = payload["tool_response"]
            return result_event(name, text(payload, "tool_name"), output, folder, arguments=arguments)
        case "UserPromptSubmit":
            return AgentEvent(EventKind.PROMPT, name, folder=folder, prompt=text(payload, "prompt"))
        case _ if name in _NOTICES:
            return AgentEvent(EventKind.NOTICE, name)
    raise MalformedPayload("hook_event_name")


def render(event: AgentEvent, decision: Decision) -> HookAnswer:
    specific: dict[str, Json] = {"hookEventName": event.name}
    match decision:
        case Allow():
            return HookAnswer()
        case RewriteInput(arguments):
            changed: dict[str, Json] = {
                **specific,
                "permissionDecision": "allow",
                "updatedInput": dict(arguments),
            }
            return answer_json({"hookSpecificOutput": changed})
        case ReplaceOutput():
            return answer_json({"decision": "block", "reason": output_text(decision) or "No output."})
        case Deny() if event.name == "PreToolUse":
            reason = denial(event, decision).for_model
            denied: dict[str, Json] = {
                **specific,
                "permissionDecision": "deny",
                "permissionDecisionReason": reason,
            }
            return answer_json({"hookSpecificOutput": denied})
        case Deny() if event.name == "PermissionRequest":
            ruling: Json = {"behavior": "deny", "message": denial(event, decision).for_model}
            return answer_json({"hookSpecificOutput": {**specific, "decision": ruling}})
        case Deny(_, for_person) if event.kind is EventKind.PROMPT:
            return answer_json({"decision": "block", "reason": for_person})
        case Deny():
            return exit_two(denial(event, decision).for_model)
        case RewritePrompt():
            return exit_two("This agent takes no other prompt.")


DIALECT = Dialect(
    "codex",
    "Codex",
    "0.169.0",
    "schemas in codex 0.169.0, developers.openai.com/codex/hooks, November 2026",
    Ability.REWRITE_INPUT | Ability.REPLACE_OUTPUT | Ability.REPLACE_MCP_OUTPUT,
    (".codex/hooks.json", ".codex/config.toml", ".codex/requirements.toml", ".codex/plugins"),
    parse,
    render,
    exit_two,
)
