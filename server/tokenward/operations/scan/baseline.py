"""A baseline: an earlier JSON report, whose findings are known and need not be reported again."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tokenward.errors import BaselineUnusable
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Fingerprint
from tokenward.places import shown
from tokenward.sources.safe_read import read_small

LARGEST_BASELINE = 50_000_000
"""Bytes of a report, which is parsed as a whole."""
_KEY_TEXT = "tokenward: which key is this?"
_KEY_CHARACTERS = 16


@dataclass(frozen=True, slots=True)
class Baseline:
    """The findings of an earlier report.

    Attributes:
        findings: the place (as `_place` spells it) and the fingerprint of each.
    """

    name: str
    findings: frozenset[tuple[str, str]]

    def knows(self, path: Path, fingerprint: Fingerprint) -> bool:
        """Return whether the report has a token anywhere in a file."""
        return (_place(path), fingerprint) in self.findings


def key_id(fingerprint: Callable[[str], Fingerprint]) -> str:
    """Return the id of the fingerprint key, which reveals nothing about the key.

    It is the fingerprint of a text that is not a token, so it reveals as little as any fingerprint.
    """
    return fingerprint(_KEY_TEXT)[:_KEY_CHARACTERS]


def read_baseline(path: Path, key: str) -> Baseline:
    """Read the baseline in a report of `tokenward scan --format json`, made with the fingerprint key of this id.

    Its relative paths count both from the current folder, where the report was probably made, and from its own.

    Raises:
        BaselineUnusable: it cannot be read, is not such a report, or was made with another key.
    """
    name = shown(path)
    recorded = _findings_in(_parsed(path, name))
    if recorded is None:
        raise BaselineUnusable(
            f"{name} is not a report of Tokenward; make one with `tokenward scan --format json`."
        )
    made_with, pairs = recorded
    if made_with != key:
        raise BaselineUnusable(
            f"{name} was made on another machine or by another user, whose fingerprints differ; "
            "`tokenward ignore` accepts a token for everybody, in .tokenwardignore."
        )
    folders = (Path.cwd(), path.absolute().parent)
    places = ((_place(folder / found), token) for found, token in pairs for folder in folders)
    return Baseline(name, frozenset(places))


def _parsed(path: Path, name: str) -> Any:
    try:
        content = read_small(path.resolve(), LARGEST_BASELINE)
    except (OSError, RuntimeError, ValueError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise BaselineUnusable(f"{name} cannot be read ({why}); check its permissions.") from None
    if content is None:
        raise BaselineUnusable(f"{name} does not exist or is not a file; check the path.")
    try:
        # The shells of Windows write redirected output as UTF-16.
        return json.loads(content)
    except (ValueError, RecursionError):
        raise BaselineUnusable(f"{name} is not valid JSON; make it again.") from None


def _findings_in(report: Any) -> tuple[str, list[tuple[str, Fingerprint]]] | None:
    """Return the id of a report's key, and the path and fingerprint of each finding; None if it is not a report."""
    try:
        key, findings = report["summary"]["fingerprint_key"], report["findings"]
        pairs = [(found["path"], found["fingerprint"]) for found in findings]
    except (KeyError, TypeError):
        return None
    texts = (key, *(text for pair in pairs for text in pair))
    is_report = isinstance(findings, list) and all(isinstance(text, str) for text in texts)
    return (key, pairs) if is_report else None


def _place(path: Path) -> str:
    """Return the canonical spelling of a place, without accessing the disk, because the paths come from a file."""
    return os.path.normcase(os.path.normpath(path))
