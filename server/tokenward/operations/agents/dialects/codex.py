"""Codex CLI. Its schema is strict: one unknown key makes an answer count as none, and none lets everything through."""

from __future__ import annotations

from tokenward.operations.agents.dialects.dialect import (
    Ability,
    Dialect,
    MalformedPayload,
    Payload,
    answering,
    exit_two,
    mapping,
    optional,
    result_event,
    specific,
    text,
    tool_event,
)
from tokenward.operations.agents.event import AgentEvent, EventKind

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
    """Return the event that Codex's payload describes; MalformedPayload if it describes none."""
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


DIALECT = Dialect(
    "codex",
    "Codex",
    "0.169.0",
    "schemas in codex 0.169.0, developers.openai.com/codex/hooks, November 2026",
    Ability.REWRITE_INPUT | Ability.REPLACE_OUTPUT | Ability.REPLACE_MCP_OUTPUT | Ability.COMPARE_WORDS,
    (".codex/hooks.json", ".codex/config.toml", ".codex/requirements.toml", ".codex/plugins"),
    parse,
    answering(
        deny={
            "PreToolUse": specific(permissionDecision="deny", permissionDecisionReason="<reason>"),
            "PermissionRequest": specific(decision={"behavior": "deny", "message": "<reason>"}),
            "prompt": {"decision": "block", "reason": "<message>"},
        },
        rewrite={"": specific(permissionDecision="allow", updatedInput="<input>")},
        replace={"": {"decision": "block", "reason": "<text>"}},
    ),
    exit_two,
)
