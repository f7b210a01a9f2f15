"""Cline. In VS Code its hooks can only cancel, so commands have to be given masked; its program takes another input.

The program runs the same scripts, names its events otherwise, and ends its work at a denial.
"""

from __future__ import annotations

from tokenward.operations.agents.decision import Decision, RewriteInput
from tokenward.operations.agents.dialects.dialect import Ability, Dialect, HookAnswer, answer_json, answering
from tokenward.operations.agents.dialects.payload import MalformedPayload, Payload, tool_event, tools
from tokenward.operations.agents.event import AgentEvent, EventKind, Json

TOOLS = tools(
    shells="execute_command run_commands",
    reads="read_file read_files",
    writes="editor write_to_file replace_in_file apply_patch",
    searches="search_files search_codebase",
)
_NAMES = {"tool_call": "PreToolUse", "tool_result": "PostToolUse", "prompt_submit": "UserPromptSubmit"}
"""The program's own names of events."""
_NOTICES = frozenset(
    {"TaskStart", "TaskResume", "TaskCancel", "TaskComplete", "PreCompact", "Notification"}
    | {"agent_start", "agent_resume", "agent_abort", "agent_end", "agent_error", "session_shutdown"}
)


def parse(payload: Payload) -> AgentEvent:
    """Return the event that Cline's payload describes; MalformedPayload if it describes none."""
    written = payload.text("hookName")
    name = _NAMES.get(written, written)
    roots = payload.get("workspaceRoots")
    folder = next((one for one in roots if isinstance(one, str)), "") if isinstance(roots, list) else ""
    match name:
        case "PreToolUse" if written == name:
            call = payload.object("preToolUse")
            tool, arguments = call.text("toolName", "tool"), call.object("parameters")
            return tool_event(name, tool, arguments, TOOLS, folder, can_rewrite=False)
        case "PreToolUse":
            call = payload.object("tool_call")
            return tool_event(name, call.text("name"), _one_command(call.object("input")), TOOLS, folder)
        case "PostToolUse":
            call = payload.object("postToolUse")
            tool, output = call.text("toolName", "tool"), call.get("result")
            return AgentEvent(EventKind.RESULT, name, tool, folder, output=output)
        case "UserPromptSubmit":
            prompt = payload.object("userPromptSubmit").text("prompt")
            return AgentEvent(EventKind.PROMPT, name, folder=folder, prompt=prompt)
        case _ if name in _NOTICES:
            return AgentEvent(EventKind.NOTICE, name)
    raise MalformedPayload("hookName")


def render(event: AgentEvent, decision: Decision) -> HookAnswer:
    """Return the answer to a decision, with a changed command in the list in which Cline keeps several."""
    if isinstance(decision, RewriteInput) and event.tool == "run_commands":
        decision = RewriteInput({"commands": [decision.arguments["command"]]})
    return _RENDER(event, decision)


def _one_command(arguments: dict[str, Json]) -> dict[str, Json]:
    """Return the input of a tool with its commands, which Cline runs side by side, as one."""
    commands = arguments.get("commands")
    if not isinstance(commands, list):
        return arguments
    if not all(isinstance(one, str) for one in commands):
        raise MalformedPayload("commands")
    rest = {key: value for key, value in arguments.items() if key != "commands"}
    return {**rest, "command": "\n".join(map(str, commands))}


def closed(reason: str) -> HookAnswer:
    """Return the answer that cancels."""
    return answer_json({"cancel": True, "errorMessage": reason})


_RENDER = answering(
    closed,
    allow={"": {"cancel": False}},
    rewrite={"": {"cancel": False, "overrideInput": "<input>"}},
)
DIALECT = Dialect(
    "cline",
    "Cline",
    "3.0.65",
    "cline 3.0.65, run; cline/cline hook-factory.ts, November 2026",
    Ability.REWRITE_INPUT | Ability.STOP_RESULT,
    (".clinerules/hooks", "Cline/Hooks", "Cline/Rules", ".cline"),
    parse,
    render,
    closed,
)
