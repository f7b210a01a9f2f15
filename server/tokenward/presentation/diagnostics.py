"""Findings as LSP diagnostics, without values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from lsprotocol import types

from tokenward.detection.rules.providers import finding_severity, profile_of, provider_of
from tokenward.detection.suppress.suppressor import short_rule
from tokenward.fast_dataclasses import dataclass
from tokenward.findings.index import DocumentFindings
from tokenward.language import phrase, said
from tokenward.model import Claims, Finding, Fingerprint, Problem, Severity
from tokenward.names import DIAGNOSTIC_SOURCE, TERMINAL_SCHEME
from tokenward.presentation import wording
from tokenward.presentation.profile_words import has_expired, key_fact, page_of

MOST_IN_A_DOCUMENT = 500
"""More would cost the editor seconds per keystroke."""
MOST_IN_A_FILE = 100
"""The most for a file that is not open; opening it shows more."""
_MOST_COLUMNS = 2**31 - 1
_PRINTED = f"{TERMINAL_SCHEME}:"

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFORMATION: types.DiagnosticSeverity.Information,
}

ToRange = Callable[[Finding], types.Range]
ToRelated = Callable[[Finding], Sequence[types.Location]]


@dataclass(frozen=True, slots=True)
class DiagnosticOptions:
    """How a client shows findings.

    Attributes:
        now: the time, in seconds since 1970.
        generic: the severity of a value that only its name marks as a token.
        opens_pages: the client links to the page of a rule.
        strikes_through: the client can strike through text.
    """

    now: float
    generic: Severity = Severity.INFORMATION
    opens_pages: bool = False
    strikes_through: bool = False


class _Token(NamedTuple):
    """The part of a finding that is the same at any place."""

    rule: str
    claims: Claims
    fingerprint: Fingerprint
    name: str
    whole: bool


class FindingDiagnostic(types.Diagnostic):
    """The diagnostic of a finding.

    Attributes:
        finding: where it comes from.
        form: what the client gets of each such token, made once, without its place and message.
        sent: what the client got when it was sent; empty until then.
    """

    # Not in the instance's dictionary, by which diagnostics are compared.
    __slots__ = ("finding", "form", "sent")
    finding: Finding
    form: dict[str, Any]
    sent: dict[str, Any]


class LatestDiagnostics:
    """The diagnostics of a document's latest findings, of which those on unchanged lines are shown again."""

    def __init__(self) -> None:
        self._options: DiagnosticOptions | None = None
        self._made: dict[int, FindingDiagnostic] = {}

    def find(self, finding: Finding, options: DiagnosticOptions) -> FindingDiagnostic | None:
        """Return the diagnostic of this very finding; an equal one may be on a line that has changed."""
        is_same = options is self._options or options == self._options
        return self._made.get(id(finding)) if is_same else None

    def replace(self, options: DiagnosticOptions, made: Iterable[FindingDiagnostic]) -> None:
        """Remember the diagnostics that are shown now; each keeps its finding, and so the finding's identity."""
        self._options, self._made = options, {id(one.finding): one for one in made}


def diagnostics(
    found: DocumentFindings,
    options: DiagnosticOptions,
    to_range: ToRange,
    to_related: ToRelated,
    *,
    most: int = MOST_IN_A_DOCUMENT,
    latest: LatestDiagnostics | None = None,
) -> list[types.Diagnostic]:
    """Return a diagnostic for each finding in a text, and notes on the parts left out."""
    latest = latest or LatestDiagnostics()
    lasting = replace(options, now=0.0)
    made = []
    for finding in found.findings[:most]:
        related = _related(to_related(finding))
        at = lasting if finding.claims.expires is None else options
        before = latest.find(finding, at)
        is_same = before is not None and before.related_information == related
        made.append(before if before is not None and is_same else _of_finding(finding, at, to_range, related))
    latest.replace(lasting, made)
    shown: list[types.Diagnostic] = [*made]
    if len(found.findings) > len(shown):
        text = phrase("Tokenward found {found} tokens in this document and shows the first {most}.")
        shown.append(_note(said(text, found=f"{len(found.findings):,}", most=f"{len(shown):,}")))
    if found.note:
        shown.append(_note(found.note))
    return shown


def of_problems(problems: Iterable[Problem]) -> list[types.Diagnostic]:
    """Return a diagnostic for each problem in a configuration file, on its line."""
    return [
        _diagnostic(
            types.Range(types.Position(problem.line, 0), types.Position(problem.line, _MOST_COLUMNS)),
            problem.sentence,
            Severity.INFORMATION if problem.is_note else Severity.WARNING,
        )
        for problem in problems
    ]


def _related(places: Sequence[types.Location]) -> list[types.DiagnosticRelatedInformation] | None:
    return [
        types.DiagnosticRelatedInformation(
            one, said(wording.SAME_TOKEN_PRINTED if one.uri.startswith(_PRINTED) else wording.SAME_TOKEN)
        )
        for one in places
    ] or None


def _of_finding(
    finding: Finding,
    options: DiagnosticOptions,
    to_range: ToRange,
    related: list[types.DiagnosticRelatedInformation] | None,
) -> FindingDiagnostic:
    token = _Token(finding.rule, finding.claims, finding.fingerprint, finding.name, finding.whole)
    # One text stands for the language.
    content, form = _content(token, options, said(wording.SAME_TOKEN))
    shown = FindingDiagnostic(to_range(finding), related_information=related, **content)
    shown.finding, shown.form, shown.sent = finding, {} if related else form, {}
    return shown


@lru_cache(maxsize=4 * MOST_IN_A_DOCUMENT)
def _content(
    found: _Token, options: DiagnosticOptions, _language: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a token's diagnostic says at any place, and an empty form for the converter to fill once."""
    profile = profile_of(found.rule, found.claims)
    is_over = has_expired(profile, options.now)
    rule, token = short_rule(found.rule), provider_of(found.rule).token
    page = page_of(found.rule) if options.opens_pages else None
    return {
        "message": wording.diagnostic(token, key_fact(profile, options.now), whole=found.whole or is_over),
        "severity": _SEVERITIES[finding_severity(found.rule, found.claims, options.now, options.generic)],
        "code": rule,
        "code_description": types.CodeDescription(page) if page else None,
        "source": DIAGNOSTIC_SOURCE,
        "tags": [types.DiagnosticTag.Deprecated] if is_over and options.strikes_through else None,
        "data": {"fingerprint": found.fingerprint, "rule": rule, "token": token, "name": found.name},
    }, {}


def _note(message: str) -> types.Diagnostic:
    top = types.Position(0, 0)
    return _diagnostic(types.Range(top, top), message, Severity.INFORMATION)


def _diagnostic(place: types.Range, message: str, severity: Severity) -> types.Diagnostic:
    return types.Diagnostic(
        range=place, message=message, severity=_SEVERITIES[severity], source=DIAGNOSTIC_SOURCE
    )
