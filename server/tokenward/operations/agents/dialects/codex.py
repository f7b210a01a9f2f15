"""Codex CLI. Its schema is strict: one unknown key makes an answer count as none, and none lets everything through."""

from __future__ import annotations

from dataclasses import replace

from tokenward.operations.agents.dialects.dialect import Ability, Dialect, answering, specific
from tokenward.operations.agents.dialects.payload import Payload, PayloadGrammar, tools
from tokenward.operations.agents.event import AgentEvent

GRAMMAR = PayloadGrammar(
    tools(
        shells="Bash shell exec_command write_stdin",
        reads="view_image",
        writes="apply_patch",
    ),
    notices="SessionStart SessionEnd SubagentStart SubagentStop PreCompact PostCompact Stop Interrupt",
    permission="PermissionRequest",
)


def parse(payload: Payload) -> AgentEvent:
    """Return the event that Codex's payload describes; MalformedPayload if it describes none."""
    event = GRAMMAR.parse(payload)
    # Another input needs an "allow", which would skip the person's approval.
    if event.name == "PreToolUse" and payload.optional("permission_mode") != "bypassPermissions":
        return replace(event, can_rewrite=False)
    return event


DIALECT = Dialect(
    "codex",
    "Codex",
    "0.169.0",
    "schemas in codex 0.169.0, developers.openai.com/codex/hooks, November 2026",
    Ability.REWRITE_INPUT | Ability.REPLACE_OUTPUT | Ability.COMPARE_WORDS,
    (".codex/hooks.json", ".codex/config.toml", ".codex/requirements.toml", ".codex/plugins"),
    parse,
    answering(
        deny={
            "PreToolUse": specific(permissionDecision="deny", permissionDecisionReason="<reason>"),
            "PermissionRequest": specific(decision={"behavior": "deny", "message": "<reason>"}),
            "prompt": {"decision": "block", "reason": "<message>"},
        },
        rewrite={"": specific(permissionDecision="allow", updatedInput="<input>")},
        replace={"": {"decision": "block", "reason": "<text>"}},
    ),
)
