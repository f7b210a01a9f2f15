"""Kiro and Amazon Q. Exit code 2 denies a tool that is about to run; nothing else has an effect."""

from __future__ import annotations

from tokenward.operations.agents.dialects.dialect import Ability, Dialect, answering
from tokenward.operations.agents.dialects.payload import Payload, PayloadGrammar, tools
from tokenward.operations.agents.event import AgentEvent

GRAMMAR = PayloadGrammar(
    tools(
        shells="execute_bash execute_cmd shell",
        reads="fs_read read",
        writes="fs_write write",
        searches="grep glob",
    ),
    notices="agentspawn stop sessionstart sessionend posttooluse userpromptsubmit",
    before="pretooluse",
    after="",
    prompt="",
    event=("hook_event_name", "trigger"),
)


def parse(payload: Payload) -> AgentEvent:
    """Return the event that Kiro's payload describes, in any case; MalformedPayload if it describes none."""
    return GRAMMAR.parse(payload, payload.text(*GRAMMAR.event).casefold())


DIALECT = Dialect(
    "kiro",
    "Kiro",
    "3",
    "kiro.dev/docs, aws/amazon-q-developer-cli docs/hooks.md, November 2026",
    Ability.NONE,
    (".kiro/hooks", ".kiro/settings", ".aws/amazonq", ".amazonq/cli-agents"),
    parse,
    answering(),
)
