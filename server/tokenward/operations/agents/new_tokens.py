"""NewTokens: stores tokens that an agent's tools and commands print, for users who chose so.

The model then reads a reference. Output is untrusted, so little of it is stored: few tokens at a time, only what a rule
recognises, and none in the place of another.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tokenward.custody.callers.asker import require_own_command
from tokenward.custody.ledger.events import Event, RecordQuery
from tokenward.detection.detection import Detection
from tokenward.detection.rules.providers import finding_severity
from tokenward.errors import TokenwardError
from tokenward.model import Finding, Fingerprint, Reference, Severity
from tokenward.operations.access.put import put_found
from tokenward.operations.context import Context

PURPOSE = "agent output"
MOST_AT_ONCE, MOST_AN_HOUR = 5, 20
_SHORTEST, _LONGEST = 12, 4_096


class NewTokens:
    """Stores the new tokens in texts; `references` are those of the stored ones that it has seen."""

    def __init__(
        self, open_context: Callable[[], AbstractContextManager[Context]], folder: Path, agent: str
    ) -> None:
        """Take what opens the workspace's context, its folder, and the agent, as people write it."""
        self.references: dict[Fingerprint, Reference] = {}
        self._open_context = open_context
        self._folder = folder
        self._agent = agent
        self._left = MOST_AT_ONCE

    def replaced(self, text: str, found: Sequence[Detection]) -> str:
        """Return a text with references for the tokens that are stored now; the others stay as they are."""
        fit = [one for one in found if one.whole and _SHORTEST <= len(one.secret.reveal()) <= _LONGEST]
        if not fit:
            return text
        # The daemon stores nothing.
        require_own_command()
        with suppress(TokenwardError), self._open_context() as context:
            self.references |= {one.fingerprint: one.reference for one in context.entries.all()}
            for one, finding in zip(fit, context.scanner.findings(text, fit), strict=True):
                if finding.fingerprint not in self.references:
                    self._store(context, one, finding)
                if reference := self.references.get(finding.fingerprint):
                    text = text.replace(one.secret.reveal(), str(reference))
        return text

    def _store(self, context: Context, token: Detection, finding: Finding) -> None:
        if (
            self._left <= 0
            or finding_severity(finding.rule, finding.claims, time.time()) is Severity.INFORMATION
        ):
            return
        query = RecordQuery(event=Event.PUT.value, since=datetime.now(UTC) - timedelta(hours=1))
        lately = sum(one.detail.get("purpose") == PURPOSE for one in context.ledger.matching(query))
        # Once nothing is left, the ledger is not read for each of any number of tokens.
        self._left = min(self._left, MOST_AN_HOUR - lately)
        if self._left <= 0:
            return
        self._left -= 1
        detail = {"purpose": PURPOSE, "agent": self._agent}
        with suppress(TokenwardError):
            reference = put_found(context, self._folder, token.secret, finding, detail)
            self.references[finding.fingerprint] = reference
