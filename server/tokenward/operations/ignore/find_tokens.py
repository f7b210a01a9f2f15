"""Finds the tokens in a file that a user wants to ignore."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tokenward.detection.custom.workspace import LocalRules
from tokenward.detection.detection import Detection, DetectionResult
from tokenward.detection.suppress.ignore_file import IgnoredTokens
from tokenward.errors import TokenGone, TokenwardError
from tokenward.findings.scan import DOCUMENT_DEADLINE, Scanner
from tokenward.model import Point
from tokenward.operations.ignore.add_entries import IgnorableToken
from tokenward.operations.scan.workspace_rules import Rules
from tokenward.places import shown
from tokenward.sources.candidate import Candidate, Trouble
from tokenward.sources.safe_read import Content, read_content
from tokenward.text import Encoding, LineTable, from_units, split_lines


def tokens_at(
    scanner: Scanner, rules: Rules, candidate: Candidate, limit: int, *, line: int, character: int | None
) -> tuple[IgnorableToken, ...]:
    """Return the tokens on a line, or at one character of it, including those that already have an entry.

    Both count from 0, the character in UTF-16 units. No more than `limit` bytes of the file are read.

    Raises:
        TokenGone: no token is there.
        TokenwardError: the file cannot be scanned.
    """
    without_entries = tuple(s for s in rules.local.ignore_sources if not isinstance(s, IgnoredTokens))
    text = text_of(candidate, limit)
    detected = _detected(
        scanner, rules, candidate, text, replace(rules.local, ignore_sources=without_entries)
    )
    table = LineTable(text)
    found = [
        d for d in detected.found if table.point(d.span.start).line <= line <= table.point(d.span.end).line
    ]
    if character is not None:
        lines = split_lines(text)
        column = from_units(lines[line], character, Encoding.UTF16) if line < len(lines) else 0
        offset = table.offset(Point(line, column))
        found = [d for d in found if d.span.start <= offset < d.span.end]
    if found:
        return _tokens(rules, candidate, table, found)
    place = f"{shown(candidate.path)}:{line + 1}"
    by = next((one.by for one in detected.ignored if one.line == line), None)
    if by is not None:
        raise TokenGone(f"The token at {place} is already ignored by {shown(by)}; nothing was written.")
    raise TokenGone(f"No token was found at {place}; name a place that `tokenward scan` prints.")


def tokens_in(scanner: Scanner, rules: Rules, candidate: Candidate, limit: int) -> tuple[IgnorableToken, ...]:
    """Return the tokens that a scan of a file reports.

    Raises:
        TokenwardError: the file cannot be scanned.
    """
    text = text_of(candidate, limit)
    detected = _detected(scanner, rules, candidate, text, rules.local)
    return _tokens(rules, candidate, LineTable(text), detected.found)


def named_file(path: Path, folders: Sequence[Path]) -> Candidate:
    """Return a file as a scan of the first folder around it would, or else as a scan of its own folder would.

    Raises:
        TokenwardError: it does not exist, or a link leads from such a folder to it.
    """
    place, real = Path(os.path.abspath(path)), Path(os.path.realpath(path))  # noqa: PTH100
    try:
        status = real.lstat()
    except (OSError, ValueError):
        raise TokenwardError(f"{shown(path)} does not exist; check the path.") from None
    for folder in folders:
        top = Path(os.path.realpath(folder))
        if real.is_relative_to(top):
            name = place.relative_to(folder) if place.is_relative_to(folder) else real.relative_to(top)
            return Candidate.of(str(folder), status, name.as_posix())
        if place.is_relative_to(folder):
            raise TokenwardError(
                f"{shown(path)} is reached by a link out of {shown(folder)}; name the file itself."
            )
    return Candidate.of(str(real.parent), status, real.name)


def text_of(candidate: Candidate, limit: int) -> str:
    """Return the text of a file up to a number of bytes.

    Raises:
        TokenGone: it is not text.
        TokenwardError: it cannot be read.
    """
    content = read_content(candidate, limit)
    if isinstance(content, Trouble):
        raise TokenwardError(content.sentence)
    if not isinstance(content, Content):
        raise TokenGone(f"{shown(candidate.path)} is not a text file that a scan reads; name one that is.")
    return content.text()


def _detected(
    scanner: Scanner, rules: Rules, candidate: Candidate, text: str, local: LocalRules
) -> DetectionResult:
    name = rules.prefix + candidate.name
    try:
        return scanner.detector.detect_all(text, name, local=local, timeout=DOCUMENT_DEADLINE)
    except TimeoutError:
        reason = f"{shown(candidate.path)} takes too long to search; ignore its tokens with comments."
    raise TokenwardError(reason)


def _tokens(
    rules: Rules, candidate: Candidate, table: LineTable, found: Sequence[Detection]
) -> tuple[IgnorableToken, ...]:
    path, origin = rules.prefix + candidate.name, str(candidate.path)
    return tuple(IgnorableToken(path, table.point(d.span.start), origin, d) for d in found)
