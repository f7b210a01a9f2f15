"""What is kept of a diagnostic changes nothing that the client gets."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from lsprotocol.types import Diagnostic, DiagnosticSeverity, Location
from pygls.protocol import default_converter

from tokenward.detection.rules.own_rules import GENERIC
from tokenward.findings.index import DocumentFindings
from tokenward.language import speak
from tokenward.lsp.client.convert import to_file_range
from tokenward.lsp.client.protocol import converter
from tokenward.model import Claims, Finding, Fingerprint, Point, Severity
from tokenward.presentation.diagnostics import (
    DiagnosticOptions,
    FindingDiagnostic,
    LatestDiagnostics,
    diagnostics,
)
from tokenward.text import Encoding

FOUND = Finding("betterleaks.github-pat", "GitHub", "ghp", Point(1, 2), Point(1, 9), Fingerprint("f" * 32))
PLACE = partial(to_file_range, encoding=Encoding.UTF16)


def shown(finding: Finding, now: float = 0.0) -> FindingDiagnostic:
    (one,) = diagnostics(
        DocumentFindings(1, (finding,)),
        DiagnosticOptions(now),
        PLACE,
        lambda _: [],
    )
    assert isinstance(one, FindingDiagnostic)
    return one


def test_a_client_gets_the_same_of_a_token_that_moved() -> None:
    ours, plain = converter(), default_converter()  # type: ignore[no-untyped-call]
    for line in (1, 7, 1):
        one = shown(replace(FOUND, start=Point(line, 2), end=Point(line, 9)))
        assert ours.unstructure(one) == plain.unstructure(one)
    assert shown(FOUND).form is one.form


def test_a_changed_message_is_sent_and_changes_no_other() -> None:
    ours, changed = converter(), shown(FOUND)
    before = ours.unstructure(changed)
    changed.message += " More."
    assert ours.unstructure(changed)["message"].endswith(" More.")
    assert ours.unstructure(shown(FOUND)) == before


def test_only_the_very_same_finding_is_shown_again_and_only_if_its_diagnostic_says_the_same() -> None:
    latest, generic = LatestDiagnostics(), replace(FOUND, rule=GENERIC)

    def show(finding: Finding, options: DiagnosticOptions, *places: Location) -> Diagnostic:
        here = DocumentFindings(1, (finding,))
        (one,) = diagnostics(here, options, PLACE, lambda _: list(places), latest=latest)
        return one

    first = show(generic, DiagnosticOptions(now=1.0))
    assert show(generic, DiagnosticOptions(now=2.0)) is first
    assert show(replace(generic), DiagnosticOptions(now=2.0)) is not first
    raised = show(generic, DiagnosticOptions(now=2.0, generic=Severity.WARNING))
    assert raised.severity is DiagnosticSeverity.Warning
    elsewhere = Location("file:///b.py", PLACE(FOUND))
    related = show(generic, DiagnosticOptions(now=2.0, generic=Severity.WARNING), elsewhere)
    assert [one.location for one in related.related_information or ()] == [elsewhere]
    expiring = replace(FOUND, claims=Claims(expires=1_000))
    before = show(expiring, DiagnosticOptions(now=999.0))
    assert show(expiring, DiagnosticOptions(now=1_000.0)).message != before.message


def test_a_token_that_expires_says_so_at_that_second() -> None:
    one = replace(FOUND, claims=Claims(expires=1_000))
    assert shown(one, 999).message != shown(one, 1_000).message


def test_another_language_is_not_answered_from_the_first() -> None:
    english = shown(FOUND).message
    try:
        speak("de")
        assert shown(FOUND).message != english
    finally:
        speak(None)
    assert shown(FOUND).message == english
