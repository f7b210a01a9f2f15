"""How much a token matters; asks nobody."""

from __future__ import annotations

from tokenward.detection.pack import GENERIC
from tokenward.model import Finding, Severity


def finding_severity(finding: Finding, generic: Severity = Severity.INFORMATION) -> Severity:
    """How much a finding matters; what only its name makes a token of is as the setting says.

    Args:
        finding: of any rule.
        generic: the severity of what the generic rule finds.
    """
    return generic if finding.rule == GENERIC else Severity.WARNING
