"""Claude Code's settings hooks.

With `"onFailure": "block"` every failure of the hook's process denies, from 2.1.295 on. They cannot replace the text of
a tool that failed, so commands run masked, and a token in another tool's text is reported. Where our mod is loaded, it
asks about that text, and about all else that no hook sees.
"""

from __future__ import annotations

from tokenward.operations.agents.dialects.dialect import Ability, Dialect, answering, specific
from tokenward.operations.agents.dialects.payload import Payload, PayloadGrammar, tool_event, tools
from tokenward.operations.agents.event import AgentEvent, EventKind

GRAMMAR = PayloadGrammar(
    tools(
        shells="Bash PowerShell Monitor",
        reads="Read NotebookRead",
        writes="Write Edit MultiEdit NotebookEdit",
        searches="Grep Glob",
    ),
    notices=(
        "SessionStart SessionEnd Setup Stop StopFailure SubagentStart SubagentStop PreCompact PostCompact "
        "Notification InstructionsLoaded CwdChanged FileChanged PermissionDenied PostToolBatch MessageDisplay "
        "DirectoryAdded WorktreeRemove TaskCompleted TeammateIdle PreModelSwitch PostModelSwitch"
    ),
    permission="PermissionRequest",
)
_READ = "The text of this failed tool holds a token of the person's. Do not repeat, store or send it."
_TO_REVOKE = (
    "The text of a failed tool held a token. If `claude plugin list` has tokenward-guard, the model got it masked; "
    "otherwise replace and revoke it. `tokenward ledger show --agents` says which it was."
)


def parse(payload: Payload) -> AgentEvent:
    """Return the event that Claude Code's payload describes; MalformedPayload if it describes none."""
    name, folder = payload.text("hook_event_name"), payload.optional("cwd")
    match name:
        case "PreSkillShellCommand":
            tool, arguments = payload.text("tool_name"), payload.object("tool_input")
            return tool_event(name, tool, arguments, GRAMMAR.tools, folder, can_rewrite=False)
        case "PostToolUseFailure":
            output = payload.optional("error")
            return AgentEvent(EventKind.FAILURE, name, payload.text("tool_name"), folder, output=output)
        case "UserPromptSubmit" | "UserPromptExpansion":
            is_typed = payload.optional("source") in ("", "user")
            prompt = payload.text("prompt")
            return AgentEvent(EventKind.PROMPT, name, folder=folder, prompt=prompt, is_typed=is_typed)
        case "SessionAppend":
            # Our mod asks so about a message that Claude Code adds by itself.
            return AgentEvent(EventKind.RESULT, name, folder=folder, output=payload.get("tool_response"))
        case "ConfigChange":
            path = payload.optional("file_path")
            return AgentEvent(EventKind.CONFIGURATION, name, folder=folder, arguments={"file_path": path})
    return GRAMMAR.parse(payload)


DIALECT = Dialect(
    "claude-code",
    "Claude Code",
    "2.1.332",
    "claude-agent-sdk 0.3.332 sdk.d.ts, claude-code 2.1.332, November 2026",
    Ability.REWRITE_INPUT | Ability.REPLACE_OUTPUT | Ability.REPORT_FAILURE | Ability.NAMES_SHELL,
    (
        ".claude/settings.json",
        ".claude/settings.local.json",
        ".claude/hooks",
        ".claude/plugins",
        ".claude/skills/tokenward-guard",
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
)
