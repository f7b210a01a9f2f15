"""What a report says in words, spelled as it comes; never a value."""

from __future__ import annotations

from collections.abc import Iterator

from tokenward.operations.scan.report import IgnoredCount, KnownFindings, ReportedFinding, Summary

ABOUT_TOKENS = "https://owasp.org/www-project-non-human-identities-top-10/2025/2-secret-leakage/"
ABOUT_CWE = "https://cwe.mitre.org/data/definitions/798.html"

_SHORT = 8
"""Characters of a commit's hash that people are shown."""

WHY = "A token in plain text can be used by everybody who can read the file, and by every program that does."
_REVOKE = "Revoke the token if anybody else could have read it."
_KEEP = (
    "Then keep its successor in the keyring: `tokenward move FILE` stores it there and leaves a reference."
)
REMEDY = f"{_REVOKE} {_KEEP}"
"""What to do about any token."""


def remedy(found: ReportedFinding) -> str:
    """What to do about a token, and how it is ended where that is known."""
    return " ".join(filter(None, (_REVOKE, found.profile.ends, _KEEP)))


def finding(found: ReportedFinding) -> str:
    if found.commit:
        return f"{found.label} stands in plain text in the history, since commit {found.commit[:_SHORT]}."
    return f"{found.label} stands here in plain text."


def place(found: ReportedFinding) -> str:
    """`path:line:column` as editors show it, counted from 1; ` @ COMMIT` after it when it is in the history."""
    commit = f" @ {found.commit[:_SHORT]}" if found.commit else ""
    return f"{found.path}:{found.start.line + 1}:{found.start.character + 1}{commit}"


def remarks(summary: Summary) -> Iterator[str]:
    """What was silenced, what is known and what was left out: nothing of it may go unseen."""
    yield from map(_silenced, summary.silenced)
    if summary.known is not None:
        yield _known(summary.known)
    yield from summary.left_out


def total(summary: Summary) -> str:
    tokens = _counted(summary.findings, "token") if summary.findings else "No tokens"
    looked_at = _looked_at(summary)
    return f"{tokens} in {looked_at} ({_size(summary.bytes)}, {summary.seconds:.1f} s)."


def _silenced(silenced: IgnoredCount) -> str:
    are = "is" if silenced.count == 1 else "are"
    return f"{_counted(silenced.count, 'finding')} {are} silenced by {silenced.source}."


def _known(known: KnownFindings) -> str:
    are = "is" if known.count == 1 else "are"
    return f"{_counted(known.count, 'finding')} {are} known by the baseline {known.baseline}."


def _looked_at(summary: Summary) -> str:
    if summary.commits is None:
        return _counted(summary.files, "file")
    return f"{_counted(summary.files, 'file version')} of {_counted(summary.commits, 'commit')}"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _size(count: int) -> str:
    if count < 1000:
        return _counted(count, "byte")
    return f"{count / 1e3:,.1f} kB" if count < 1e6 else f"{count / 1e6:,.1f} MB"
