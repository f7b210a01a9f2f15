"""Excerpts of printed texts and the ledger's names of files, with every token masked."""

from __future__ import annotations

import re
from dataclasses import replace

from tokenward.detection.custom.workspace import PLAIN, LocalRules
from tokenward.detection.detection import Detection
from tokenward.detection.engine import Detector
from tokenward.findings import excerpt as excerpts
from tokenward.findings.excerpt import Excerpt
from tokenward.findings.scan import DOCUMENT_DEADLINE, Scanner
from tokenward.findings.stream.open_keys import open_keys
from tokenward.model import Span
from tokenward.places import canonical

_KEY_LINE = re.compile(r"(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{40,}={0,2}(?![A-Za-z0-9+/=])")
"""A possible line of a key that starts elsewhere."""


def without_tokens(detector: Detector, text: str, local: LocalRules = PLAIN) -> str:
    """Return a line such as a command line with its tokens masked, printable and not too long.

    Raises:
        TimeoutError: the text is so long that this takes too long.
    """
    return excerpts.masked(text, _hidden(detector, text, local))


def excerpt(detector: Detector, text: str, detection: Detection, local: LocalRules = PLAIN) -> Excerpt:
    """Return the lines around a token.

    Raises:
        TimeoutError: the text is so long that this takes too long.
    """
    hidden = [_secret_part(detection), *_hidden(detector, text, local)]
    return excerpts.excerpt(text, detection.span, hidden)


def _hidden(detector: Detector, text: str, local: LocalRules) -> list[Span]:
    """Return the spans that must not be shown: every token, even an ignored one, and parts of keys."""
    bare = replace(local, ignore_sources=(), exceptions=(), comments=False, generic=True)
    found = detector.detect_all(text, local=bare, timeout=DOCUMENT_DEADLINE).found
    lines = (Span(*line.span()) for line in _KEY_LINE.finditer(text))
    return [*map(_secret_part, found), *open_keys(text), *lines]


def _secret_part(detection: Detection) -> Span:
    shown = len(detection.provider.prefix(detection.secret.reveal()))
    return Span(detection.span.start + shown, detection.span.end)


def ledger_name(scanner: Scanner, path: str) -> str:
    """Return the path without its tokens, always the same for the same file."""
    path = canonical(path)
    try:
        return without_tokens(scanner.detector, path) if scanner.scan_text(path, "path") else path
    except TimeoutError:
        return f"path {scanner.fingerprint(path)}"
