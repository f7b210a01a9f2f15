"""How a report relates to each item of the lists that security teams use, and what Tokenward does about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from tokenward.language import said
from tokenward.model import Kind
from tokenward.operations.report.overview import Overview, ReportedPlace, ReportedToken, TokenState
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
class StandardCoverage:
    """An item of a list.

    Attributes:
        here: how the report relates to it, in a sentence.
        count: the number of tokens or uses that it concerns; None where Tokenward cannot know.
        does: what Tokenward does about it.
    """

    standard: Standard
    here: str
    count: int | None
    does: str


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
# Pipelines, images and cloud configuration.
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
"""The characters at the end of a path that show the kind of file."""
_LASTING = (Kind.LONG_LIVED, Kind.KEY_PAIR)


def coverage(overview: Overview) -> Iterator[StandardCoverage]:
    """Yield every item, in the order of the lists."""
    leaked = [token for token in overview.tokens if token.state is not TokenState.IGNORED]
    yield from _owasp_1_to_5(overview, leaked)
    yield from _owasp_6_to_10(overview, leaked)
    yield from _nist(overview)
    for standard, where, does in (
        (
            HARD_CODED,
            said("code or configuration"),
            said("Moves the value, and lets the code read its environment."),
        ),
        (CLEAR_TEXT, said("files meant for tokens"), said("Leaves a reference in the file.")),
        (
            LOGGED,
            said("logs or terminals"),
            said("`tokenward watch`, `redact` and `shell` find and mask them."),
        ),
    ):
        yield _found(standard, leaked, partial(_is_weakness, standard), where, does)


def _owasp_1_to_5(overview: Overview, leaked: Sequence[ReportedToken]) -> Iterator[StandardCoverage]:
    count = sum(token.state in (TokenState.LOOSE, TokenState.MOVED) for token in overview.tokens)
    yield StandardCoverage(
        _OFFBOARDING,
        said("Removed but never revoked: {tokens}.", tokens=counted(count, "token")),
        count,
        said("`tokenward revoke` revokes a token at its provider; a lease ends its use here."),
    )
    exposed = sum(token.state is TokenState.EXPOSED for token in leaked)
    yield StandardCoverage(
        LEAKAGE,
        said(
            "Leaked: {tokens}; still exposed: {exposed}.",
            tokens=counted(len(leaked), "token"),
            exposed=f"{exposed:,}",
        ),
        len(leaked),
        said("Finds tokens in files, notebooks, terminals and logs, and moves them to the keyring."),
    )
    yield _found(
        _THIRD_PARTY,
        leaked,
        lambda place: _ASSISTANTS.search(place.name[-_END:]),
        said("settings of editors, extensions and AI assistants"),
        said(
            "Replaces the value with a reference that resolves in one folder only; a lease can limit the programs."
        ),
    )
    yield StandardCoverage(
        _AUTHENTICATION,
        said("How a service authenticates tokens cannot be seen from a workspace."),
        None,
        said("Finds passwords and keys in addresses and settings; nothing more."),
    )
    count = sum(not lease.is_limited for lease in overview.leases)
    yield StandardCoverage(
        _OVERPRIVILEGED,
        said(
            "May be used by any program that the workspace starts: {tokens} of {all}.",
            tokens=counted(count, "stored token"),
            all=f"{len(overview.leases):,}",
        ),
        count,
        said("Shows what each token can do; `tokenward lease --only` limits the programs that may use it."),
    )


def _owasp_6_to_10(overview: Overview, leaked: Sequence[ReportedToken]) -> Iterator[StandardCoverage]:
    yield _found(
        _DEPLOYMENT,
        leaked,
        lambda place: _DEPLOYS.search(place.name[-_END:]),
        said("pipelines, images or cloud configuration"),
        said("Finds them before they are committed: `tokenward scan --staged`."),
    )
    count = sum(token.kind in _LASTING for token in leaked)
    yield StandardCoverage(
        LONG_LIVED,
        said("Valid until revoked: {tokens}.", tokens=counted(count, "token")),
        count,
        said("Shows the lifetime of each token; a lease limits its use on this machine."),
    )
    several = sum(token.in_workspaces > 1 for token in overview.tokens)
    elsewhere = sum(use.why in ("WorkspaceElsewhere", "WorkspaceUnbound") for use in overview.uses)
    yield StandardCoverage(
        _ISOLATION,
        said(
            "Stored for several workspaces: {tokens}; refused from another folder: {uses}.",
            tokens=counted(several, "token"),
            uses=counted(elsewhere, "use"),
        ),
        several + elsewhere,
        said("Binds each workspace name to one folder; no other folder can resolve its references."),
    )
    count = sum(len(token.places) > 1 for token in leaked)
    yield StandardCoverage(
        REUSE,
        said("In more than one place: {tokens}.", tokens=counted(count, "token")),
        count,
        said("Recognizes equal tokens by their fingerprint, and lists every place."),
    )
    allowed = [use for use in overview.uses if not use.why]
    by_hand = sum(use.purpose == "get" and not use.agent for use in allowed)
    by_agents = sum(bool(use.agent) for use in allowed)
    yield StandardCoverage(
        _HUMAN_USE,
        said(
            "Read by a person: {times}; by AI assistants: {uses}.",
            times=counted(by_hand, "time"),
            uses=counted(by_agents, "use"),
        ),
        by_hand + by_agents,
        said(
            "Gives values to programs, not people; records who asked, and asks a person first if configured."
        ),
    )


def _nist(overview: Overview) -> Iterator[StandardCoverage]:
    yield StandardCoverage(
        MANAGED,
        said("In the keyring: {tokens} of this report.", tokens=counted(overview.stored, "token")),
        overview.stored,
        said("Stores tokens in the OS keyring, and keeps a ledger of what happened to each."),
    )
    count = sum(lease.is_limited for lease in overview.leases)
    yield StandardCoverage(
        _LEAST_PRIVILEGE,
        said(
            "Limited to programs, or to uses that a person approves: {tokens}.",
            tokens=counted(count, "stored token"),
        ),
        count,
        said("Leases limit the time, the number of uses and the programs, and can require approval."),
    )
    refused = sum(bool(use.why) for use in overview.uses)
    yield StandardCoverage(
        _ZERO_TRUST,
        said(
            "Decided individually: {uses}; refused: {refused}.",
            uses=counted(len(overview.uses), "use"),
            refused=f"{refused:,}",
        ),
        len(overview.uses),
        said("Decides each use separately, by binding and lease; nothing is resolved in advance."),
    )


def _found(
    standard: Standard,
    leaked: Sequence[ReportedToken],
    is_concerned: Callable[[ReportedPlace], object],
    where: str,
    does: str,
) -> StandardCoverage:
    """Return an item that concerns the tokens in some kind of place."""
    count = sum(any(map(is_concerned, token.places)) for token in leaked)
    here = said("In {where}: {tokens}.", where=where, tokens=counted(count, "token"))
    return StandardCoverage(standard, here, count, does)


def _is_weakness(standard: Standard, place: ReportedPlace) -> bool:
    return weakness(place.name[-_END:], place.surface) == standard
