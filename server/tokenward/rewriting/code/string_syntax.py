"""StringSyntax: a lookup replaces a whole plain string, in a language without a grammar of tree-sitter."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import ClassVar

from tokenward.model import Reference, Span
from tokenward.rewriting.code.grammar import LanguageRow
from tokenward.rewriting.line_syntax import LineSyntax
from tokenward.rewriting.literal import COMMENT, Joint, Leaf, Literal, Quoted, Replacement, comment, refuse
from tokenward.rewriting.spelling import Form
from tokenward.text import newline_of

_PLAIN = Form(plain=re.compile(r"[ !#-&(-\[\]-~]+"))
"""A value that every language writes as it is, between quotes of either kind."""
_UNIT = r"|(?P<word>\w+)|(?P<mark>\S)"
_LONGEST_LEAD = 2_000
"""The most characters before a string that are compared with a pattern."""
MOST_AROUND = 200
"""The most brackets around a string, and uses of a macro, that are checked."""
_AROUND = 64
"""Characters on either side of a bracket that say what it is for."""
_HIDDEN = {COMMENT, "string", "raw", "opaque", "unclosed"}
_PAIRS = {")": "(", "]": "[", "}": "{"}

_Opened = tuple[int, "_Opened | None"]


@dataclass(frozen=True, slots=True)
class Where:
    """Places in which any expression may be; the patterns see each string as underscores, and no comment.

    Attributes:
        before: matches the code up to the string.
        after: matches the code after it; for a language with `ends`, they must match too.
        look_up: reads the variable `NAME`; empty for the language's own way.
        quotes: the delimiters that it replaces, beside the string's own.
        macro: matches each use of the macro `NAME`, whose name is the group `name` of `before`; each use must be in a
            place as well.
    """

    before: str
    after: str
    look_up: str = ""
    quotes: tuple[str, str] = ("", "")
    macro: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StringGrammar(LanguageRow):
    r"""A language.

    Attributes:
        units: matches the groups `comment`, `string`, with a quote of one character, `raw` for others in which a
            token can be, `name` for one with characters of marks, `opaque` for all else with quotes in it, and
            `unclosed`.
        places: where a lookup may be; the first counts.
        names: matches the code up to a value; the group `name` is what it is assigned to.
        ends: matches what follows an expression; what follows each bracket around one must match as well.
        refused: matches, with `\0` before it, a string or a bracket that is not simply evaluated.
        is_top: an expression may be outside all brackets; otherwise `before` begins at the bracket around the string.
        unknown: matches, in the code, a sign that the text may not be what it seems.
        imports: the lines that a lookup needs.
        imports_at: match the code up to their place; the first that matches counts.
        joint: how strings are joined; None if a token must be a whole string.
    """

    units: str
    places: tuple[Where, ...]
    names: str
    ends: str = ""
    refused: str = "(?!)"
    is_top: bool = True
    unknown: str = "(?!)"
    imports: tuple[str, ...] = ()
    imports_at: tuple[str, ...] = ()
    joint: Joint | None = None

    def pattern(self, where: Where, name: str) -> str:
        """Return the pattern of a lookup, as a move writes it in such a place."""
        return re.escape(where.look_up or self.lookup).replace("NAME", name)

    def reads(self, name: str) -> re.Pattern[str]:
        """Return a pattern for each lookup, as a move writes it, of variables whose names match a pattern."""
        forms = (self.pattern(where, name) for where in self.places)
        return re.compile("|".join(rf"(?<![\w.@])(?<!\w\$){form}(?!\w)" for form in dict.fromkeys(forms)))


class StringSyntax(LineSyntax):
    """A text in a language of the table; a token can move only if it is a whole string."""

    grammar: ClassVar[StringGrammar]

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._leaves = [*_leaves(self.grammar.units, text)]
        hidden, at = [], 0
        for leaf in self._leaves:
            start, end = leaf.span.start, leaf.span.end
            if leaf.kind in _HIDDEN:
                fill = {COMMENT: " ", "string": "_"}.get(leaf.kind, "*")
                ends = (text[start], text[end - 1]) if leaf.kind == "string" else ("", "")
                inside = text[start + len(ends[0]) : end - len(ends[1])]
                hidden += [text[at:start], ends[0], re.sub(r"[^\r\n]", fill, inside), ends[1]]
                at = end
        self._code = "".join([*hidden, text[at:]])

    def leaves(self) -> Iterator[Leaf]:
        return iter(self._leaves)

    def errors(self) -> list[Span]:
        return [leaf.span for leaf in self._leaves if leaf.kind == "unclosed"]

    def literal(self, span: Span, reference: Reference) -> Literal:
        leaf = self._leaf_from(span.start)
        if leaf is None or leaf.kind not in {COMMENT, "string", "raw"} or not leaf.span.contains(span):
            raise refuse("neither a string nor a comment")
        if leaf.kind == COMMENT:
            return comment(leaf.span, reference)
        content, form = self.content(leaf)
        if content != span and self.grammar.joint is None:
            raise refuse("a part of a string")
        where = self._where(leaf.span)
        whole = Span(leaf.span.start - len(where.quotes[0]), leaf.span.end + len(where.quotes[1]))
        look_up = (where.look_up or self.grammar.lookup).replace("NAME", reference.name)
        joint = self.grammar.joint or Joint()
        return Literal(whole, whole, content, form, look_up, joint, in_environment=True)

    def content(self, leaf: Leaf) -> tuple[Span, Form]:
        """Return the content of a string, and its form."""
        return Span(leaf.span.start + 1, leaf.span.end - 1), _PLAIN

    def lookups(self, name: str) -> Iterator[Span]:
        for found in self.grammar.reads(re.escape(name)).finditer(self.text):
            leaf = self._leaf_from(found.start())
            if leaf and leaf.span.start == found.start() and leaf.kind not in _HIDDEN:
                yield Span(*found.span())

    def quoted(self, span: Span, value: str) -> list[Quoted]:
        looks_up = self.text[span.start : span.end]
        return [
            Quoted(opening + quote, value, quote + closing)
            for where in self.grammar.places
            if re.fullmatch(self.grammar.pattern(where, r"\w+"), looks_up)
            for quote in ('"', "'")
            for opening, closing in [where.quotes]
        ]

    def assigned(self, span: Span) -> str | None:
        lead = self.text[max(0, span.start - 4 * _AROUND) : span.start]
        found = re.search(rf"(?:{self.grammar.names})[\"']\Z", lead, re.MULTILINE)
        return found["name"] if found else None

    def preamble(self, uses: Sequence[Span], reference: Reference) -> list[Replacement]:  # noqa: ARG002
        lines = [line for line in self.grammar.imports if not self._has_line(line)] if uses else []
        if not lines:
            return []
        found = (re.search(pattern, self._code, re.MULTILINE) for pattern in self.grammar.imports_at)
        at = next(place.end() for place in found if place)
        newline = newline_of(self.text)
        return [Replacement(Span(at, at), "".join(line + newline for line in lines))]

    def lacks(self, inserted: str) -> bool:
        lines = [line for line in self.grammar.imports if line in inserted]
        return (
            any(not self._has_line(line) for line in lines)
            and self.grammar.reads(r"\w+").search(self.text) is not None
        )

    def _has_line(self, line: str) -> bool:
        return re.search(rf"^{re.escape(line)}[ \t\r]*$", self._code, re.MULTILINE) is not None

    def _where(self, whole: Span) -> Where:
        """Return the place of a string, or of a macro's use.

        Raises:
            RewriteRefused: it is not certain that any expression may be there.
        """
        around = [*islice(self._around(whole.start), MOST_AROUND + 1)]
        is_evaluated = not self._refuses(whole.start) and all(map(self._evaluates, around))
        if (
            self._is_unknown
            or not is_evaluated
            or len(around) > MOST_AROUND
            or not (around or self.grammar.is_top)
        ):
            raise refuse("a place where no expression is allowed")
        lead = self._lead(whole.start, None if self.grammar.is_top else around[0])
        for where in self.grammar.places:
            opening, closing = map(re.escape, where.quotes)
            before = re.compile(rf"(?:{where.before}){opening}\Z", re.MULTILINE).search(lead)
            after = re.compile(f"{closing}(?:{where.after})", re.MULTILINE)
            if before is None or not after.match(self._code, whole.end):
                continue
            if where.macro:
                is_evaluated = self._are_evaluated(where.macro.replace("NAME", re.escape(before["name"])))
            else:
                is_evaluated = self._ends(whole.end + len(where.quotes[1]))
            if is_evaluated:
                return where
        raise refuse("a place where no expression is allowed")

    def _are_evaluated(self, uses: str) -> bool:
        """Return whether each use of a macro is in a place that is no macro's itself, unless they are too many."""
        found = [Span(*use.span()) for use in islice(re.finditer(uses, self._code), MOST_AROUND + 1)]
        return len(found) <= MOST_AROUND and not any(self._where(use).macro for use in found)

    def _lead(self, at: int, opening: int | None) -> str:
        """Return the code before a place; from a bracket around it, the middle may be left out."""
        start = max(0, at - _LONGEST_LEAD)
        if opening is None:
            return self._code[start:at]
        return (
            self._code[opening : min(opening + _AROUND, at)] + self._code[max(opening + _AROUND, start) : at]
        )

    @cached_property
    def _is_unknown(self) -> bool:
        return re.search(self.grammar.unknown, self._code, re.MULTILINE) is not None

    def _ends(self, at: int) -> bool:
        return re.compile(self.grammar.ends).match(self._code, at) is not None

    def _evaluates(self, opening: int) -> bool:
        """Return whether an expression may be in a bracket, as far as what is around the bracket says."""
        closing = self._brackets[2].get(opening)
        return closing is not None and self._ends(closing + 1) and not self._refuses(opening)

    def _refuses(self, at: int) -> bool:
        near = f"{self._code[max(0, at - _AROUND) : at]}\0{self._code[at : at + _AROUND]}"
        return re.search(self.grammar.refused, near) is not None

    def _around(self, at: int) -> Iterator[int]:
        """Yield the place of each bracket around a place, the innermost first."""
        places, opened, _ = self._brackets
        index = bisect_left(places, at)
        opening = opened[index - 1] if index else None
        while opening is not None:
            yield opening[0]
            opening = opening[1]

    @cached_property
    def _brackets(self) -> tuple[list[int], list[_Opened | None], dict[int, int]]:
        """Return the places of all brackets, for each the brackets that are open after it, and each pair."""
        places: list[int] = []
        opened: list[_Opened | None] = []
        pairs: dict[int, int] = {}
        now: _Opened | None = None
        for leaf in self._leaves:
            at = leaf.span.start
            bracket = self.text[at] if leaf.kind == "mark" else ""
            if bracket in _PAIRS.values():
                now = at, now
            elif bracket in _PAIRS and now:
                if self.text[now[0]] == _PAIRS[bracket]:
                    pairs[now[0]] = at
                now = now[1]
            else:
                continue
            places.append(at)
            opened.append(now)
        return places, opened, pairs


def _leaves(units: str, text: str) -> Iterator[Leaf]:
    for found in re.finditer(units + _UNIT, text):
        yield Leaf(found.lastgroup or "", Span(*found.span()))
