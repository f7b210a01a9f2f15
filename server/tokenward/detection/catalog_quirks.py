"""Rules of the catalog that need special treatment."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kingfisher_sdk.core import Finding as Match

SECRET_COMPANIONS = {
    "betterleaks.aws-secret-access-key",
    "betterleaks.alibaba-sts-security-token",
    "betterleaks.exoscale-api-secret",
    "betterleaks.ovh-application-key",
    "betterleaks.ovh-consumer-key",
    "betterleaks.polymarket-api-secret",
    "betterleaks.polymarket-passphrase",
}
"""Rules of the catalog that the engine hides as parts of another rule's finding although they find secrets."""
OVERRIDES = Path(__file__).with_name("catalog_overrides.yml")
"""Rules that the engine loads in place of those of the catalog with the same ids."""
WIDE = {"betterleaks.gcp-application-default-credentials", "betterleaks.gcp-service-account"}
"""Rules of the catalog whose matches include everything around a token."""


def shown_matches(matches: Sequence[Match]) -> list[Match]:
    """Return the matches that the engine shows, and the secrets that it hides beside their ids."""
    if not matches:
        return []
    seen = [match for match in matches if match.visible]
    families = {family(match.rule_id) for match in seen}
    hidden = [
        m
        for m in matches
        if not m.visible and m.rule_id in SECRET_COMPANIONS and family(m.rule_id) in families
    ]
    return [*seen, *hidden]


def family(rule: str) -> str:
    """Return the provider's part of a rule's id."""
    return rule.partition(".")[2].partition("-")[0]


# The file name endings that some rules are limited to; a test ensures that all are here.
_BOUND = re.compile(
    r"(?:\.git[/\\]config|(?:^|[/\\])\.git-credentials|_history"
    r"|\.php|nuget\.config|bitwarden[ _-]*cli/+data\.json)\Z",
    re.IGNORECASE,
)
BOUND_ENDS = (
    *(".git/config", ".git\\config", ".git-credentials", "_history", ".php", "nuget.config", "data.json"),
)
ANY_PATH = "text"
"""To which no rule for certain files applies."""


def catalog_path(path: str) -> str:
    """Return a path to which the same rules of the catalog apply, but none of their exceptions."""
    # Most names have no such ending, and checking that is much faster.
    bound = _BOUND.search(path) if path.lower().endswith(BOUND_ENDS) else None
    return f"{ANY_PATH}/{bound[0]}" if bound else ANY_PATH
