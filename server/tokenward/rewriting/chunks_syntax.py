"""A document of Quarto or R Markdown: each chunk of code is rewritten by the rules of its language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tokenward.errors import RewriteRefused
from tokenward.model import Reference, Span
from tokenward.rewriting.code.shell import ShellSyntax
from tokenward.rewriting.literal import Leaf, Literal, ParsedText, Quoted, Replacement
from tokenward.rewriting.notebook_cell import NOTEBOOK_LANGUAGES, Parse, Unread

_LANGUAGES = {**NOTEBOOK_LANGUAGES, **dict.fromkeys(("bash", "sh", "zsh"), ShellSyntax)}
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[ \t]*(?:\{(\w+)\b[^}\n]*\})?[^\n]*(?:\n|\Z)", re.MULTILINE)


class _Chunk(NamedTuple):
    span: Span
    parsed: ParsedText


class ChunksSyntax(ParsedText):
    """A document whose chunks of one language share a session."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        found = list(_chunks(text))
        code = {make: _only(text, [span for span, one in found if one is make]) for _, make in found}
        known = {make: make(own) for make, own in code.items()}
        self._chunks = [_Chunk(span, known[make]) for span, make in found]
        self._parsed = list(known.values())

    def literal(self, span: Span, reference: Reference) -> Literal:
        return self._at(span).literal(span, reference)

    def preamble(self, uses: Sequence[Span], reference: Reference) -> list[Replacement]:
        own = ((one, [use for use in uses if self._at(use) is one]) for one in self._parsed)
        return [change for one, places in own if places for change in one.preamble(places, reference)]

    def lacks(self, inserted: str) -> bool:
        return any(one.lacks(inserted) for one in self._parsed)

    def lookups(self, name: str) -> Iterator[Span]:
        for one in self._parsed:
            yield from one.lookups(name)

    def quoted(self, span: Span, value: str) -> list[Quoted]:
        chunk = self._chunk(span)
        return chunk.parsed.quoted(span, value) if chunk else []

    def is_inside(self, offset: int) -> bool:
        chunk = self._chunk(Span(offset, offset))
        return chunk.parsed.is_inside(offset) if chunk else 0 < offset < len(self.text)

    def in_comment(self, span: Span) -> bool:
        chunk = self._chunk(span)
        return chunk is not None and chunk.parsed.in_comment(span)

    def leaves(self) -> Iterator[Leaf]:
        """Return the parts of the text around the code, and those of the code."""
        start = 0
        inside = []
        for span, parsed in self._chunks:
            inside += [Leaf("text", Span(start, span.start))] if start < span.start else []
            inside += [leaf for leaf in parsed.leaves() if span.contains(leaf.span)]
            start = span.end
        return iter(
            [*inside, *([Leaf("text", Span(start, len(self.text)))] if start < len(self.text) else [])]
        )

    def errors(self) -> list[Span]:
        return [error for one in self._parsed for error in one.errors()]

    def assigned(self, span: Span) -> str | None:
        chunk = self._chunk(span)
        return chunk.parsed.assigned(span) if chunk else None

    def fallback(self, span: Span) -> str | None:
        chunk = self._chunk(span)
        return chunk.parsed.fallback(span) if chunk else None

    def _chunk(self, span: Span) -> _Chunk | None:
        return next((one for one in self._chunks if one.span.contains(span)), None)

    def _at(self, span: Span) -> ParsedText:
        if chunk := self._chunk(span):
            return chunk.parsed
        raise RewriteRefused("It is in the notebook's text, not in its code; delete it there, and revoke it.")


def _chunks(text: str) -> Iterator[tuple[Span, Parse]]:
    """Yield the code of each closed chunk, and what parses it."""
    opening: re.Match[str] | None = None
    for fence in _FENCE.finditer(text):
        if opening is None:
            opening = fence
        elif fence[1].startswith(opening[1]) and not fence[0].strip(" \t\r\n`~"):
            if opening[2]:
                make = _LANGUAGES.get(opening[2].lower(), Unread)
                yield Span(opening.end(), fence.start()), make
            opening = None


def _only(text: str, spans: Sequence[Span]) -> str:
    """Return a text of the same length that is blank outside some spans."""
    parts, start = [], 0
    for span in spans:
        parts += [re.sub(r"[^\r\n]", " ", text[start : span.start]), text[span.start : span.end]]
        start = span.end
    return "".join([*parts, re.sub(r"[^\r\n]", " ", text[start:])])
