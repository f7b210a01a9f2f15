"""The ledger's names of files with tokens, because a path may also contain one."""

from __future__ import annotations

from tokenward.findings.scan import Scanner
from tokenward.operations.excerpts import without_tokens
from tokenward.places import canonical


def ledger_name(scanner: Scanner, path: str) -> str:
    """Return the path without its tokens, always the same for the same file."""
    path = canonical(path)
    try:
        return without_tokens(scanner.detector, path) if scanner.scan_text(path, "path") else path
    except TimeoutError:
        return f"path {scanner.fingerprint(path)}"
