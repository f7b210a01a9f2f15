"""Findings as LSP diagnostics; never a value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from lsprotocol import types

from tokenward.detection.rules.profiles import finding_severity, profile_of
from tokenward.findings.index import DocumentFindings
from tokenward.model import Finding, Severity
from tokenward.names import DIAGNOSTIC_SOURCE, TERMINAL_SCHEME
from tokenward.presentation import wording
from tokenward.presentation.page_files import page_of
from tokenward.presentation.profile_words import has_expired, matters
from tokenward.problem import Problem

MOST_IN_A_DOCUMENT = 500
"""More would cost the editor seconds at every keystroke."""
MOST_IN_A_FILE = 100
"""Of a file that is not open; opening it shows more."""
_MOST_COLUMNS = 2**31 - 1

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFORMATION: types.DiagnosticSeverity.Information,
}

ToRange = Callable[[Finding], types.Range]
ToRelated = Callable[[Finding], Sequence[types.Location]]


@dataclass(frozen=True, slots=True)
class Manner:
    """How findings are shown, and when.

    Attributes:
        now: in seconds since 1970.
        generic: the severity of what only its name makes a token of.
        opens_pages: the client leads to the page of a rule.
        strikes_through: the client shows that something is no longer of use.
    """

    now: float
    generic: Severity = Severity.INFORMATION
    opens_pages: bool = False
    strikes_through: bool = False


def diagnostics(
    found: DocumentFindings,
    manner: Manner,
    to_range: ToRange,
    to_related: ToRelated,
    most: int = MOST_IN_A_DOCUMENT,
) -> list[types.Diagnostic]:
    """What an editor shows of a text: one for each finding, and a note on what was left out."""
    shown = [_of_finding(finding, manner, to_range, to_related) for finding in found.findings[:most]]
    if len(found.findings) > len(shown):
        shown.append(_note(wording.too_many(len(shown), len(found.findings))))
    if found.note:
        shown.append(_note(found.note))
    return shown


def of_problems(problems: Iterable[Problem]) -> list[types.Diagnostic]:
    """What an editor shows of a configuration file that has no effect in places: one for each, on its line."""
    return [_of_problem(problem) for problem in problems]


def _of_finding(
    finding: Finding, manner: Manner, to_range: ToRange, to_related: ToRelated
) -> types.Diagnostic:
    profile = profile_of(finding.rule, finding.claims)
    is_over = has_expired(profile, manner.now)
    page = page_of(finding.rule) if manner.opens_pages else None
    related = [
        types.DiagnosticRelatedInformation(location, _of_place(location.uri))
        for location in to_related(finding)
    ]
    return types.Diagnostic(
        range=to_range(finding),
        message=wording.diagnostic(finding, matters(profile, manner.now), is_over=is_over),
        severity=_SEVERITIES[finding_severity(finding, manner.now, manner.generic)],
        code=finding.rule,
        code_description=types.CodeDescription(page) if page else None,
        source=DIAGNOSTIC_SOURCE,
        tags=[types.DiagnosticTag.Deprecated] if is_over and manner.strikes_through else None,
        related_information=related or None,
        data={"fingerprint": finding.fingerprint, "rule": finding.rule},
    )


def _of_place(uri: str) -> str:
    return wording.SAME_TOKEN_PRINTED if uri.startswith(f"{TERMINAL_SCHEME}:") else wording.SAME_TOKEN


def _of_problem(problem: Problem) -> types.Diagnostic:
    start, end = types.Position(problem.line, 0), types.Position(problem.line, _MOST_COLUMNS)
    return types.Diagnostic(
        range=types.Range(start, end),
        message=problem.sentence,
        severity=types.DiagnosticSeverity.Information
        if problem.is_note
        else types.DiagnosticSeverity.Warning,
        source=DIAGNOSTIC_SOURCE,
    )


def _note(message: str) -> types.Diagnostic:
    top = types.Position(0, 0)
    return types.Diagnostic(
        range=types.Range(top, top),
        message=message,
        severity=types.DiagnosticSeverity.Information,
        source=DIAGNOSTIC_SOURCE,
    )
