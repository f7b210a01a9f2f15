"""Records what a hook decided in the ledger, without values."""

from __future__ import annotations

from tokenward.custody.ledger.events import JSON, Event, NewRecord
from tokenward.custody.ledger.ledger import Ledger
from tokenward.model import Surface
from tokenward.operations.agents.event import (
    AgentEvent,
    Decision,
    Deny,
    EventKind,
    ReplaceOutput,
    RewritePrompt,
)
from tokenward.operations.agents.workspace_facts import WorkspaceFacts
from tokenward.operations.command_words import line_words
from tokenward.places import shown

PURPOSE = "agent hook"
_MOST = 20
_LONGEST = 64


def record_decision(
    ledger: Ledger,
    event: AgentEvent,
    decision: Decision,
    facts: WorkspaceFacts,
    *,
    agent: str,
    folder: str,
) -> None:
    """Record a denial, and each token that was masked, or that a model read all the same; nothing else.

    Raises:
        StateDamaged: the ledger cannot be written.
    """
    detail: dict[str, JSON] = {"purpose": PURPOSE, "agent": agent}
    if event.tool:
        detail["tool"] = shown(event.tool)[:_LONGEST] if event.tool.isidentifier() else "another tool"
    if event.kind is EventKind.SHELL:
        detail["command"] = line_words(event.command)
    if isinstance(decision, Deny):
        ledger.record(Event.REFUSED, origin=folder, detail={**detail, "why": decision.why})
    elif isinstance(decision, ReplaceOutput | RewritePrompt):
        surface = Surface.PROMPT if event.kind is EventKind.PROMPT else Surface.TERMINAL
        was_read = isinstance(decision, ReplaceOutput) and decision.was_read
        detail |= {"surface": surface.value, "masked": not was_read}
        ledger.record_all(_masked(folder, detail, facts))


def _masked(folder: str, detail: dict[str, JSON], facts: WorkspaceFacts) -> list[NewRecord]:
    found = [
        NewRecord(
            Event.FOUND,
            None,
            token,
            folder,
            None,
            {**detail, "rule": one.rule, "provider": one.provider.name},
        )
        for token, one in facts.detected.items()
    ]
    known = [
        NewRecord(Event.FOUND, one, None, folder, None, detail) for one in sorted(facts.recognised, key=str)
    ]
    return [*found, *known][:_MOST]
