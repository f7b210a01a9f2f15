"""answer: a hook's input in, its answer out, within a time limit and in its agent's grammar whatever happens."""

from __future__ import annotations

import threading
from collections.abc import Callable

from tokenward.custody.callers.asker import LeftToCommand
from tokenward.operations.agents.decide import Facts, decide
from tokenward.operations.agents.decision import ALLOW, Decision, Deny
from tokenward.operations.agents.dialects.dialect import (
    Ability,
    Dialect,
    HookAnswer,
    has_text,
    parse_text,
    withheld,
)
from tokenward.operations.agents.event import AgentEvent, EventKind

DEADLINE = 2.0
"""Seconds after which the answer is a denial. Every agent waits longer, and most let through what is late."""
_UNREAD = "Tokenward could not read this hook's input, so nothing was allowed; update Tokenward or the agent."
_UNCHECKED = "Tokenward could not check this, so it was not allowed; try again."
_WITHHELD = "[Tokenward could not check this result for tokens and withheld it; try again.]"
OpenFacts = Callable[[AgentEvent], Facts]
Record = Callable[[AgentEvent, Decision], None]
Offer = Callable[[Decision], Decision]


class HookRun:
    """One hook's run, in a thread, so that neither a slow keyring nor a slow scan delays the answer.

    Attributes:
        event: what was asked, once it is read.
    """

    def __init__(
        self,
        dialect: Dialect,
        read: Callable[[], bytes],
        open_facts: OpenFacts,
        record: Record,
        offer: Offer = lambda decision: decision,
    ) -> None:
        self.event: AgentEvent | None = None
        self._dialect = dialect
        self._read = read
        self._open_facts = open_facts
        self._record = record
        self._offer = offer
        self._answer: HookAnswer | None = None
        self._answered = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def answer(self, deadline: float = DEADLINE) -> HookAnswer:
        """Return the answer; a denial if it takes too long."""
        self._thread.start()
        self._answered.wait(deadline)
        return self._answer or closed_answer(self._dialect, self.event)

    def answer_here(self) -> HookAnswer:
        """Return the answer, however long it takes; for a process that something else ends."""
        self._work()
        return self._answer or closed_answer(self._dialect, self.event)

    def finish(self, seconds: float = 1.0) -> None:
        """Wait a little until the decision is recorded."""
        self._thread.join(seconds)

    def _work(self) -> None:
        decision: Decision | None = None
        try:
            self.event = parse_text(self._dialect, self._read())
            decision = ALLOW
            if self.event.kind is not EventKind.NOTICE:
                facts = self._open_facts(self.event)
                decision = self._offer(decide(self.event, self._dialect.abilities, facts))
            self._answer = self._dialect.render(self.event, decision)
        except LeftToCommand:
            raise
        except BaseException:  # noqa: BLE001 - whatever it is, nothing is allowed, and its text may hold a value
            self._answer = closed_answer(self._dialect, self.event)
        self._answered.set()
        if self.event is not None and decision is not None:
            try:
                self._record(self.event, decision)
            except BaseException:  # noqa: BLE001 - the answer is given
                return


def closed_answer(dialect: Dialect, event: AgentEvent | None) -> HookAnswer:
    """Return the answer that lets nothing through, as well as the agent allows."""
    if event is None:
        return dialect.closed(_UNREAD)
    try:
        return dialect.render(event, closed_decision(event, dialect.abilities))
    except Exception:  # noqa: BLE001 - its text may hold a value
        return dialect.closed(_UNCHECKED)


def closed_decision(event: AgentEvent, abilities: Ability) -> Decision:
    """Return the decision about an event that could not be checked."""
    if event.kind is EventKind.NOTICE:
        return ALLOW
    if event.kind in (EventKind.RESULT, EventKind.FAILURE):
        needed = Ability.REPLACE_FAILURE if event.kind is EventKind.FAILURE else Ability.REPLACE_OUTPUT
        is_mcp = Ability.REPLACE_MCP_OUTPUT in abilities and event.tool.casefold().startswith("mcp")
        if needed in abilities or (is_mcp and event.kind is EventKind.RESULT):
            return withheld(event, _WITHHELD) if has_text(event.output) else ALLOW
        if Ability.STOP_RESULT not in abilities or event.kind is EventKind.FAILURE:
            return ALLOW
    return Deny(_UNCHECKED, _UNCHECKED, "unchecked")
