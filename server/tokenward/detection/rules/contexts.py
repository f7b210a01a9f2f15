"""What must be near the match of a rule: a rule that reached that far itself would be super-linear."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from tokenward.model import Span

REACH = 1_000
"""The most characters before and after a match that are read."""
_SECRET = re.compile(r"\bkind:[ \t]*[\"']?Secret\b")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ID_IN_DATA = re.compile(r"session_?id[\"']\s?:\s?[\"']\Z", re.IGNORECASE)
_LONGEST_NAME = 20
_NEXT_DOCUMENT = re.compile(r"^---", re.MULTILINE)


def holds_in(rule: str, text: str, span: Span) -> bool:
    """Return whether a match of a rule is where the rule applies; `span` is that of its value."""
    condition = CONTEXTS.get(rule)
    return condition is None or condition(text, span)


def _is_in_secret(text: str, span: Span) -> bool:
    """Return whether the YAML document around a value is a Kubernetes Secret; its kind may follow its data."""
    before = text[max(0, span.start - REACH) : span.start]
    after = text[span.end : span.end + REACH]
    same_document = (_NEXT_DOCUMENT.split(before)[-1], _NEXT_DOCUMENT.split(after, 1)[0])
    return any(map(_SECRET.search, same_document))


def _is_cookie(text: str, span: Span) -> bool:
    """Return whether a value is not merely the id of a session in data, which programs that count visitors make."""
    before = text[max(0, span.start - _LONGEST_NAME) : span.start]
    return not (_UUID.fullmatch(text[span.start : span.end]) and _ID_IN_DATA.search(before))


CONTEXTS: Mapping[str, Callable[[str, Span], bool]] = {
    "tokenward.cookie-session": _is_cookie,
    "tokenward.kubernetes-secret-data": _is_in_secret,
}
"""The condition of each rule that has one."""
