"""What in a report touches each item of the lists that security teams work by, and what Tokenward does about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from tokenward.model import Kind
from tokenward.operations.report.overview import Overview, ReportedToken, TokenState
from tokenward.phrases import counted
from tokenward.presentation.standards import (
    CLEAR_TEXT,
    HARD_CODED,
    LEAKAGE,
    LOGGED,
    LONG_LIVED,
    MANAGED,
    REUSE,
    Standard,
    weakness,
)


@dataclass(frozen=True, slots=True)
class Covered:
    """An item of a list.

    Attributes:
        here: what in the report touches it, in a sentence.
        count: how many things do; None where Tokenward cannot see it.
        does: what Tokenward does about it.
    """

    standard: Standard
    here: str
    count: int | None
    does: str


def coverage(overview: Overview) -> Iterator[Covered]:
    """Every item, in the order of the lists."""
    for standard, look, does in _ITEMS:
        here, count = look(overview)
        yield Covered(standard, here, count, does)


_TOP_TEN = "https://owasp.org/www-project-non-human-identities-top-10/2025/top-10-2025"


def _owasp(number: int, title: str) -> Standard:
    return Standard(f"OWASP NHI{number}:2025", title, _TOP_TEN)


_OFFBOARDING = _owasp(1, "Improper Offboarding")
_THIRD_PARTY = _owasp(3, "Vulnerable Third-Party NHI")
_AUTHENTICATION = _owasp(4, "Insecure Authentication")
_OVERPRIVILEGED = _owasp(5, "Overprivileged NHI")
_DEPLOYMENT = _owasp(6, "Insecure Cloud Deployment Configurations")
_ISOLATION = _owasp(8, "Environment Isolation")
_HUMAN_USE = _owasp(10, "Human Use of NHI")
_LEAST_PRIVILEGE = Standard(
    "NIST CSF 2.0 PR.AA-05",
    "Access permissions are managed, by least privilege",
    "https://doi.org/10.6028/NIST.CSWP.29",
)
_ZERO_TRUST = Standard(
    "NIST SP 800-207, 3.1",
    "Zero trust: access by identity, verified continuously",
    "https://doi.org/10.6028/NIST.SP.800-207",
)
# What deploys: pipelines, images and descriptions of a cloud.
_DEPLOYS = re.compile(
    r"(?:^|/)(?:\.github/workflows/.*|\.gitlab-ci\.ya?ml|\.circleci/.*|Jenkinsfile|azure-pipelines\.ya?ml"
    r"|bitbucket-pipelines\.ya?ml|Dockerfile[^/]*|[^/]*compose[^/]*\.ya?ml|[^/]*\.(?:tf|tfvars|bicep)|(?:k8s|helm|charts)/.*"
    r"|serverless\.ya?ml)$",
    re.IGNORECASE | re.DOTALL,
)
_ASSISTANTS = re.compile(
    r"(?:^|/)(?:[^/]*mcp[^/]*\.(?:json|toml|ya?ml)|claude_desktop_config\.json|opencode\.jsonc?|\.claude\.json"
    r"|\.aider\.conf\.yml|\.(?:claude|codex|gemini|cursor|continue|vibe|kiro|vscode)/.*)$",
    re.IGNORECASE | re.DOTALL,
)
_END = 256
"""Characters of a path that say what kind of file it is."""
_LASTING = (Kind.LONG_LIVED, Kind.KEY_PAIR)

_Look = Callable[[Overview], "tuple[str, int | None]"]


def _leaked(overview: Overview) -> list[ReportedToken]:
    return [token for token in overview.tokens if token.state is not TokenState.IGNORED]


def _never_ended(overview: Overview) -> tuple[str, int]:
    count = sum(token.state in (TokenState.LOOSE, TokenState.MOVED) for token in overview.tokens)
    return f"{counted(count, 'token')} left the open and {_were(count)} never revoked.", count


def _exposed(overview: Overview) -> tuple[str, int]:
    leaked = _leaked(overview)
    now = sum(token.state is TokenState.EXPOSED for token in leaked)
    return f"{counted(len(leaked), 'token')} stood in the open; {now:,} still {_do(now)}.", len(leaked)


def _at(pattern: re.Pattern[str], where: str, overview: Overview) -> tuple[str, int]:
    count = sum(
        any(pattern.search(place.name[-_END:]) for place in token.places) for token in _leaked(overview)
    )
    return f"{counted(count, 'token')} stood in {where}.", count


def _unseen(_: Overview) -> tuple[str, None]:
    return "How a service lets tokens in is not to be seen from a workspace.", None


def _unlimited(overview: Overview) -> tuple[str, int]:
    count = sum(not lease.is_limited for lease in overview.leases)
    of = f"{counted(count, 'stored token')} of {len(overview.leases):,}"
    return f"{of} may be used by any program that the workspace starts.", count


def _lasting(overview: Overview) -> tuple[str, int]:
    count = sum(token.kind in _LASTING for token in _leaked(overview))
    return f"{counted(count, 'token')} would last until revoked.", count


def _across(overview: Overview) -> tuple[str, int]:
    several = sum(token.in_workspaces > 1 for token in overview.tokens)
    elsewhere = sum(use.why in ("WorkspaceElsewhere", "WorkspaceUnbound") for use in overview.uses)
    here = f"{counted(several, 'token')} {_are(several)} stored for several workspaces"
    return (
        f"{here}; {counted(elsewhere, 'use')} from another folder {_were(elsewhere)} refused.",
        several + elsewhere,
    )


def _reused(overview: Overview) -> tuple[str, int]:
    count = sum(len(token.places) > 1 for token in _leaked(overview))
    return f"{counted(count, 'token')} stood in more than one place.", count


def _by_hand(overview: Overview) -> tuple[str, int]:
    allowed = [use for use in overview.uses if not use.why]
    hand = sum(use.purpose == "get" and not use.agent for use in allowed)
    agents = sum(bool(use.agent) for use in allowed)
    return (
        f"{counted(hand, 'time')} a person took a value out; {counted(agents, 'use')} by AI assistants.",
        hand + agents,
    )


def _stored(overview: Overview) -> tuple[str, int]:
    return f"The keyring holds {counted(overview.stored, 'token')} of this report.", overview.stored


def _limited(overview: Overview) -> tuple[str, int]:
    count = sum(lease.is_limited for lease in overview.leases)
    return (
        f"{counted(count, 'stored token')} {_are(count)} limited to programs, or asked for each time.",
        count,
    )


def _decided(overview: Overview) -> tuple[str, int]:
    refused = sum(bool(use.why) for use in overview.uses)
    return f"{counted(len(overview.uses), 'use')} decided one by one; {refused:,} refused.", len(
        overview.uses
    )


def _weak(standard: Standard, where: str, overview: Overview) -> tuple[str, int]:
    count = sum(standard in _weaknesses(token) for token in _leaked(overview))
    return f"{counted(count, 'token')} stood in {where}.", count


def _weaknesses(token: ReportedToken) -> Iterable[Standard]:
    return (weakness(place.name[-_END:], place.surface) for place in token.places)


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _do(count: int) -> str:
    return "does" if count == 1 else "do"


_ITEMS: tuple[tuple[Standard, _Look, str], ...] = (
    (_OFFBOARDING, _never_ended, "`tokenward revoke` ends a token at its provider; a lease ends it here."),
    (
        LEAKAGE,
        _exposed,
        "Finds tokens in files, notebooks, terminals and logs, and moves them to the keyring.",
    ),
    (
        _THIRD_PARTY,
        partial(_at, _ASSISTANTS, "settings of editors, extensions and AI assistants"),
        "Replaces the value by a reference that resolves in one folder alone; a lease can name the programs.",
    ),
    (_AUTHENTICATION, _unseen, "Tells passwords and keys that stand in addresses and settings; no more."),
    (
        _OVERPRIVILEGED,
        _unlimited,
        "Shows what each token may do; `tokenward lease --only` names who may use it.",
    ),
    (
        _DEPLOYMENT,
        partial(_at, _DEPLOYS, "pipelines, images or descriptions of a cloud"),
        "Finds them before they are committed: `tokenward scan --staged`.",
    ),
    (LONG_LIVED, _lasting, "Tells the lifetime of each token; a lease gives it an end on this machine."),
    (
        _ISOLATION,
        _across,
        "Binds each workspace name to one folder; no other folder resolves its references.",
    ),
    (REUSE, _reused, "Tells equal tokens by their fingerprint, and lists every place."),
    (
        _HUMAN_USE,
        _by_hand,
        "Gives values to programs, not people; records who asked, and asks a person first if told to.",
    ),
    (MANAGED, _stored, "Keeps tokens in the OS keyring, and a ledger of what happened to each."),
    (_LEAST_PRIVILEGE, _limited, "Leases: until when, how often, for which programs, after whose yes."),
    (_ZERO_TRUST, _decided, "Decides each use anew, by binding and lease; nothing is resolved in advance."),
    (
        HARD_CODED,
        partial(_weak, HARD_CODED, "code or configuration"),
        "Moves the value, and lets the code read its environment.",
    ),
    (
        CLEAR_TEXT,
        partial(_weak, CLEAR_TEXT, "files that are there to hold tokens"),
        "Leaves a reference in the file.",
    ),
    (
        LOGGED,
        partial(_weak, LOGGED, "logs or terminals"),
        "`tokenward watch`, `redact` and `shell` find and mask them.",
    ),
)
