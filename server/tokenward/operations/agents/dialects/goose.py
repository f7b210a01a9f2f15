"""Goose. Only `PreToolUse` can deny, and nothing can be changed, so commands have to be given masked."""

from __future__ import annotations

from dataclasses import replace

from tokenward.operations.agents.dialects.dialect import Ability, Dialect, answering
from tokenward.operations.agents.dialects.payload import Payload, PayloadGrammar, tools
from tokenward.operations.agents.event import AgentEvent, EventKind

GRAMMAR = PayloadGrammar(
    tools(
        shells="shell",
        reads="read view",
        writes="text_editor write edit",
    ),
    notices="PostToolUse UserPromptSubmit SessionStart SessionEnd Stop",
    after="",
    prompt="",
    event=("event", "hook_event_name"),
    folder=("working_dir", "cwd"),
    server="__",
)


def parse(payload: Payload) -> AgentEvent:
    """Return the event that Goose's payload describes; MalformedPayload if it describes none."""
    event = GRAMMAR.parse(payload)
    is_view = event.tool == "text_editor" and event.arguments.get("command") == "view"
    return replace(event, kind=EventKind.READ) if is_view else event


DIALECT = Dialect(
    "goose",
    "Goose",
    "0825b57",
    "block/goose hooks.md, November 2026",
    Ability.NONE,
    (".agents/plugins", ".config/goose/config.yaml", "goose/config/config.yaml"),
    parse,
    answering(),
)
