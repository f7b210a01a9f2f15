"""Junie CLI, whose hooks are an early version of Claude Code's. Silence about a permission would approve it."""

from __future__ import annotations

from dataclasses import replace

from tokenward.operations.agents.decision import Allow, Decision, ReplaceOutput
from tokenward.operations.agents.dialects import claude_code
from tokenward.operations.agents.dialects.dialect import Ability, HookAnswer, exit_two
from tokenward.operations.agents.event import AgentEvent


def render(event: AgentEvent, decision: Decision) -> HookAnswer:
    """Return Claude Code's answer to a decision, or a refusal where Junie knows no such answer."""
    if event.name == "PermissionRequest" and isinstance(decision, Allow):
        return exit_two("Ask the person in another way; a hook does not approve.")
    if isinstance(decision, ReplaceOutput):
        return exit_two("This agent takes no other result.")
    return claude_code.DIALECT.render(event, decision)


DIALECT = replace(
    claude_code.DIALECT,
    name="junie",
    agent="Junie",
    version="early access",
    source="agentseam 0.3.5 data/vendors/junie.json, November 2026; not in the vendor's pages",
    abilities=Ability.REWRITE_INPUT,
    settings=(".junie/config.json", ".junie/hooks"),
    render=render,
)
