"""Goose. Only `PreToolUse` can deny, and nothing can be changed, so commands have to be given masked."""

from __future__ import annotations

from tokenward.operations.agents.dialects.dialect import Ability, Dialect, answering, exit_two
from tokenward.operations.agents.dialects.payload import (
    MalformedPayload,
    Payload,
    mapping,
    optional,
    text,
    tool_event,
    tools,
)
from tokenward.operations.agents.event import AgentEvent, EventKind

TOOLS = tools(
    shells="shell",
    reads="read view",
    writes="text_editor write edit",
)
_NOTICES = frozenset({"PostToolUse", "UserPromptSubmit", "SessionStart", "SessionEnd", "Stop"})


def parse(payload: Payload) -> AgentEvent:
    """Return the event that Goose's payload describes; MalformedPayload if it describes none."""
    name, folder = text(payload, "event", "hook_event_name"), optional(payload, "working_dir", "cwd")
    if name == "PreToolUse":
        tool = text(payload, "tool_name").rpartition("__")[2]
        arguments = mapping(payload, "tool_input")
        if tool == "text_editor" and arguments.get("command") == "view":
            return AgentEvent(EventKind.READ, name, tool, folder, arguments=arguments)
        return tool_event(name, tool, arguments, TOOLS, folder)
    if name in _NOTICES:
        return AgentEvent(EventKind.NOTICE, name)
    raise MalformedPayload("event")


DIALECT = Dialect(
    "goose",
    "Goose",
    "0825b57",
    "block/goose hooks.md, November 2026",
    Ability.NONE,
    (".agents/plugins", ".config/goose/config.yaml", "goose/config/config.yaml"),
    parse,
    answering(),
    exit_two,
)
