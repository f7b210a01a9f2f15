"""What the ledger keeps of a token itself, whatever happened to it."""

from __future__ import annotations

from tokenward.custody.ledger.events import JSON
from tokenward.model import Finding


def finding_facts(finding: Finding) -> dict[str, JSON]:
    """Return the details that `custody.histories` reads; none holds a part of the value."""
    times = {"issued": finding.claims.issued, "expires": finding.claims.expires}
    return {
        "rule": finding.rule,
        "provider": finding.provider,
        "label": finding.label,
        "traces": finding.traces,
        **{name: time for name, time in times.items() if time is not None},
    }
