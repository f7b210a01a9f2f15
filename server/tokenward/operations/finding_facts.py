"""The details of a token that the ledger keeps with every event."""

from __future__ import annotations

from tokenward.custody.ledger.events import JSON
from tokenward.model import Finding


def finding_facts(finding: Finding) -> dict[str, JSON]:
    """Return the details that `custody.ledger.histories` reads; none contains a part of the value."""
    times = {"issued": finding.claims.issued, "expires": finding.claims.expires}
    return {
        "rule": finding.rule,
        "provider": finding.provider,
        "label": finding.label,
        "traces": finding.traces,
        **{name: time for name, time in times.items() if time is not None},
    }
