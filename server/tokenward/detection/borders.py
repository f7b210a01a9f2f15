"""The span guard: a finding covers the whole token, or says that it may not.

A scanner's match can stop short (a routable GitLab token) or begin late (an instance's own prefix). Were only
that part stored, the rest would stay in the file and what is stored would not work.
"""

from __future__ import annotations

import re

from tokenward.model import Span

_RUN = re.compile(r"[A-Za-z0-9_-]*")
_COLOUR = re.compile(r"\x1b\[[0-9;]*\Z")
_COLOUR_END = re.compile(r"[0-9]*m")
_GITLAB = re.compile(r"gl[a-z]{2,6}-")
_ONE_LETTER_ESCAPES = "abfnrtv0"
_LONGEST_RUN = 4096
# A joiner with more of the same behind it may belong to the token: `glpat-….01.…`, Base64, a percent escape.
_JOINED_AFTER = re.compile(r"[.~%][A-Za-z0-9_-]|[+=][A-Za-z0-9_=+/-]")
_JOINED_BEFORE = re.compile(r"[A-Za-z0-9_-][.~%+]")


def whole_token(text: str, span: Span) -> tuple[Span, bool]:
    """The span widened to the run of token characters around it, and whether that is surely all."""
    value = text[span.start : span.end]
    if "\n" in value or "\r" in value:
        return span, _is_whole_block(value)
    before = text[max(0, span.start - _LONGEST_RUN) : span.start]
    after = text[span.end : span.end + _LONGEST_RUN]
    left, left_is_sure = _run_before(before, value) if _is_run(value[0]) else ("", True)
    right = _matched(_RUN, after) if _is_run(value[-1]) else ""
    beyond_left = before[: len(before) - len(left)][-2:]
    joined = _JOINED_AFTER.match(after, len(right)) or _JOINED_BEFORE.fullmatch(beyond_left)
    too_long = _LONGEST_RUN in (len(left), len(right))
    return Span(span.start - len(left), span.end + len(right)), left_is_sure and not joined and not too_long


def _run_before(before: str, value: str) -> tuple[str, bool]:
    """The token characters before a match, and whether they are surely part of it."""
    left = _matched(_RUN, before[::-1])[::-1]
    rest = before[: len(before) - len(left)]
    colour = _COLOUR_END.match(left) if _COLOUR.search(rest[-16:]) else None
    if colour:
        left = left[colour.end() :]
    elif left and rest.endswith("\\"):
        # The run begins inside an escape sequence: `"\nghp_…"` holds no `n`.
        return left[1:], left[0] in _ONE_LETTER_ESCAPES and len(left) == 1
    # A self-managed GitLab may put its own name in front; anything else may be an option's letter or a word.
    return left, not left or (left.endswith("-") and bool(_GITLAB.match(value)))


def _is_run(character: str) -> bool:
    return bool(_RUN.fullmatch(character))


def _matched(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.match(text)
    return found[0] if found else ""


def _is_whole_block(value: str) -> bool:
    """Whether a token of several lines, which is a PEM, has both its lines of dashes."""
    return bool(re.match(r"-----BEGIN [^\n]*-----", value)) and bool(
        re.search(r"-----END [^\n]*-----\s*\Z", value)
    )
