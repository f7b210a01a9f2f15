"""Antigravity CLI and IDE. Only tools that are about to run ask; an answer never approves for the person."""

from __future__ import annotations

from tokenward.operations.agents.dialects.dialect import Ability, Dialect, HookAnswer, answer_json, answering
from tokenward.operations.agents.dialects.payload import Payload, tool_event, tools
from tokenward.operations.agents.event import AgentEvent

TOOLS = tools(
    shells="run_command send_command_input",
    reads="view_file",
    writes="write_to_file replace_file_content multi_replace_file_content",
    searches="grep_search",
)


def parse(payload: Payload) -> AgentEvent:
    """Return the event that Antigravity's payload describes; MalformedPayload if it describes none."""
    call = payload.object("toolCall")
    arguments = call.object("args")
    return tool_event("PreToolUse", call.text("name"), arguments, TOOLS, arguments.optional("Cwd"))


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
    answering(
        closed,
        allow={"": {"decision": "allow"}},
        deny={"": {"decision": "deny", "reason": "<reason>"}},
        rewrite={"": {"decision": "allow", "overwrite": "<input>"}},
    ),
    closed,
)
