"""Findings as LSP diagnostics, without values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from lsprotocol import types

from tokenward.detection.rules.profiles import finding_severity, profile_of
from tokenward.detection.rules.providers import provider_of
from tokenward.detection.suppress.suppressor import short_rule
from tokenward.fast_dataclasses import dataclass
from tokenward.findings.index import DocumentFindings
from tokenward.language import phrase, said
from tokenward.model import Finding, Point, Severity
from tokenward.names import DIAGNOSTIC_SOURCE, TERMINAL_SCHEME
from tokenward.presentation import wording
from tokenward.presentation.page_files import page_of
from tokenward.presentation.profile_words import has_expired, key_fact
from tokenward.problem import Problem

MOST_IN_A_DOCUMENT = 500
"""More would cost the editor seconds per keystroke."""
MOST_IN_A_FILE = 100
"""The most for a file that is not open; opening it shows more."""
_MOST_COLUMNS = 2**31 - 1
_TOP = Point(0, 0)
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


def diagnostics(
    found: DocumentFindings,
    options: DiagnosticOptions,
    to_range: ToRange,
    to_related: ToRelated,
    most: int = MOST_IN_A_DOCUMENT,
) -> list[types.Diagnostic]:
    """Return a diagnostic for each finding in a text, and notes on the parts left out."""
    shown = [_of_finding(finding, options, to_range, to_related) for finding in found.findings[:most]]
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


class FindingDiagnostic(types.Diagnostic):
    """The diagnostic of a finding; `form` is what the client gets, made once, without its place and message."""

    form: dict[str, Any]


def _of_finding(
    finding: Finding, options: DiagnosticOptions, to_range: ToRange, to_related: ToRelated
) -> types.Diagnostic:
    now = options.now if finding.claims.expires is not None else 0.0
    anywhere = replace(finding, start=_TOP, end=_TOP)
    # One text stands for the language.
    content, form = _content(anywhere, replace(options, now=now), said(wording.SAME_TOKEN))
    related = [
        types.DiagnosticRelatedInformation(
            one, said(wording.SAME_TOKEN_PRINTED if one.uri.startswith(_PRINTED) else wording.SAME_TOKEN)
        )
        for one in to_related(finding)
    ]
    shown = FindingDiagnostic(to_range(finding), related_information=related or None, **content)
    shown.form = {} if related else form
    return shown


@lru_cache(maxsize=4 * MOST_IN_A_DOCUMENT)
def _content(
    finding: Finding, options: DiagnosticOptions, _language: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a token's diagnostic says at any place, and an empty form for the converter to fill once."""
    profile = profile_of(finding.rule, finding.claims)
    is_over = has_expired(profile, options.now)
    rule, token = short_rule(finding.rule), provider_of(finding.rule).token
    page = page_of(finding.rule) if options.opens_pages else None
    return {
        "message": wording.diagnostic(token, key_fact(profile, options.now), whole=finding.whole or is_over),
        "severity": _SEVERITIES[finding_severity(finding, options.now, options.generic)],
        "code": rule,
        "code_description": types.CodeDescription(page) if page else None,
        "source": DIAGNOSTIC_SOURCE,
        "tags": [types.DiagnosticTag.Deprecated] if is_over and options.strikes_through else None,
        "data": {"fingerprint": finding.fingerprint, "rule": rule, "token": token, "name": finding.name},
    }, {}


def _note(message: str) -> types.Diagnostic:
    top = types.Position(0, 0)
    return _diagnostic(types.Range(top, top), message, Severity.INFORMATION)


def _diagnostic(place: types.Range, message: str, severity: Severity) -> types.Diagnostic:
    return types.Diagnostic(
        range=place, message=message, severity=_SEVERITIES[severity], source=DIAGNOSTIC_SOURCE
    )
