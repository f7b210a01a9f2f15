"""Findings as LSP diagnostics; never a value."""

from __future__ import annotations

from collections.abc import Callable

from lsprotocol import types

from tokenward.findings.index import Found
from tokenward.model import Finding, Point
from tokenward.names import DIAGNOSTIC_SOURCE
from tokenward.presentation import wording

MOST_IN_A_DOCUMENT = 500
"""More would cost the editor seconds at every keystroke."""

ToPosition = Callable[[Point], types.Position]


def diagnostics(found: Found, to_position: ToPosition) -> list[types.Diagnostic]:
    """What an editor shows of a document: one for each finding, and a note on what was left out."""
    shown = [_of_finding(finding, to_position) for finding in found.findings[:MOST_IN_A_DOCUMENT]]
    if len(found.findings) > len(shown):
        shown.append(_note(wording.too_many(len(shown), len(found.findings))))
    if found.note:
        shown.append(_note(found.note))
    return shown


def _of_finding(finding: Finding, to_position: ToPosition) -> types.Diagnostic:
    return types.Diagnostic(
        range=types.Range(to_position(finding.start), to_position(finding.end)),
        message=wording.diagnostic(finding),
        severity=types.DiagnosticSeverity.Warning,
        code=finding.rule,
        source=DIAGNOSTIC_SOURCE,
        data={"fingerprint": finding.fingerprint},
    )


def _note(message: str) -> types.Diagnostic:
    top = types.Position(0, 0)
    return types.Diagnostic(
        range=types.Range(top, top),
        message=message,
        severity=types.DiagnosticSeverity.Information,
        source=DIAGNOSTIC_SOURCE,
    )
