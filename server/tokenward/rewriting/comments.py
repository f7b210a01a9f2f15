"""ignore_edit: the comment with which a user ignores a token."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tokenward.errors import RewriteRefused
from tokenward.model import Span
from tokenward.names import IGNORE_COMMENT, IGNORE_NEXT_LINE_COMMENT
from tokenward.rewriting.edits import Edit
from tokenward.rewriting.languages import Language
from tokenward.rewriting.literal import ParsedText
from tokenward.rewriting.tree import refusing_false_trees
from tokenward.rewriting.verification import TextChange, check_comments_added
from tokenward.text import line_span, newline_of

# A comment after a backslash could become part of the line that the backslash continues.
_CONTINUED = re.compile(r"\\(?:\r\n|\n|\r)?\Z")
_INDENT = re.compile(r"[ \t]*")


def ignore_edit(text: str, language: Language, span: Span) -> Edit:
    """Return the edit that adds an ignore comment on the token's line, or on the line above if only that is safe.

    Raises:
        RewriteRefused: the format has no comments, or none is possible near the token.
    """
    if language.comment is None:
        raise RewriteRefused(
            "This format has no comments; add the token to a baseline or an ignore file instead."
        )
    edits = _possible_edits(text, language, [span])
    if edits is None:
        raise RewriteRefused(
            "No comment is possible beside the token here; add the token to a baseline or an ignore file instead."
        )
    return edits[0]


def all_ignorable(text: str, language: Language, spans: Sequence[Span]) -> bool:
    """Return whether every token can surely be ignored; all comments are tried at once, in the time that one takes."""
    return language.comment is not None and _possible_edits(text, language, spans) is not None


@refusing_false_trees()
def _possible_edits(text: str, language: Language, spans: Sequence[Span]) -> list[Edit] | None:
    """Return the edits that add a comment on each token's line, or on each line above; None if neither is safe."""
    parsed = language.read(text)
    one_line = not any(re.search(r"[\r\n]", text[span.start : span.end]) for span in spans)
    ends = (line_span(text, span).end for span in spans)
    at_end = _in_order(Edit(Span(end, end), f" {language.comment} {IGNORE_COMMENT}") for end in ends)
    if one_line and language.comments_end_lines and _add_comments(parsed, at_end, IGNORE_COMMENT):
        return at_end
    above = _in_order(_above(text, span, f"{language.comment} {IGNORE_NEXT_LINE_COMMENT}") for span in spans)
    return above if _add_comments(parsed, above, IGNORE_NEXT_LINE_COMMENT) else None


def _in_order(edits: Iterable[Edit]) -> list[Edit]:
    return sorted(set(edits), key=lambda edit: edit.span)


def _add_comments(parsed: ParsedText, edits: Sequence[Edit], marker: str) -> bool:
    text, ends = parsed.text, [edit.span.start for edit in edits]
    if any(_CONTINUED.search(text, max(0, end - 3), end) for end in ends):
        return False
    try:
        check_comments_added(TextChange.made(parsed, edits), marker)
    except RewriteRefused:
        return False
    return True


def _above(text: str, span: Span, comment: str) -> Edit:
    start = line_span(text, span).start
    start += text.startswith("\ufeff", start)
    indent = _INDENT.match(text, start)
    return Edit(Span(start, start), (indent[0] if indent else "") + comment + newline_of(text))
