"""Reader: the program that reads a data file, and how it looks up a variable there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from tokenward.errors import RewriteRefused
from tokenward.model import TOKEN_NAME, Reference, Span, references_in
from tokenward.rewriting.edits import Edit
from tokenward.rewriting.literal import Leaf, Literal, ParsedText, Quoted, Replacement
from tokenward.rewriting.spelling import Spelling

MOST_SEARCHED = 200_000
"""Characters of a file that are searched for a sign of its reader."""

Keys = tuple[str, ...]
"""The keys from the top of a file down to a value."""


@dataclass(frozen=True, slots=True)
class Place:
    """The places of a file in which a reader looks up a variable in one way.

    Attributes:
        look_up: takes the token's place; NAME in it is the variable, REFERENCE the reference. Empty where the
            language's own look-up does.
        keys: matches the whole path of keys to the value, joined by `/`.
        variable: returns the variable that the reader itself takes for the value; None for a free choice.
        in_environment: the environment file gains the variable.
        whole: the whole value is stored, since the variable replaces all of it.
        after: what is left to do after the move, with NAME; empty if the program works under `tokenward run`.
        further: returns the further changes that the place needs for a look-up of a variable.
        refusal: the same for a token in this place; empty if it can move.
        named: the last key names the token.
    """

    look_up: str
    keys: re.Pattern[str] = re.compile(".*", re.DOTALL)
    variable: Callable[[Keys], str | None] | None = None
    in_environment: bool = True
    whole: bool = False
    after: str = ""
    further: Callable[[ParsedText, Span, str], list[Replacement]] | None = None
    refusal: str = ""
    named: bool = True

    def filling(self, reference: Reference) -> str:
        """Return the text that takes the token's place."""
        return self.look_up.replace("REFERENCE", str(reference)).replace("NAME", reference.name)

    def found_in(self, text: str) -> Iterator[tuple[Span, str]]:
        """Yield every place in a text that looks up a variable in this way, and the variable; none for a bare name."""
        if "REFERENCE" in self.look_up:
            yield from ((span, reference.name) for span, reference in references_in(text))
        elif self.look_up != "NAME":
            pattern = re.escape(self.look_up).replace("NAME", f"({TOKEN_NAME.pattern})")
            yield from ((Span(*match.span()), match[1]) for match in re.finditer(pattern, text))


@dataclass(frozen=True, slots=True)
class Reader:
    """One row.

    Attributes:
        name: for people, such as `GitHub Actions`.
        language: the name of the syntax that it reads.
        files: matches the end of a file's path, whole names only.
        places: the first whose keys match decides; a token in no place stays in the file.
        content: must be found in the text; None where the path says enough.
        words: one of them must be in the text, if there are any.
        unless: none of them may be in it.
        refusal: why a token in no place stays; a whole sentence if it also says what to do instead.
    """

    name: str
    language: str
    files: re.Pattern[str]
    places: tuple[Place, ...]
    content: re.Pattern[str] | None = None
    words: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    refusal: str = ""

    @property
    def looks_up(self) -> bool:
        """Return whether it has a look-up of its own, rather than its language's or none."""
        return any(place.look_up for place in self.places)

    def reads(self, path: str, text: str) -> bool:
        """Return whether it reads a file; the path has `/` between its parts."""
        if not self.files.fullmatch(path):
            return False
        start = text[:MOST_SEARCHED]
        if (self.words and not _has_any(start, self.words)) or _has_any(start, self.unless):
            return False
        return self.content is None or self.content.search(start) is not None

    def place_at(self, keys: Keys) -> Place | None:
        """Return the place with a path of keys; None if the reader looks up nothing there."""
        path = "/".join(keys)
        return next((place for place in self.places if place.keys.fullmatch(path)), None)


def reader(
    name: str,
    language: str,
    files: str,
    *places: Place,
    content: str = "",
    words: tuple[str, ...] = (),
    unless: tuple[str, ...] = (),
    refusal: str = "",
) -> Reader:
    """Return a row; `files` and `content` are patterns."""
    return Reader(
        name,
        language,
        re.compile(rf"(?:.*/)?(?:{files})", re.IGNORECASE | re.DOTALL),
        places,
        re.compile(content, re.MULTILINE) if content else None,
        words,
        unless,
        refusal,
    )


def _has_any(text: str, words: Iterable[str]) -> bool:
    return any(word in text for word in words)


