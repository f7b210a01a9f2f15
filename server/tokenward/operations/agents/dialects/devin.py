"""Devin Desktop, formerly Windsurf. Exit code 2 denies and every other code lets through."""

from __future__ import annotations

from tokenward.operations.agents.dialects.dialect import Ability, Dialect, answering
from tokenward.operations.agents.dialects.payload import MalformedPayload, Payload
from tokenward.operations.agents.event import AgentEvent, EventKind

_KINDS = {
    "pre_run_command": EventKind.SHELL,
    "pre_read_code": EventKind.READ,
    "pre_write_code": EventKind.WRITE,
    "pre_mcp_tool_use": EventKind.CALL,
}
_NOTICES = frozenset(
    {"post_read_code", "post_write_code", "post_run_command", "post_mcp_tool_use", "post_cascade_response"}
    | {"post_cascade_response_with_transcript", "post_setup_worktree"}
)


def parse(payload: Payload) -> AgentEvent:
    """Return the event that Devin's payload describes; MalformedPayload if it describes none."""
    name = payload.text("agent_action_name")
    if name in _NOTICES:
        return AgentEvent(EventKind.NOTICE, name)
    details = payload.object("tool_info")
    folder = details.optional("cwd")
    if name == "pre_user_prompt":
        return AgentEvent(EventKind.PROMPT, name, folder=folder, prompt=details.text("user_prompt"))
    if name not in _KINDS:
        raise MalformedPayload("agent_action_name")
    needed = {EventKind.SHELL: ("command_line",), EventKind.CALL: ("mcp_tool_name",)}
    tool = details.text(*needed.get(_KINDS[name], ("file_path",)))
    return AgentEvent(
        _KINDS[name], name, tool if name == "pre_mcp_tool_use" else name, folder, arguments=details
    )


DIALECT = Dialect(
    "devin",
    "Devin Desktop",
    "2026-11",
    "docs.windsurf.com/windsurf/cascade/hooks.md, November 2026",
    Ability.NONE,
    (".devin/hooks.json", ".devin/hooks.v1.json", ".windsurf/hooks.json", "windsurf/hooks.json"),
    parse,
    answering(),
)
