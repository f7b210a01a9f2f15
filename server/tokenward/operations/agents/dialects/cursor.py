"""Cursor. With `"failClosed": true` silence denies, so every event is answered."""

from __future__ import annotations

from tokenward.operations.agents.dialects.dialect import Ability, Dialect, HookAnswer, answer_json, answering
from tokenward.operations.agents.dialects.payload import Payload, PayloadGrammar, tools
from tokenward.operations.agents.event import AgentEvent, EventKind, Json

GRAMMAR = PayloadGrammar(
    tools(
        shells="Shell WriteShellStdin",
        reads="Read",
        writes="Write StrReplace Edit EditNotebook Delete",
        searches="Grep SemanticSearch",
    ),
    notices=(
        "sessionStart sessionEnd subagentStart subagentStop stop preCompact workspaceOpen afterAgentResponse "
        "afterAgentThought afterFileEdit afterTabFileEdit afterShellExecution afterMCPExecution"
    ),
    before="preToolUse",
    after="postToolUse",
    prompt="beforeSubmitPrompt",
    result="tool_output",
    may_lack_result=True,
)


def parse(payload: Payload) -> AgentEvent:
    """Return the event that Cursor's payload describes; MalformedPayload if it describes none."""
    name, folder = payload.text("hook_event_name"), payload.optional("cwd")
    match name:
        case "beforeShellExecution":
            command: dict[str, Json] = {"command": payload.text("command")}
            return AgentEvent(EventKind.SHELL, name, "Shell", folder, arguments=command, can_rewrite=False)
        case "beforeMCPExecution":
            arguments = payload.object("tool_input")
            tool = payload.text("tool_name")
            return AgentEvent(EventKind.CALL, name, tool, folder, arguments=arguments, can_rewrite=False)
        case "beforeReadFile" | "beforeTabFileRead":
            read: dict[str, Json] = {
                "file_path": payload.text("file_path"),
                "content": payload.text("content"),
            }
            return AgentEvent(EventKind.READ, name, "Read", folder, arguments=read, can_rewrite=False)
        case "postToolUseFailure":
            return AgentEvent(EventKind.FAILURE, name, payload.optional("tool_name"), folder)
    return GRAMMAR.parse(payload)


def closed(reason: str) -> HookAnswer:
    """Return the answer that denies a prompt, a tool and a file."""
    return answer_json(
        {"permission": "deny", "continue": False, "user_message": reason, "agent_message": reason}
    )


DIALECT = Dialect(
    "cursor",
    "Cursor",
    "3.21",
    "@cursor/sdk 1.0.32, November 2026",
    Ability.REWRITE_INPUT | Ability.REPLACE_MCP_OUTPUT,
    (".cursor/hooks.json", ".cursor/hooks", ".cursor/sandbox.json", "Cursor/hooks.json", "cursor/hooks.json"),
    parse,
    answering(
        closed,
        allow={
            "prompt": {"continue": True},
            "notice": {},
            "result": {},
            "failure": {},
            "": {"permission": "allow"},
        },
        deny={
            "prompt": {"continue": False, "user_message": "<message>"},
            "": {"permission": "deny", "user_message": "<message>", "agent_message": "<reason>"},
        },
        rewrite={"": {"permission": "allow", "updated_input": "<input>"}},
        replace={"": {"updated_mcp_tool_output": "<output>"}},
    ),
    closed,
)
