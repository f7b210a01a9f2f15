"""The sentences of a report, without values; names in them are not yet escaped."""

from __future__ import annotations

from collections.abc import Iterator

from tokenward.language import counted, exposed
from tokenward.operations.scan.report import Report, ReportedFinding, Summary

ABOUT_TOKENS = "https://owasp.org/www-project-non-human-identities-top-10/2025/2-secret-leakage/"
ABOUT_CWE = "https://cwe.mitre.org/data/definitions/798.html"

_SHORT = 8
"""The characters of a commit's hash that people see."""

WHY = "Everybody who can read the file can use a token in plain text, and so can every program."
_REVOKE = "Revoke the token if anybody else may have read it."
_STORE = "Store its replacement in the keyring: `tokenward move FILE` moves it there and leaves a reference."
REMEDY = f"{_REVOKE} {_STORE}"
"""The advice on any token."""


def remedy(found: ReportedFinding) -> str:
    """Return the advice on a token, with how to revoke it if that is known."""
    return " ".join(filter(None, (_REVOKE, found.profile.ends, _STORE)))


def finding(found: ReportedFinding) -> str:
    """Return what a finding is."""
    if found.commit:
        return f"{found.label} is in plain text in the history, since commit {found.commit[:_SHORT]}."
    return f"{found.label} is in plain text here."


def place(found: ReportedFinding) -> str:
    """Return `path:line:column` as editors show it, counted from 1; in the history with ` @ COMMIT`."""
    commit = f" @ {found.commit[:_SHORT]}" if found.commit else ""
    return f"{found.path}:{found.start.line + 1}:{found.start.character + 1}{commit}"


def remarks(summary: Summary) -> Iterator[str]:
    """Yield counts of the ignored, known and left out, so that nothing goes unnoticed."""
    for ignored in summary.silenced:
        yield f"{counted(ignored.count, 'finding')} {_are(ignored.count)} ignored by {ignored.source}."
    if known := summary.known:
        yield f"{counted(known.count, 'finding')} {_are(known.count)} known from the baseline {known.baseline}."
    yield from summary.left_out


def total(report: Report) -> str:
    """Return the result of the scan in one line; tokens are counted as in editors, once each and without notes."""
    summary = report.summary
    warned = [one.fingerprint for one in report.findings if one.severity != "information"]
    notes = len(report.findings) - len(warned)
    tokens = exposed(len(set(warned)), len(warned)).capitalize()
    tokens = f"{tokens}, and {notes:,} for information," if notes else tokens
    scanned = counted(summary.files, "file")
    if summary.commits is not None:
        scanned = f"{counted(summary.files, 'file version')} of {counted(summary.commits, 'commit')}"
    return f"{tokens} in {scanned} ({_size(summary.bytes)}, {summary.seconds:.1f} s)."


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _size(count: int) -> str:
    if count < 1000:
        return counted(count, "byte")
    return f"{count / 1e3:,.1f} kB" if count < 1e6 else f"{count / 1e6:,.1f} MB"
