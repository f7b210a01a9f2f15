"""What some agents' hooks need computed, named in their rows: `before` they are read, `after` it, as they `answer`."""

from __future__ import annotations

from dataclasses import replace

from tokenward.operations.agents.dialects.payload import MalformedPayload, Payload
from tokenward.operations.agents.event import AgentEvent, Decision, EventKind, Json, RewriteInput

_COPILOT_NAMES = {
    "PreToolUse": "preToolUse",
    "PostToolUse": "postToolUse",
    "UserPromptSubmit": "userPromptSubmitted",
    "UserPromptTransformed": "userPromptTransformed",
}
_COPILOT_KEYS = {
    "toolResult": "postToolUse",
    "toolName": "preToolUse",
    "transformedPrompt": "userPromptTransformed",
    "prompt": "userPromptSubmitted",
}


def copilot_event(payload: Payload) -> Payload:
    """Name the event in camel case, from what the input holds if it does not say."""
    written = payload.optional(("hook_event_name", "hookEventName"))
    name = written or next((name for key, name in _COPILOT_KEYS.items() if key in payload), "")
    return Payload({**payload, "hook_event_name": _COPILOT_NAMES.get(name, name)})


def copilot_result(event: AgentEvent, _payload: Payload) -> AgentEvent:
    """Leave of a result the text that the model would read; of any other shape, all of it."""
    if event.kind is EventKind.RESULT and event.output is None:
        raise MalformedPayload("toolResult")
    if not isinstance(event.output, dict):
        return event
    words = event.output.get("textResultForLlm", event.output.get("text_result_for_llm"))
    return replace(event, output=words) if isinstance(words, str) else event


def claude_typed(event: AgentEvent, payload: Payload) -> AgentEvent:
    """Tell apart what a person may have typed."""
    if event.kind is not EventKind.PROMPT:
        return event
    return replace(event, is_typed=payload.optional("source") in ("", "user"))


def codex_approval(event: AgentEvent, payload: Payload) -> AgentEvent:
    """Leave an input that the person approves: another one needs an "allow", which would skip the approval."""
    if event.name == "PreToolUse" and payload.optional("permission_mode") != "bypassPermissions":
        return replace(event, can_rewrite=False)
    return event


def gemini_content(event: AgentEvent, _payload: Payload) -> AgentEvent:
    """Leave of a result the text that the model reads, if it reads nothing else."""
    result = event.output if event.kind is EventKind.RESULT else None
    if isinstance(result, dict) and isinstance(result.get("llmContent"), str) and "error" not in result:
        return replace(event, output=result["llmContent"])
    return event


def vibe_output(event: AgentEvent, payload: Payload) -> AgentEvent:
    """Return a result with its texts alone: what replaces it replaces the text of a failure too."""
    if event.kind is not EventKind.RESULT:
        return event
    words = [str(payload[one]) for one in ("tool_output_text", "tool_error") if payload.get(one)]
    return replace(event, output="\n".join(words) or event.output or "")


def goose_view(event: AgentEvent, _payload: Payload) -> AgentEvent:
    """Tell apart the command of the editor's tool that only reads."""
    is_view = event.tool == "text_editor" and event.arguments.get("command") == "view"
    return replace(event, kind=EventKind.READ) if is_view else event


def kiro_small_letters(payload: Payload) -> Payload:
    """Name the event in small letters."""
    return Payload({**payload, "hook_event_name": payload.text(("hook_event_name", "trigger")).casefold()})


def cline_input(payload: Payload) -> Payload:
    """Name the first folder, and make one of the commands that Cline's program runs side by side."""
    roots = payload.get("workspaceRoots")
    folder = next((one for one in roots if isinstance(one, str)), "") if isinstance(roots, list) else ""
    changed = Payload({**payload, "cwd": folder})
    if payload.get("hookName") == "tool_call":
        arguments = payload.object("tool_call.input")
        changed["tool_call"] = {**payload.object("tool_call"), "input": _one_command(arguments)}
    return changed


def _one_command(arguments: Payload) -> dict[str, Json]:
    commands = arguments.get("commands")
    if not isinstance(commands, list):
        return arguments
    if not all(isinstance(one, str) for one in commands):
        raise MalformedPayload("commands")
    rest = {key: value for key, value in arguments.items() if key != "commands"}
    return {**rest, "command": "\n".join(map(str, commands))}


def cline_commands(event: AgentEvent, decision: Decision) -> Decision:
    """Put a changed command into the list in which Cline's program keeps several."""
    if isinstance(decision, RewriteInput) and event.tool == "run_commands":
        return RewriteInput({"commands": [decision.arguments["command"]]})
    return decision
