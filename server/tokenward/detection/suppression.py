"""What is no finding although a rule matched: references, placeholders, and what somebody allowed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tokenward.model import Span, references_in
from tokenward.names import ALLOW_COMMENT, ALLOW_NEXT_LINE_COMMENT

_ALLOW_HERE = re.compile(
    rf"{ALLOW_COMMENT}(?![\w-])"
    r"|(?:gitleaks|betterleaks):allow\b"
    r"|kingfisher:ignore\b"
    r"|trufflehog:ignore\b"
    r"|pragma:\s*(?:allow|white)list[ -]secret\b"
    r"|\bggignore\b"
    r"|\bsecretlint-disable-line\b",
    re.IGNORECASE,
)
_ALLOW_BELOW = re.compile(
    rf"{ALLOW_NEXT_LINE_COMMENT}(?![\w-])"
    r"|pragma:\s*(?:allow|white)list[ -]nextline[ -]secret\b"
    r"|\bsecretlint-disable-next-line\b",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"\A\$\w+\Z|\$\{\w|\{\{|\A<[^>]*>\Z|\A%\w+%\Z"  # a variable or a template's field
    r"|example|placeholder|redacted|change[_-]?me|your[_-]|x{6}|\*{4}|\.{4}|0{12}|123456789012",
    re.IGNORECASE,
)
_FEWEST_DISTINCT_CHARACTERS = 6


def is_placeholder(value: str) -> bool:
    """Whether a value is written to be replaced, so carries no authority."""
    return bool(_PLACEHOLDER.search(value)) or len(set(value)) < _FEWEST_DISTINCT_CHARACTERS


def is_reference(text: str, span: Span) -> bool:
    """Whether a span of the text touches a `keyring://` reference."""
    nearby = text[max(0, span.start - 300) : span.end + 300]
    base = max(0, span.start - 300)
    here = Span(span.start - base, span.end - base)
    return any(place.overlaps(here) for place, _ in references_in(nearby))


def is_allowed(lines: Sequence[str], first: int, last: int) -> bool:
    """Whether an allow comment stands on a token's first or last line, or for it on the line above."""
    if _ALLOW_HERE.search(lines[first]) or _ALLOW_HERE.search(lines[last]):
        return True
    return first > 0 and bool(_ALLOW_BELOW.search(lines[first - 1]))
