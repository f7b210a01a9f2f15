"""Claude Code's settings hooks.

With `"onFailure": "block"` every failure of the hook's process denies, from 2.1.295 on. The text of a tool that failed
cannot be replaced, so commands run masked, and a token in another tool's text is reported.
"""

from __future__ import annotations

from tokenward.operations.agents.decision import (
    Allow,
    Decision,
    Deny,
    ReplaceOutput,
    RewriteInput,
    RewritePrompt,
)
from tokenward.operations.agents.dialects.dialect import (
    Ability,
    Dialect,
    HookAnswer,
    MalformedPayload,
    Payload,
    answer_json,
    exit_two,
    mapping,
    optional,
    result_event,
    text,
    tool_event,
)
from tokenward.operations.agents.event import AgentEvent, EventKind, Json

TOOLS = {
    "Bash": EventKind.SHELL,
    "PowerShell": EventKind.SHELL,
    "Monitor": EventKind.SHELL,
    "Read": EventKind.READ,
    "NotebookRead": EventKind.READ,
    "Write": EventKind.WRITE,
    "Edit": EventKind.WRITE,
    "MultiEdit": EventKind.WRITE,
    "NotebookEdit": EventKind.WRITE,
    "Grep": EventKind.SEARCH,
    "Glob": EventKind.SEARCH,
}
_READ = "The text of this failed tool holds a token of the person's. Do not repeat, store or send it."
_TO_REVOKE = (
    "The text of a failed tool held a token, and Claude Code lets no hook hide it from the model. `tokenward ledger "
    "show --agents` says which; replace and revoke it."
)
_NOTICES = frozenset(
    {"SessionStart", "SessionEnd", "Setup", "Stop", "StopFailure", "SubagentStart", "SubagentStop"}
    | {"PreCompact", "PostCompact", "Notification", "InstructionsLoaded", "CwdChanged", "FileChanged"}
    | {"PermissionDenied", "PostToolBatch", "MessageDisplay", "DirectoryAdded", "WorktreeRemove"}
    | {"TaskCompleted", "TeammateIdle", "PreModelSwitch", "PostModelSwitch"}
)


def parse(payload: Payload) -> AgentEvent:
    name, folder = text(payload, "hook_event_name"), optional(payload, "cwd")
    match name:
        case "PreToolUse" | "PermissionRequest":
            tool, arguments = text(payload, "tool_name"), mapping(payload, "tool_input")
            return tool_event(name, tool, arguments, TOOLS, folder, can_rewrite=name == "PreToolUse")
        case "PreSkillShellCommand":
            arguments = {"command": text(payload, "command")}
            return AgentEvent(EventKind.SHELL, name, "Bash", folder, arguments=arguments, can_rewrite=False)
        case "PostToolUse":
            arguments = mapping(payload, "tool_input")
            output = _present(payload, "tool_response")
            return result_event(name, text(payload, "tool_name"), output, folder, arguments=arguments)
        case "PostToolUseFailure":
            output = optional(payload, "error")
            return AgentEvent(EventKind.FAILURE, name, text(payload, "tool_name"), folder, output=output)
        case "UserPromptSubmit" | "UserPromptExpansion":
            return AgentEvent(EventKind.PROMPT, name, folder=folder, prompt=text(payload, "prompt"))
        case "ConfigChange":
            path = optional(payload, "file_path")
            return AgentEvent(EventKind.CONFIGURATION, name, folder=folder, arguments={"file_path": path})
        case _ if name in _NOTICES:
            return AgentEvent(EventKind.NOTICE, name)
    raise MalformedPayload("hook_event_name")


def render(event: AgentEvent, decision: Decision) -> HookAnswer:
    specific: dict[str, Json] = {"hookEventName": event.name}
    match decision:
        case Allow():
            # An answer without a change would undo another hook's.
            return HookAnswer()
        case RewriteInput(arguments):
            # Without a decision, so that the person's own rules still count.
            return answer_json({"hookSpecificOutput": {**specific, "updatedInput": dict(arguments)}})
        case ReplaceOutput(was_read=True):
            told: Json = {**specific, "additionalContext": _READ}
            return answer_json({"systemMessage": _TO_REVOKE, "hookSpecificOutput": told})
        case ReplaceOutput(output):
            return answer_json({"hookSpecificOutput": {**specific, "updatedToolOutput": output}})
        case Deny(for_model, for_person) if event.name == "PreToolUse":
            denied: dict[str, Json] = {
                **specific,
                "permissionDecision": "deny",
                "permissionDecisionReason": for_model,
            }
            return answer_json({"hookSpecificOutput": denied, "systemMessage": for_person})
        case Deny(for_model, for_person) if event.name == "PermissionRequest":
            ruling: Json = {"behavior": "deny", "message": for_model}
            return answer_json({"hookSpecificOutput": {**specific, "decision": ruling}})
        case Deny(for_model, for_person) if event.kind is EventKind.PROMPT:
            # Otherwise the client repeats the prompt, with the token.
            hidden: dict[str, Json] = {**specific, "suppressOriginalPrompt": True}
            return answer_json({"decision": "block", "reason": for_person, "hookSpecificOutput": hidden})
        case Deny(for_model, for_person) if event.kind is EventKind.CONFIGURATION:
            return answer_json({"decision": "block", "reason": for_person})
        case Deny(for_model):
            return exit_two(for_model)
        case RewritePrompt():
            return exit_two("This agent takes no other prompt.")


def _present(payload: Payload, name: str) -> Json:
    if name not in payload:
        raise MalformedPayload(name)
    return payload[name]


DIALECT = Dialect(
    "claude-code",
    "Claude Code",
    "2.1.332",
    "claude-agent-sdk 0.3.332 sdk.d.ts, claude-code 2.1.332, November 2026",
    Ability.REWRITE_INPUT | Ability.REPLACE_OUTPUT | Ability.REPLACE_MCP_OUTPUT | Ability.REPORT_FAILURE,
    (
        ".claude/settings.json",
        ".claude/settings.local.json",
        ".claude/hooks",
        ".claude/plugins",
        ".claude.json",
    ),
    parse,
    render,
    exit_two,
)
