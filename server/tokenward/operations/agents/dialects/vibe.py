"""Mistral Vibe. With `strict = true` a failed hook denies, and a failed `post_tool` blanks the result."""

from __future__ import annotations

from tokenward.operations.agents.dialects.dialect import Ability, Dialect, answering, exit_two
from tokenward.operations.agents.dialects.payload import (
    MalformedPayload,
    Payload,
    mapping,
    optional,
    result_event,
    text,
    tool_event,
    tools,
)
from tokenward.operations.agents.event import AgentEvent, EventKind, Json

TOOLS = tools(
    shells="bash process_start process_write",
    reads="read_file read",
    writes="write_file search_replace edit",
    searches="grep",
)


def parse(payload: Payload) -> AgentEvent:
    """Return the event that Vibe's payload describes; MalformedPayload if it describes none."""
    name, folder = text(payload, "hook_event_name"), optional(payload, "cwd")
    match name:
        case "pre_tool":
            tool = text(payload, "tool_name").rpartition(".")[2]
            return tool_event(name, tool, mapping(payload, "tool_input"), TOOLS, folder)
        case "post_tool":
            # The text replaces all of it, so the text of a failure is replaced too.
            parts = (payload.get(one) for one in ("tool_output_text", "tool_error"))
            words: Json = "\n".join(str(one) for one in parts if one)
            if not words and payload.get("tool_output") is not None:
                words = payload["tool_output"]
            tool = text(payload, "tool_name").rpartition(".")[2]
            return result_event(name, tool, words, folder, arguments=mapping(payload, "tool_input"))
        case "post_agent":
            return AgentEvent(EventKind.NOTICE, name)
    raise MalformedPayload("hook_event_name")


DIALECT = Dialect(
    "vibe",
    "Mistral Vibe",
    "3.0.3",
    "mistral-vibe 3.0.3 vibe/core/hooks/models.py, November 2026",
    Ability.REWRITE_INPUT | Ability.REPLACE_OUTPUT | Ability.REPLACE_FAILURE | Ability.REPLACE_MCP_OUTPUT,
    (".vibe/hooks.toml", ".vibe/config.toml", ".vibe/plugins"),
    parse,
    answering(
        allow={"": {}},
        deny={"": {"decision": "deny", "reason": "<reason>"}},
        rewrite={"": {"hook_specific_output": {"tool_input": "<input>"}}},
        replace={"": {"decision": "deny", "reason": "<text>"}},
    ),
    exit_two,
)
