"""The local agent of VS Code. Its hooks cannot replace a result, so commands run masked and searches are denied."""

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
    "run_in_terminal": EventKind.SHELL,
    "runInTerminal": EventKind.SHELL,
    "send_to_terminal": EventKind.SHELL,
    "read_file": EventKind.READ,
    "create_file": EventKind.WRITE,
    "insert_edit_into_file": EventKind.WRITE,
    "replace_string_in_file": EventKind.WRITE,
    "multi_replace_string_in_file": EventKind.WRITE,
    "apply_patch": EventKind.WRITE,
    "edit_notebook_file": EventKind.WRITE,
    "grep_search": EventKind.SEARCH,
    "semantic_search": EventKind.SEARCH,
}
_NOTICES = frozenset({"SessionStart", "PreCompact", "SubagentStart", "SubagentStop", "Stop"})


def parse(payload: Payload) -> AgentEvent:
    """Return the event that VS Code's payload describes; MalformedPayload if it describes none."""
    name, folder = text(payload, "hookEventName", "hook_event_name"), optional(payload, "cwd")
    match name:
        case "PreToolUse":
            tool, arguments = text(payload, "tool_name"), mapping(payload, "tool_input")
            return tool_event(name, tool, arguments, TOOLS, folder)
        case "PostToolUse":
            tool, arguments = text(payload, "tool_name"), mapping(payload, "tool_input")
            return result_event(name, tool, payload.get("tool_response"), folder, arguments=arguments)
        case "UserPromptSubmit":
            return AgentEvent(EventKind.PROMPT, name, folder=folder, prompt=text(payload, "prompt"))
        case _ if name in _NOTICES:
            return AgentEvent(EventKind.NOTICE, name)
    raise MalformedPayload("hookEventName")


DIALECT = Dialect(
    "vscode",
    "VS Code",
    "1.109",
    "microsoft/vscode-docs docs/agents/reference/hooks-reference.md, November 2026",
    Ability.REWRITE_INPUT,
    (".github/hooks", ".copilot/hooks", ".vscode/settings.json", "User/settings.json"),
    parse,
    answering(
        deny={
            "PreToolUse": {
                **specific(permissionDecision="deny", permissionDecisionReason="<reason>"),
                "systemMessage": "<message>",
            }
        },
        # Without a decision: "allow" would skip the person's confirmation.
        rewrite={"": specific(updatedInput="<input>")},
    ),
    exit_two,
)
