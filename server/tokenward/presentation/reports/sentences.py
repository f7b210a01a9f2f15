"""What a report says in words, spelled as it comes; never a value."""

from __future__ import annotations

from collections.abc import Iterator

from tokenward.presentation.reports.model import ReportedFinding, Silenced, Summary

ABOUT_TOKENS = "https://owasp.org/www-project-non-human-identities-top-10/2025/2-secret-leakage/"
ABOUT_CWE = "https://cwe.mitre.org/data/definitions/798.html"

WHY = "A token in plain text can be used by everybody who can read the file, and by every program that does."
REMEDY = (
    "Revoke the token if anybody else could have read it. Then keep its successor in the keyring: "
    "`tokenward move FILE` stores it there and leaves a reference."
)


def finding(found: ReportedFinding) -> str:
    return f"{found.label} stands here in plain text."


def place(found: ReportedFinding) -> str:
    """`path:line:column` as editors show it, counted from 1."""
    return f"{found.path}:{found.start.line + 1}:{found.start.character + 1}"


def remarks(summary: Summary) -> Iterator[str]:
    """What was silenced and what was left out: nothing of it may go unseen."""
    yield from map(_silenced, summary.silenced)
    yield from summary.left_out


def total(summary: Summary) -> str:
    tokens = _counted(summary.findings, "token") if summary.findings else "No tokens"
    looked_at = _counted(summary.files, "file")
    return f"{tokens} in {looked_at} ({_size(summary.bytes)}, {summary.seconds:.1f} s)."


def _silenced(silenced: Silenced) -> str:
    are = "is" if silenced.count == 1 else "are"
    return f"{_counted(silenced.count, 'finding')} {are} silenced by {silenced.source}."


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _size(count: int) -> str:
    if count < 1000:
        return _counted(count, "byte")
    return f"{count / 1e3:,.1f} kB" if count < 1e6 else f"{count / 1e6:,.1f} MB"
