"""Gemini CLI. `BeforeModel` sees and may change all that is sent, failed tools' texts too."""

from __future__ import annotations

from dataclasses import replace

from tokenward.operations.agents.dialects.dialect import Ability, Dialect, answering, specific
from tokenward.operations.agents.dialects.payload import Payload, PayloadGrammar, tools
from tokenward.operations.agents.event import AgentEvent, EventKind, Json

GRAMMAR = PayloadGrammar(
    tools(
        shells="run_shell_command",
        reads="read_file read_many_files",
        writes="write_file replace",
        searches="search_file_content grep_search glob",
    ),
    notices="SessionStart SessionEnd AfterAgent AfterModel BeforeToolSelection PreCompress Notification",
    before="BeforeTool",
    after="AfterTool",
    prompt="BeforeAgent",
)


def parse(payload: Payload) -> AgentEvent:
    """Return the event that Gemini CLI's payload describes; MalformedPayload if it describes none."""
    if payload.text("hook_event_name") == "BeforeModel":
        request: Json = payload.object("llm_request")
        folder = payload.optional("cwd")
        return AgentEvent(EventKind.RESULT, "BeforeModel", folder=folder, output=request)
    event = GRAMMAR.parse(payload)
    result = event.output if event.kind is EventKind.RESULT else None
    if isinstance(result, dict) and isinstance(result.get("llmContent"), str) and "error" not in result:
        # The model reads nothing else of such a result.
        return replace(event, output=result["llmContent"])
    return event


DIALECT = Dialect(
    "gemini-cli",
    "Gemini CLI",
    "0.61.0",
    "gemini-cli-core 0.61.0 dist/src/hooks, November 2026",
    Ability.REWRITE_INPUT | Ability.REPLACE_OUTPUT | Ability.REPLACE_FAILURE,
    (".gemini/settings.json", ".gemini/trusted_hooks.json", ".gemini/extensions", ".gemini/policies"),
    parse,
    answering(
        allow={"": {}},
        deny={
            "prompt": {"decision": "deny", "reason": "<message>", "systemMessage": "<message>"},
            "": {"decision": "deny", "reason": "<reason>", "systemMessage": "<message>"},
        },
        rewrite={"": specific(tool_input="<input>")},
        replace={
            "BeforeModel": specific(llm_request="<output>"),
            "": {"decision": "deny", "reason": "<text>"},
        },
    ),
)
