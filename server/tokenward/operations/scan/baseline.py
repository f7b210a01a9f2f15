"""A baseline: an earlier JSON report, whose findings are known and need not be reported again."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tokenward.errors import BaselineUnusable
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
        name: what the user calls it.
        findings: a place and a fingerprint each; the place as `_place` spells it.
    """

    name: str
    findings: frozenset[tuple[str, str]]

    def knows(self, path: Path, fingerprint: Fingerprint) -> bool:
        """Whether the report has a token in a file, wherever in it."""
        return (_place(path), fingerprint) in self.findings


def key_id(fingerprint: Callable[[str], Fingerprint]) -> str:
    """What tells one fingerprint key from another, and tells nothing of either.

    It is the fingerprint of a text that is no token, so it says as much of the key as any fingerprint does.
    """
    return fingerprint(_KEY_TEXT)[:_KEY_CHARACTERS]


def read_baseline(path: Path, key: str) -> Baseline:
    """The baseline in a file.

    Its relative paths are looked for both from the current folder, where the report was probably made, and from the
    folder that it lies in, where it may be kept.

    Args:
        path: a report of `tokenward scan --format json`.
        key: the id of the key that fingerprints are made with now.

    Raises:
        BaselineUnusable: it cannot be read, is no such report, or was made with another key.
    """
    name = shown(path)
    report = _parsed(path, name)
    made_with = _summary(report).get("fingerprint_key")
    pairs = _pairs(report)
    if pairs is None or not isinstance(made_with, str):
        raise BaselineUnusable(
            f"{name} is no report of Tokenward; make one by `tokenward scan --format json`."
        )
    if made_with != key:
        raise BaselineUnusable(
            f"{name} was made on another machine or by another user, whose fingerprints differ; "
            "`tokenward ignore` accepts a token for everybody, in .tokenwardignore."
        )
    folders = (Path.cwd(), path.absolute().parent)
    places = ((_place(folder / found), token) for found, token in pairs for folder in folders)
    return Baseline(name, frozenset(places))


def _parsed(path: Path, name: str) -> object:
    try:
        content = read_small(path.resolve(), LARGEST_BASELINE)
    except (OSError, RuntimeError, ValueError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise BaselineUnusable(f"{name} cannot be read ({why}); name a report that can.") from None
    if content is None:
        raise BaselineUnusable(f"{name} is not there, or is no file; name a report that is.")
    try:
        # Windows' shells write UTF-16 where output is redirected.
        return json.loads(content)
    except (ValueError, RecursionError):
        raise BaselineUnusable(f"{name} is not valid JSON; make it anew.") from None


def _summary(report: object) -> dict[str, object]:
    summary = report.get("summary") if isinstance(report, dict) else None
    return summary if isinstance(summary, dict) else {}


def _pairs(report: object) -> list[tuple[str, str]] | None:
    """The path and fingerprint of each finding; None when one lacks either."""
    findings = report.get("findings") if isinstance(report, dict) else None
    if not isinstance(findings, list):
        return None
    pairs = [_pair(found) for found in findings]
    return None if None in pairs else [pair for pair in pairs if pair is not None]


def _pair(found: object) -> tuple[str, str] | None:
    fields = found if isinstance(found, dict) else {}
    path, fingerprint = fields.get("path"), fields.get("fingerprint")
    return (path, fingerprint) if isinstance(path, str) and isinstance(fingerprint, str) else None


def _place(path: Path) -> str:
    """One spelling for one place; nothing is looked up on the disk, since the paths are a file's."""
    return os.path.normcase(os.path.normpath(path))
