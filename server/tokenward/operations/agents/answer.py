"""answer: a hook's input in, its answer out, in its agent's grammar whatever happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from tokenward.custody.callers.asker import LeftToCommand
from tokenward.operations.agents.decide import decide
from tokenward.operations.agents.dialects.dialect import (
    Ability,
    Dialect,
    HookAnswer,
    can_replace,
    parse_text,
    withheld,
)
from tokenward.operations.agents.event import ALLOW, AgentEvent, Decision, Deny, EventKind, texts_in

if TYPE_CHECKING:
    from tokenward.operations.agents.workspace_facts import WorkspaceFacts

_UNREAD = "Tokenward could not read this hook's input, so nothing was allowed; update Tokenward or the agent."
UNCHECKED = "Tokenward could not check this, so it was not allowed; try again."
_WITHHELD = "[Tokenward could not check this result for tokens and withheld it; try again.]"
OpenFacts: TypeAlias = "Callable[[AgentEvent], WorkspaceFacts]"
Record = Callable[[AgentEvent, Decision], None]
Offer = Callable[[Decision], Decision]


class HookRun:
    """One hook's run; `event` is what was asked, once it is read."""

    def __init__(
        self,
        dialect: Dialect,
        read: Callable[[], bytes],
        open_facts: OpenFacts,
        record: Record,
        *,
        offer: Offer = lambda decision: decision,
        why: Callable[[], str] = lambda: UNCHECKED,
    ) -> None:
        """Take what reads the input, opens the facts, records a decision, adds to it, and gives the reason for none."""
        self.event: AgentEvent | None = None
        self._dialect = dialect
        self._read = read
        self._open_facts = open_facts
        self._record = record
        self._offer = offer
        self._why = why
        self._decision: Decision | None = None

    def answer(self) -> HookAnswer:
        """Return the answer, however long it takes."""
        try:
            self.event = parse_text(self._dialect, self._read())
            decision: Decision = ALLOW
            if self.event.kind is not EventKind.NOTICE:
                facts = self._open_facts(self.event)
                decision = self._offer(decide(self.event, self._dialect.abilities, facts))
            self._decision = decision
            return self._dialect.render(self.event, decision)
        except LeftToCommand:
            raise
        except BaseException:  # noqa: BLE001 - whatever it is, nothing is allowed, and its text may hold a value
            return self.late_answer()

    def late_answer(self, why: str = UNCHECKED) -> HookAnswer:
        """Return the answer for now, which lets nothing through, for a reason if no better one is known."""
        known = self._why()
        return closed_answer(self._dialect, self.event, why if known == UNCHECKED else known)

    def record(self) -> None:
        """Record the decision, after the answer was given; never fail."""
        if self.event is not None and self._decision is not None:
            try:
                self._record(self.event, self._decision)
            except BaseException:  # noqa: BLE001 - the answer is given
                return


def closed_answer(dialect: Dialect, event: AgentEvent | None, why: str = UNCHECKED) -> HookAnswer:
    """Return the answer that lets nothing through, as well as the agent allows."""
    if event is None:
        return dialect.closed(_UNREAD)
    try:
        return dialect.render(event, closed_decision(event, dialect.abilities, why))
    except Exception:  # noqa: BLE001 - its text may hold a value
        return dialect.closed(why)


def closed_decision(event: AgentEvent, abilities: Ability, why: str) -> Decision:
    """Return the decision about an event that could not be checked."""
    if event.kind is EventKind.NOTICE:
        return ALLOW
    if event.kind in (EventKind.RESULT, EventKind.FAILURE):
        if can_replace(event, abilities):
            return withheld(event, _WITHHELD) if any(True for _ in texts_in(event.output)) else ALLOW
        if Ability.STOP_RESULT not in abilities or event.kind is EventKind.FAILURE:
            return ALLOW
    return Deny(why, why, "unchecked")
