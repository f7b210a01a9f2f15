"""Gemini CLI. `BeforeModel` sees and may change all that is sent, failed tools' texts too."""

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
from tokenward.operations.agents.event import AgentEvent, EventKind, Json

TOOLS = {
    "run_shell_command": EventKind.SHELL,
    "read_file": EventKind.READ,
    "read_many_files": EventKind.READ,
    "write_file": EventKind.WRITE,
    "replace": EventKind.WRITE,
    "search_file_content": EventKind.SEARCH,
    "grep_search": EventKind.SEARCH,
    "glob": EventKind.SEARCH,
}
_NOTICES = frozenset(
    {
        "SessionStart",
        "SessionEnd",
        "AfterAgent",
        "AfterModel",
        "BeforeToolSelection",
        "PreCompress",
        "Notification",
    }
)


def parse(payload: Payload) -> AgentEvent:
    """Return the event that Gemini CLI's payload describes; MalformedPayload if it describes none."""
    name, folder = text(payload, "hook_event_name"), optional(payload, "cwd")
    match name:
        case "BeforeTool":
            tool, arguments = text(payload, "tool_name"), mapping(payload, "tool_input")
            return tool_event(name, tool, arguments, TOOLS, folder)
        case "AfterTool":
            tool, arguments = text(payload, "tool_name"), mapping(payload, "tool_input")
            if "tool_response" not in payload:
                raise MalformedPayload("tool_response")
            return result_event(name, tool, _for_model(payload["tool_response"]), folder, arguments=arguments)
        case "BeforeModel":
            request: Json = mapping(payload, "llm_request")
            return AgentEvent(EventKind.RESULT, name, folder=folder, output=request)
        case "BeforeAgent":
            return AgentEvent(EventKind.PROMPT, name, folder=folder, prompt=text(payload, "prompt"))
        case _ if name in _NOTICES:
            return AgentEvent(EventKind.NOTICE, name)
    raise MalformedPayload("hook_event_name")


def _for_model(response: Json) -> Json:
    """Return the part of a result that the model reads; of any other shape, all of it."""
    if isinstance(response, dict) and isinstance(response.get("llmContent"), str) and "error" not in response:
        return response["llmContent"]
    return response


DIALECT = Dialect(
    "gemini-cli",
    "Gemini CLI",
    "0.61.0",
    "gemini-cli-core 0.61.0 dist/src/hooks, November 2026",
    Ability.REWRITE_INPUT | Ability.REPLACE_OUTPUT | Ability.REPLACE_MCP_OUTPUT,
    (".gemini/settings.json", ".gemini/trusted_hooks.json", ".gemini/extensions", ".gemini/policies"),
    parse,
    answering(
        allow={"": {}},
        deny={
            "prompt": {"decision": "deny", "reason": "<message>", "systemMessage": "<message>"},
            "": {"decision": "deny", "reason": "<reason>", "systemMessage": "<message>"},
        },
        rewrite={"": specific(tool_input="<input>")},
        replace={
            "BeforeModel": specific(llm_request="<output>"),
            "": {"decision": "deny", "reason": "<text>"},
        },
    ),
    exit_two,
)
