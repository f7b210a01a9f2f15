"""split_constant: the changes that turn one constant in a block of Go's constants into a variable."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from tree_sitter import Node

from tokenward.model import Span
from tokenward.rewriting.literal import COMMENT, Replacement, refuse
from tokenward.rewriting.syntax import Syntax
from tokenward.text import line_span, newline_of

_GAP = re.compile(r"(?:const\s{0,9}\()?\s{1,60}|\s{0,60}\)")


def split_constant(syntax: Syntax, block: Node, spec: Node) -> list[Replacement]:
    """Return the changes that end the block before the constant and start it again after.

    Raises:
        RewriteRefused: the block does not have one constant per line.
    """
    members = block.named_children
    first, last = _with_comments(members, members.index(spec))
    own = members[first : last + 1]
    line = line_span(syntax.text, syntax.span(block)).start
    indent = re.match(r"[ \t]*", syntax.text[line:])
    newline = newline_of(syntax.text) + (indent[0] if indent else "")
    starts, ends = [syntax.span(node).start for node in own], [syntax.span(node).end for node in own]
    before = syntax.span(members[first - 1]).end if first else syntax.span(block).start
    after = syntax.span(members[last + 1]).start if last + 1 < len(members) else syntax.span(block).end
    lead = f"{newline}){newline}{newline}" if first else ""
    tail = f"{newline}{newline}const ({newline}\t" if last + 1 < len(members) else ""
    gaps = [(Span(before, starts[0]), lead)]
    gaps += [(Span(end, start), newline) for (end, _), (_, start) in pairwise(zip(ends, starts, strict=True))]
    at = own.index(spec)
    gaps[at] = (gaps[at][0], gaps[at][1] + "var ")
    gaps = [*gaps[: at + 1], (Span(ends[-1], after), tail)]
    if any(not _GAP.fullmatch(syntax.text[span.start : span.end]) for span, _ in gaps):
        raise refuse("a block of constants")
    return [Replacement(span, text, before=syntax.text[span.start : span.end]) for span, text in gaps]


def _with_comments(members: Sequence[Node], at: int) -> tuple[int, int]:
    """Return the first and the last member of a constant, including the comments above and the one after it."""
    first = at
    while first and members[first - 1].type == COMMENT and _is_above(members, first):
        first -= 1
    follows = at + 1 < len(members) and members[at + 1].start_point.row == members[at].end_point.row
    return first, at + 1 if follows and members[at + 1].type == COMMENT else at


def _is_above(members: Sequence[Node], at: int) -> bool:
    comment = members[at - 1]
    is_alone = at < 2 or members[at - 2].end_point.row < comment.start_point.row
    return is_alone and comment.end_point.row + 1 == members[at].start_point.row
