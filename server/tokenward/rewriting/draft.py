"""Draft: a text into which another is put and that is then edited, told as changes of the text as it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from tokenward.errors import RewriteRefused
from tokenward.model import Span
from tokenward.rewriting.edits import Edit


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of the text as it is now.

    Attributes:
        start: where it stood before; None for what is new.
        place: the number of the place whose text it is a part of.
    """

    text: str = field(repr=False)
    start: int | None = None
    place: int | None = None

    def cut(self, at: int) -> tuple[_Piece, _Piece]:
        start = None if self.start is None else self.start + at
        return replace(self, text=self.text[:at]), replace(self, text=self.text[at:], start=start)


class Draft:
    """Edits that touch what was put in become a part of it; the rest are edits beside it."""

    def __init__(self, text: str, places: Sequence[Span] = (), inserted: str = "") -> None:
        """Put a text in place of each of the spans, which are in order and apart."""
        self._before = text
        self._places = tuple(places)
        self._pieces: list[_Piece] = []
        done = 0
        for number, place in enumerate(places):
            self._pieces += [_Piece(text[done : place.start], done), _Piece(inserted, None, number)]
            done = place.end
        self._pieces = [*filter(_has_text, [*self._pieces, _Piece(text[done:], done)])]

    @property
    def text(self) -> str:
        """The text as it is now."""
        return "".join(piece.text for piece in self._pieces)

    def put_in(self) -> list[Span]:
        """Where what was put in stands now, with what became a part of it."""
        spans: dict[int, Span] = {}
        offset = 0
        for piece in self._pieces:
            end = offset + len(piece.text)
            if piece.place is not None:
                spans[piece.place] = Span(spans.get(piece.place, Span(offset, end)).start, end)
            offset = end
        return list(spans.values())

    def place(self, span: Span) -> Span:
        """Return where a part of the text as it was stands now.

        Raises:
            RewriteRefused: it was changed.
        """
        offset = 0
        for piece in self._pieces:
            start = None if piece.start is None else span.start - piece.start
            if start is not None and 0 <= start <= len(piece.text) - len(span):
                return Span(offset + start, offset + start + len(span))
            offset += len(piece.text)
        raise RewriteRefused("The token is changed by the move of another; move it by itself.")

    def edit(self, edits: Iterable[Edit]) -> None:
        """Make edits of the text as it is now, which are in order and apart."""
        for edit in reversed(list(edits)):
            before, rest = _parted(self._pieces, edit.span.start)
            gone, after = _parted(rest, len(edit.span))
            place = next((piece.place for piece in gone if piece.place is not None), None)
            self._pieces = [*before, *filter(_has_text, [_Piece(edit.text, None, place)]), *after]

    def inserted(self) -> list[str]:
        """What is put in at each place."""
        return [_text_of(gap, number) for gap in self._gaps() for number in gap.places]

    def edits(self) -> tuple[Edit, ...]:
        """What else changes, as edits of the text as it was."""
        return tuple(edit for gap in self._gaps() for edit in self._beside(gap))

    def _gaps(self) -> Iterator[_Gap]:
        """The places and all else where the text differs, each as far as nothing of the old text stands between."""
        done = passed = 0
        new: list[_Piece] = []
        for piece in [*self._pieces, _Piece("", len(self._before))]:
            if piece.start is None:
                new.append(piece)
                continue
            first = passed
            while passed < len(self._places) and self._places[passed].end <= piece.start:
                passed += 1
            if new or first < passed or done < piece.start:
                yield _Gap(Span(done, piece.start), tuple(new), range(first, passed))
            done, new = piece.start + len(piece.text), []

    def _beside(self, gap: _Gap) -> Iterator[Edit]:
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
    """New text in place of a span of the old, and the places that the span holds."""

    span: Span
    new: tuple[_Piece, ...]
    places: range


def _text_of(gap: _Gap, number: int) -> str:
    """What of a gap is put in at one of its places: its own, and what belongs to none and follows it."""
    last, parts = gap.places[0], []
    for piece in gap.new:
        last = last if piece.place is None else piece.place
        if last == number:
            parts.append(piece.text)
    return "".join(parts)


def _parted(pieces: Sequence[_Piece], offset: int) -> tuple[list[_Piece], list[_Piece]]:
    """The pieces up to an offset and those from there."""
    for index, piece in enumerate(pieces):
        if offset <= 0:
            return list(pieces[:index]), list(pieces[index:])
        if offset < len(piece.text):
            first, second = piece.cut(offset)
            return [*pieces[:index], first], [second, *pieces[index + 1 :]]
        offset -= len(piece.text)
    return list(pieces), []


def _has_text(piece: _Piece) -> bool:
    return bool(piece.text)
