"""Mistral Vibe. With `strict = true` a failed hook denies, and a failed `post_tool` blanks the result."""

from __future__ import annotations

from dataclasses import replace

from tokenward.operations.agents.dialects.dialect import Ability, Dialect, answering
from tokenward.operations.agents.dialects.payload import Payload, PayloadGrammar, tools
from tokenward.operations.agents.event import AgentEvent, EventKind

GRAMMAR = PayloadGrammar(
    tools(
        shells="bash process_start process_write",
        reads="read_file read",
        writes="write_file search_replace edit",
        searches="grep",
    ),
    notices="post_agent",
    before="pre_tool",
    after="post_tool",
    prompt="",
    server=".",
    result="tool_output",
    may_lack_result=True,
)


def parse(payload: Payload) -> AgentEvent:
    """Return the event that Vibe's payload describes; MalformedPayload if it describes none."""
    event = GRAMMAR.parse(payload)
    if event.kind is not EventKind.RESULT:
        return event
    # The text replaces all of it, so the text of a failure is replaced too.
    words = [str(payload[one]) for one in ("tool_output_text", "tool_error") if payload.get(one)]
    return replace(event, output="\n".join(words) or event.output or "")


DIALECT = Dialect(
    "vibe",
    "Mistral Vibe",
    "3.0.3",
    "mistral-vibe 3.0.3 vibe/core/hooks/models.py, November 2026",
    Ability.REWRITE_INPUT | Ability.REPLACE_OUTPUT | Ability.REPLACE_FAILURE,
    (".vibe/hooks.toml", ".vibe/config.toml", ".vibe/plugins"),
    parse,
    answering(
        allow={"": {}},
        deny={"": {"decision": "deny", "reason": "<reason>"}},
        rewrite={"": {"hook_specific_output": {"tool_input": "<input>"}}},
        replace={"": {"decision": "deny", "reason": "<text>"}},
    ),
)
