"""Claude Code's settings hooks.

With `"onFailure": "block"` every failure of the hook's process denies, from 2.1.295 on. The text of a tool that failed
cannot be replaced, so commands run masked, and a token in another tool's text is reported.
"""

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
    """Return the event that Claude Code's payload describes; MalformedPayload if it describes none."""
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
            is_typed = optional(payload, "source") in ("", "user")
            prompt = text(payload, "prompt")
            return AgentEvent(EventKind.PROMPT, name, folder=folder, prompt=prompt, is_typed=is_typed)
        case "ConfigChange":
            path = optional(payload, "file_path")
            return AgentEvent(EventKind.CONFIGURATION, name, folder=folder, arguments={"file_path": path})
        case _ if name in _NOTICES:
            return AgentEvent(EventKind.NOTICE, name)
    raise MalformedPayload("hook_event_name")


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
    answering(
        # By silence: an answer without a change would undo another hook's.
        deny={
            "PreToolUse": {
                **specific(permissionDecision="deny", permissionDecisionReason="<reason>"),
                "systemMessage": "<message>",
            },
            "PermissionRequest": specific(decision={"behavior": "deny", "message": "<reason>"}),
            # Otherwise the client repeats the prompt, with the token.
            "prompt": {
                "decision": "block",
                "reason": "<message>",
                **specific(suppressOriginalPrompt=True),
            },
            "configuration": {"decision": "block", "reason": "<message>"},
        },
        # Without a decision, so that the person's own rules still count.
        rewrite={"": specific(updatedInput="<input>")},
        replace={
            "": specific(updatedToolOutput="<output>"),
            "PostToolUseFailure": {**specific(additionalContext=_READ), "systemMessage": _TO_REVOKE},
        },
    ),
    exit_two,
)
