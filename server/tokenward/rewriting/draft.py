"""Draft: a text with inserted texts, whose later edits are returned as changes of the original text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from tokenward.errors import RewriteRefused
from tokenward.model import Span
from tokenward.rewriting.edits import Edit


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of the current text.

    Attributes:
        text: its characters.
        start: its offset in the original text; None for new text.
        place: the number of the place whose inserted text it belongs to, if any.
    """

    text: str = field(repr=False)
    start: int | None = None
    place: int | None = None

    def split(self, at: int) -> tuple[_Piece, _Piece]:
        """Return the parts before and after a character."""
        start = None if self.start is None else self.start + at
        return replace(self, text=self.text[:at]), replace(self, text=self.text[at:], start=start)


class Draft:
    """A text in which an edit that touches an inserted text becomes part of that; all other edits are separate."""

    def __init__(self, text: str, places: Sequence[Span] = (), inserted: str = "") -> None:
        """Replace each of the spans, which are ordered and disjoint, with a text."""
        self._original_length = len(text)
        self._places = tuple(places)
        self._pieces: list[_Piece] = []
        done = 0
        for number, place in enumerate(places):
            self._pieces += [_Piece(text[done : place.start], done), _Piece(inserted, None, number)]
            done = place.end
        self._pieces = _without_empty([*self._pieces, _Piece(text[done:], done)])

    @property
    def text(self) -> str:
        """Return the current text."""
        return "".join(piece.text for piece in self._pieces)

    def inserted_spans(self) -> list[Span]:
        """Return the current spans of the inserted texts, including the edits that became part of them."""
        spans: dict[int, Span] = {}
        offset = 0
        for piece in self._pieces:
            end = offset + len(piece.text)
            if piece.place is not None:
                spans[piece.place] = Span(spans.get(piece.place, Span(offset, end)).start, end)
            offset = end
        return list(spans.values())

    def place(self, span: Span) -> Span:
        """Return the current span of a part of the original text.

        Raises:
            RewriteRefused: it was changed.
        """
        offset = 0
        for piece in self._pieces:
            start = None if piece.start is None else span.start - piece.start
            if start is not None and 0 <= start <= len(piece.text) - len(span):
                return Span(offset + start, offset + start + len(span))
            offset += len(piece.text)
        raise RewriteRefused("Moving another token changes this one; move it by itself.")

    def edit(self, edits: Iterable[Edit]) -> None:
        """Edit the current text; the edits are ordered and disjoint."""
        for edit in reversed(list(edits)):
            before, rest = _split(self._pieces, edit.span.start)
            removed, after = _split(rest, len(edit.span))
            place = next((piece.place for piece in removed if piece.place is not None), None)
            self._pieces = [*before, *_without_empty([_Piece(edit.text, None, place)]), *after]

    def inserted_texts(self) -> list[str]:
        """Return the text to insert at each place."""
        return [_text_of(gap, number) for gap in self._gaps() for number in gap.places]

    def edits(self) -> tuple[Edit, ...]:
        """Return all other changes, as edits of the original text."""
        return tuple(edit for gap in self._gaps() for edit in self._edits_beside(gap))

    def _gaps(self) -> Iterator[_Gap]:
        """Yield the places and all other differences, joined if no original text is between them."""
        done = passed = 0
        new: list[_Piece] = []
        for piece in [*self._pieces, _Piece("", self._original_length)]:
            if piece.start is None:
                new.append(piece)
                continue
            first = passed
            while passed < len(self._places) and self._places[passed].end <= piece.start:
                passed += 1
            if new or first < passed or done < piece.start:
                yield _Gap(Span(done, piece.start), tuple(new), range(first, passed))
            done, new = piece.start + len(piece.text), []

    def _edits_beside(self, gap: _Gap) -> Iterator[Edit]:
        if not gap.places:
            yield Edit(gap.span, "".join(piece.text for piece in gap.new))
            return
        borders = [gap.span.start]
        for number in gap.places:
            borders += [self._places[number].start, self._places[number].end]
        borders.append(gap.span.end)
        for start, end in zip(borders[::2], borders[1::2], strict=True):
            if start < end:
                yield Edit(Span(start, end), "")


@dataclass(frozen=True, slots=True)
class _Gap:
    """New text for a span of the original, and the places in that span."""

    span: Span
    new: tuple[_Piece, ...]
    places: range


def _text_of(gap: _Gap, number: int) -> str:
    """Return the text to insert at one place of a gap: its own, and the following text that belongs to no place."""
    last, parts = gap.places[0], []
    for piece in gap.new:
        last = last if piece.place is None else piece.place
        if last == number:
            parts.append(piece.text)
    return "".join(parts)


def _split(pieces: Sequence[_Piece], offset: int) -> tuple[list[_Piece], list[_Piece]]:
    """Return the pieces before an offset, and those from there on."""
    for index, piece in enumerate(pieces):
        if offset <= 0:
            return list(pieces[:index]), list(pieces[index:])
        if offset < len(piece.text):
            first, second = piece.split(offset)
            return [*pieces[:index], first], [second, *pieces[index + 1 :]]
        offset -= len(piece.text)
    return list(pieces), []


def _without_empty(pieces: Iterable[_Piece]) -> list[_Piece]:
    return [piece for piece in pieces if piece.text]
