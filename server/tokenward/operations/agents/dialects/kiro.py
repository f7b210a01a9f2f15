"""Kiro and Amazon Q. Exit code 2 denies a tool that is about to run; nothing else has an effect."""

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
    shells="execute_bash execute_cmd shell",
    reads="fs_read read",
    writes="fs_write write",
    searches="grep glob",
)
_NOTICES = frozenset({"agentspawn", "stop", "sessionstart", "sessionend", "posttooluse", "userpromptsubmit"})


def parse(payload: Payload) -> AgentEvent:
    """Return the event that Kiro's payload describes; MalformedPayload if it describes none."""
    name, folder = text(payload, "hook_event_name", "trigger"), optional(payload, "cwd")
    match name.casefold():
        case "pretooluse":
            tool, arguments = text(payload, "tool_name"), mapping(payload, "tool_input")
            event = tool_event(name, tool, arguments, TOOLS, folder)
            if event.kind is EventKind.CALL and tool in ("fs_write", "write"):
                return AgentEvent(EventKind.WRITE, name, tool, folder, arguments=arguments)
            return event
        case known if known in _NOTICES:
            return AgentEvent(EventKind.NOTICE, name)
    raise MalformedPayload("hook_event_name")


DIALECT = Dialect(
    "kiro",
    "Kiro",
    "3",
    "kiro.dev/docs, aws/amazon-q-developer-cli docs/hooks.md, November 2026",
    Ability.NONE,
    (".kiro/hooks", ".kiro/settings", ".aws/amazonq", ".amazonq/cli-agents"),
    parse,
    answering(),
    exit_two,
)
