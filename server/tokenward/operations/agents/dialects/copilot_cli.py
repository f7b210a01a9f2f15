"""GitHub Copilot CLI, with the event's name in camel case or in Claude Code's.

A failed `preToolUse` denies; one that is too late does not, nor does any other that fails. In camel case an input does
not name its event.
"""

from __future__ import annotations

from tokenward.operations.agents.dialects.dialect import Ability, Dialect, HookAnswer, answer_json, answering
from tokenward.operations.agents.dialects.payload import MalformedPayload, Payload, PayloadGrammar, tools
from tokenward.operations.agents.event import AgentEvent, EventKind, Json

GRAMMAR = PayloadGrammar(
    tools(
        shells="bash powershell write_bash",
        reads="view",
        writes="create edit str_replace str_replace_editor apply_patch",
        searches="grep rg glob",
    ),
    notices=(
        "sessionStart sessionEnd errorOccurred agentStop subagentStop subagentStart preCompact SessionStart "
        "SessionEnd Stop SubagentStop SubagentStart PreCompact Notification notification postToolUseFailure "
        "PostToolUseFailure"
    ),
    before="preToolUse",
    after="",
    prompt="",
    tool=("toolName", "tool_name"),
    arguments=("toolArgs", "tool_input"),
)
_NAMES = {
    "PreToolUse": "preToolUse",
    "PostToolUse": "postToolUse",
    "UserPromptSubmit": "userPromptSubmitted",
    "UserPromptTransformed": "userPromptTransformed",
}


def parse(payload: Payload) -> AgentEvent:
    """Return the event that the Copilot CLI's payload describes; MalformedPayload if it describes none."""
    written = _name(payload)
    name, folder = _NAMES.get(written, written), payload.optional("cwd")
    match name:
        case "postToolUse":
            tool, arguments = payload.text(*GRAMMAR.tool), payload.object(*GRAMMAR.arguments)
            output = _result(payload)
            return AgentEvent(EventKind.RESULT, name, tool, folder, arguments=arguments, output=output)
        case "userPromptSubmitted" | "userPromptTransformed":
            prompt = payload.text("transformedPrompt", "transformed_prompt", "prompt")
            return AgentEvent(EventKind.PROMPT, name, folder=folder, prompt=prompt)
    return GRAMMAR.parse(payload, name)


def _name(payload: Payload) -> str:
    """Return the event's name, from what the input holds if it does not say."""
    named = payload.optional("hook_event_name", "hookEventName")
    if named:
        return named
    for key, name in (
        ("toolResult", "postToolUse"),
        ("toolName", "preToolUse"),
        ("transformedPrompt", "userPromptTransformed"),
        ("prompt", "userPromptSubmitted"),
    ):
        if key in payload:
            return name
    raise MalformedPayload("event")


def _result(payload: Payload) -> Json:
    """Return the text that the model would read; of any other shape, all of it."""
    found = next(
        (payload[one] for one in ("toolResult", "tool_result", "tool_response") if one in payload), None
    )
    if found is None:
        raise MalformedPayload("toolResult")
    if isinstance(found, dict):
        words = found.get("textResultForLlm", found.get("text_result_for_llm"))
        return words if isinstance(words, str) else found
    return found


def closed(reason: str) -> HookAnswer:
    """Return the answer that stops a tool, a result and a submitted prompt alike."""
    denial = {"permissionDecision": "deny", "permissionDecisionReason": reason}
    return answer_json({**denial, "decision": "block", "reason": reason})


DIALECT = Dialect(
    "copilot-cli",
    "GitHub Copilot CLI",
    "1.0.102",
    "copilot 1.0.102, run; api.schema.json, github/docs hooks-reference.md, November 2026",
    Ability.REWRITE_INPUT | Ability.REPLACE_OUTPUT | Ability.REPLACE_FAILURE | Ability.REWRITE_PROMPT,
    (".copilot/hooks", ".github/hooks", ".copilot/settings.json", ".github/copilot", ".copilot/config.json"),
    parse,
    answering(
        closed,
        deny={
            "preToolUse": {"permissionDecision": "deny", "permissionDecisionReason": "<reason>"},
            # Nothing else keeps instructions from the model, which no later event shows.
            "userPromptSubmitted": {"decision": "block", "reason": "<message>"},
        },
        rewrite={"": {"modifiedArgs": "<input>"}},
        replace={"": {"modifiedResult": {"resultType": "success", "textResultForLlm": "<text>"}}},
        prompt={
            "userPromptSubmitted": {"modifiedPrompt": "<prompt>"},
            "": {"modifiedTransformedPrompt": "<prompt>"},
        },
    ),
    closed,
)