class ReaderText(ParsedText):
    """A text in which a token's place is taken by what the text's reader looks up."""

    def __init__(self, parsed: ParsedText, reader: Reader) -> None:
        self.text = parsed.text
        self._parsed = parsed
        self._reader = reader

    def literal(self, span: Span, reference: Reference) -> Literal:
        literal, place = self._parsed.literal(span, reference), self._place(span)
        if place is None or not place.look_up:
            return literal
        literal = self._parsed.fitted(literal, span, place.filling(reference))
        return replace(literal, in_environment=place.in_environment)

    def extent(self, span: Span) -> Span:
        place = self._place(span)
        is_refused = place.refusal if place else not self._parsed.in_comment(span)
        if is_refused:
            reason = (place.refusal if place else "") or self._reader.refusal
            reason = reason or f"{self._reader.name} looks up no variable in that place"
            ending = "" if reason.endswith(".") else "; store the token and change the file by hand."
            raise RewriteRefused(reason + ending)
        if place is None or not place.whole:
            return span
        return self._parsed.literal(span, Reference("any", "VALUE")).content

    def variable(self, span: Span) -> str | None:
        place = self._place(span)
        return place.variable(self._parsed.keys(span)) if place and place.variable else None

    def after_move(self, spans: Sequence[Span], reference: Reference) -> str:
        places = [place for span in spans if (place := self._place(span))]
        sentences = dict.fromkeys(place.after for place in places if place.after)
        return " ".join(sentences).replace("NAME", reference.name)

    def preamble(self, uses: Sequence[Span], reference: Reference) -> list[Replacement]:
        changes = self._parsed.preamble(uses, reference)
        further = [change for span in uses for change in self._further(span, reference.name)]
        return [*changes, *dict.fromkeys(further)]

    def lacks(self, inserted: str) -> bool:
        """Return whether a look-up in the text lacks a further change; then none may be undone for another one."""
        return self._parsed.lacks(inserted) or any(
            self._place(span) is place and self._misses(span, name)
            for place in self._reader.places
            if place.further
            for span, name in place.found_in(self.text)
        )

    def lookups(self, name: str) -> Iterator[Span]:
        if not self._reader.looks_up:
            yield from self._parsed.lookups(name)
            return
        sought = Reference("any", name)
        fillings = {place.filling(sought) for place in self._reader.places if "NAME" in place.look_up}
        written = {
            Spelling(codec).written(filling)
            for filling in fillings
            for codec in ("plain", "doubled", "double")
        }
        for match in re.finditer("|".join(sorted(map(re.escape, written), key=len, reverse=True)), self.text):
            span = Span(*match.span())
            place = self._place(span) if len(span) else None
            if place and "NAME" in place.look_up and (not place.whole or self._is_whole(span)):
                yield span

    def quoted(self, span: Span, value: str) -> list[Quoted]:
        if not self._reader.looks_up:
            return self._parsed.quoted(span, value)
        try:
            form = self._parsed.literal(span, Reference("any", "VALUE")).form
        except RewriteRefused:
            return []
        return [Quoted("", spelling.written(value), "") for spelling in form.spellings(self.text)]

    def edited(self, edits: Sequence[Edit]) -> tuple[ReaderText, Sequence[Span]]:
        after, changed = self._parsed.edited(edits)
        return ReaderText(after, self._reader), changed

    def is_inside(self, offset: int) -> bool:
        return self._parsed.is_inside(offset)

    def in_comment(self, span: Span) -> bool:
        return self._parsed.in_comment(span)

    def leaves(self) -> Iterable[Leaf]:
        return self._parsed.leaves()

    def assigned(self, span: Span) -> str | None:
        return self._parsed.assigned(span) if self._is_named(span) else None

    def keys(self, span: Span) -> Keys:
        return self._parsed.keys(span) if self._is_named(span) else ()

    def errors(self) -> Sequence[Span]:
        return self._parsed.errors()

    def _further(self, span: Span, name: str) -> list[Replacement]:
        place = self._place(span)
        return place.further(self._parsed, span, name) if place and place.further else []

    def _misses(self, span: Span, name: str) -> bool:
        try:
            return bool(self._further(span, name))
        except RewriteRefused:
            return False

    def _is_whole(self, span: Span) -> bool:
        try:
            return self._parsed.literal(span, Reference("any", "VALUE")).content == span
        except RewriteRefused:
            return False

    def _is_named(self, span: Span) -> bool:
        place = self._place(span)
        return place is None or place.named

    def _place(self, span: Span) -> Place | None:
        """Return the place around a span; None in a comment, and where the reader looks up nothing."""
        return None if self._parsed.in_comment(span) else self._reader.place_at(self._parsed.keys(span))
