"""Reader: the program that reads a data file, and how it looks up a variable there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from tokenward.errors import RewriteRefused
from tokenward.model import Reference, Span
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
        look_up: takes the token's place; NAME in it is the variable, REFERENCE the reference.
        keys: matches the whole path of keys to the value, joined by `/`.
        variable: returns the variable that the reader itself takes for the value; None for a free choice.
        in_environment: the environment file gains the variable.
        whole: the whole value is stored, since the variable replaces all of it.
        after: what is left to do after the move, with NAME; empty if the program works under `tokenward run`.
        left: the same in a few words for a menu, such as `set the secret in GitHub`.
        further: returns the further changes that the place needs.
    """

    look_up: str
    keys: re.Pattern[str] = re.compile(".*", re.DOTALL)
    variable: Callable[[Keys], str | None] | None = None
    in_environment: bool = True
    whole: bool = False
    after: str = ""
    left: str = ""
    further: Callable[[ParsedText, Span], list[Replacement]] | None = None

    def filling(self, reference: Reference) -> str:
        """Return the text that takes the token's place."""
        return self.look_up.replace("REFERENCE", str(reference)).replace("NAME", reference.name)


@dataclass(frozen=True, slots=True)
class Reader:
    """One row.

    Attributes:
        name: for people, such as `GitHub Actions`.
        language: the name of the syntax that it reads.
        files: matches the end of a file's path, whole names only.
        places: the first whose keys match decides; a token in no place stays in the file.
        content: must be found in the text; None where the path says enough.
        refusal: why a token in no place stays, and what to do instead.
    """

    name: str
    language: str
    files: re.Pattern[str]
    places: tuple[Place, ...]
    content: re.Pattern[str] | None = None
    refusal: str = ""

    def reads(self, path: str, text: str) -> bool:
        """Return whether it reads a file; the path has `/` between its parts."""
        if not self.files.fullmatch(path):
            return False
        return self.content is None or self.content.search(text[:MOST_SEARCHED]) is not None

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
    refusal: str = "",
) -> Reader:
    """Return a row; `files` and `content` are patterns."""
    return Reader(
        name,
        language,
        re.compile(rf"(?:.*/)?(?:{files})", re.IGNORECASE | re.DOTALL),
        places,
        re.compile(content, re.MULTILINE) if content else None,
        refusal,
    )


class ReaderText(ParsedText):
    """A text in which a token's place is taken by what the text's reader looks up."""

    def __init__(self, parsed: ParsedText, reader: Reader) -> None:
        self.text = parsed.text
        self._parsed = parsed
        self._reader = reader

    def literal(self, span: Span, reference: Reference) -> Literal:
        literal, place = self._parsed.literal(span, reference), self._place(span)
        if place is None:
            return literal
        literal = self._parsed.fitted(literal, span, place.filling(reference))
        return replace(literal, in_environment=place.in_environment)

    def extent(self, span: Span) -> Span:
        place = self._place(span)
        if place is None and not self._parsed.in_comment(span):
            reason = self._reader.refusal or f"{self._reader.name} looks up no variable in that place"
            raise RewriteRefused(f"{reason}; store the token and change the file by hand.")
        if place is None or not place.whole:
            return span
        return self._parsed.literal(span, Reference("any", "VALUE")).content

    def variable(self, span: Span) -> str | None:
        place = self._place(span)
        return place.variable(self._parsed.keys(span)) if place and place.variable else None

    def after_move(self, span: Span) -> str:
        place = self._place(span)
        return place.after if place else ""

    def left_to_do(self, span: Span) -> str:
        place = self._place(span)
        return place.left if place else ""

    def preamble(self, uses: Sequence[Span], reference: Reference) -> list[Replacement]:
        changes = self._parsed.preamble(uses, reference)
        for span in uses:
            place = self._place(span)
            changes += place.further(self._parsed, span) if place and place.further else []
        return changes

    def lookups(self, name: str) -> Iterator[Span]:
        sought = Reference("any", name)
        fillings = {place.filling(sought) for place in self._reader.places if "NAME" in place.look_up}
        written = {
            Spelling(codec).written(filling)
            for filling in fillings
            for codec in ("plain", "doubled", "double")
        }
        for match in re.finditer("|".join(sorted(map(re.escape, written), key=len, reverse=True)), self.text):
            span = Span(*match.span())
            if len(span) and not self._parsed.in_comment(span):
                yield span

    def quoted(self, span: Span, value: str) -> list[Quoted]:
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
        return self._parsed.assigned(span)

    def keys(self, span: Span) -> Keys:
        return self._parsed.keys(span)

    def errors(self) -> Sequence[Span]:
        return self._parsed.errors()

    def _place(self, span: Span) -> Place | None:
        """Return the place around a span; None in a comment, and where the reader looks up nothing."""
        return None if self._parsed.in_comment(span) else self._reader.place_at(self._parsed.keys(span))
