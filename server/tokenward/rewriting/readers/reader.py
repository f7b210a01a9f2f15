"""Reader: the program that reads a data file, and how it looks up a variable there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from tokenward.errors import RewriteRefused
from tokenward.model import TOKEN_NAME, Reference, Span
from tokenward.rewriting.edits import Edit
from tokenward.rewriting.literal import Leaf, Literal, ParsedText, Quoted, Replacement
from tokenward.rewriting.spelling import Spelling
from tokenward.rewriting.variables import is_dangerous
from tokenward.text import line_span

MOST_SEARCHED = 200_000
"""Characters of a file that are searched for a sign of its reader."""

Keys = tuple[str, ...]
"""The keys from the top of a file down to a value."""

_ANYTHING = re.compile(".*", re.DOTALL)
_KEY = re.compile(r"[ \t]*([\w.\"'-]+)[ \t]*[=:][ \t]*")
_REST_OF_LINE = re.compile(r"[ \t]*(?:#[^\r\n]*)?")
_OTHER_QUOTES = str.maketrans("'\"", "\"'")


def outside(opening: str, closing: str) -> re.Pattern[str]:
    """Return a pattern of texts in which each `opening`, of two characters, is closed."""
    first, second, end = re.escape(opening[0]), re.escape(opening[1]), re.escape(closing)
    inside = rf"{first}{second}(?:(?!{end})[\s\S])*{end}"
    return re.compile(rf"(?:[^{first}]|{first}(?!{second})|{inside})*")


@dataclass(frozen=True, slots=True)
class Place:
    """The places of a file in which a reader looks up a variable in one way.

    Attributes:
        look_up: takes the token's place; NAME in it is the variable, REFERENCE the reference.
        keys: matches the whole path of keys to the value, joined by `/`.
        before: matches the part of the value before the token.
        values: matches the values that mean the same in a variable as in the file.
        names: matches the names that variables can have there.
        variable: returns the variable that the reader itself takes for the value at a path of keys and indices.
        in_environment: the environment file gains the variable.
        whole: the whole value is stored, since the variable replaces all of it.
        disabled: the value's line becomes a comment, since the file would win over the variable.
        untouched: the reader fills in the value before it parses the file, so nothing may need escapes.
        after: what is left to do after the move, with NAME; empty if the program works under `tokenward run`.
        further: returns the further changes that the place needs.
    """

    look_up: str
    keys: re.Pattern[str] = _ANYTHING
    before: re.Pattern[str] = _ANYTHING
    values: re.Pattern[str] = _ANYTHING
    names: re.Pattern[str] = TOKEN_NAME
    variable: Callable[[Keys], str] | None = None
    in_environment: bool = True
    whole: bool = False
    disabled: bool = False
    untouched: bool = False
    after: str = ""
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
        refusal: why a token in no place stays; a whole sentence if it also says what to do instead.
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
        plain, place = self._parsed.literal(span, reference), self._place(span)
        if place is None:
            return plain
        if not place.names.fullmatch(reference.name):
            raise RewriteRefused(
                f"{self._reader.name} looks up no variable called {reference.name}; choose another name."
            )
        filling = place.filling(reference)
        literal = self._parsed.fitted(plain, span, filling)
        if place.untouched and literal.filling != filling:
            filling = filling.translate(_OTHER_QUOTES)
            literal = self._parsed.fitted(plain, span, filling)
        escape = literal.form.escape
        has_escapes = escape is not None and escape.search(self.text, span.start, span.end)
        if place.untouched and (literal.filling != filling or has_escapes):
            raise RewriteRefused("The token is in a value with escapes; write it plainly, then move it.")
        zone = line_span(self.text, literal.zone) if place.disabled else literal.zone
        return replace(literal, zone=zone, in_environment=place.in_environment)

    def extent(self, span: Span) -> Span:
        place = self._place(span)
        if place is None:
            if self._parsed.in_comment(span):
                return span
            reason = self._reader.refusal or f"{self._reader.name} looks up no variable in that place"
            ending = "" if reason.endswith(".") else "; store the token and change the file by hand."
            raise RewriteRefused(reason + ending)
        extent = self._parsed.whole_value(span) if place.whole else span
        if not place.values.fullmatch(self.text, extent.start, extent.end):
            raise RewriteRefused(
                f"The value has characters that {self._reader.name} reads in another way from a variable; move the "
                "token by hand."
            )
        return extent

    def variable(self, span: Span) -> str | None:
        place = self._place(span)
        if place is None or place.variable is None:
            return None
        name = place.variable(self._parsed.trail(span))
        if not TOKEN_NAME.fullmatch(name) or is_dangerous(name):
            raise RewriteRefused(
                f"{self._reader.name} would read this value from a variable whose name Tokenward does not set; move "
                "the token by hand."
            )
        return name

    def after_move(self, span: Span) -> str:
        place = self._place(span)
        return place.after if place else ""

    def preamble(self, uses: Sequence[Span], reference: Reference) -> list[Replacement]:
        changes = self._parsed.preamble(uses, reference)
        for span in uses:
            place = self._place(span)
            changes += place.further(self._parsed, span) if place and place.further else []
            changes += [self._disabling(span)] if place and place.disabled else []
        return changes

    def lookups(self, name: str) -> Iterator[Span]:
        sought, disables = Reference("any", name), any(place.disabled for place in self._reader.places)
        fillings = {place.filling(sought) for place in self._reader.places if "NAME" in place.look_up}
        fillings |= {
            place.filling(sought).translate(_OTHER_QUOTES)
            for place in self._reader.places
            if place.untouched and "NAME" in place.look_up
        }
        written = {
            Spelling(codec).written(filling)
            for filling in fillings
            for codec in ("plain", "doubled", "double")
        }
        words = "|".join(
            re.escape(one) + (r"(?!\w)" if one[-1].isalnum() or one[-1] == "_" else "")
            for one in sorted(written, key=len, reverse=True)
        )
        for match in re.finditer(words, self.text) if words else ():
            span = Span(*match.span())
            if len(span) and (disables or not self._parsed.in_comment(span)):
                yield span

    def quoted(self, span: Span, value: str) -> list[Quoted]:
        if self._parsed.in_comment(span):
            return []
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

    def trail(self, span: Span) -> Keys:
        return self._parsed.trail(span)

    def whole_value(self, span: Span) -> Span:
        return self._parsed.whole_value(span)

    def errors(self) -> Sequence[Span]:
        return self._parsed.errors()

    def _place(self, span: Span) -> Place | None:
        """Return the place around a span; None in a comment, and where the reader looks up nothing."""
        if self._parsed.in_comment(span):
            return None
        path = "/".join(self._parsed.keys(span))
        return next(
            (
                place
                for place in self._reader.places
                if place.keys.fullmatch(path) and (place.before is _ANYTHING or self._follows(span, place))
            ),
            None,
        )

    def _follows(self, span: Span, place: Place) -> bool:
        start = self._parsed.literal(span, Reference("any", "VALUE")).content.start
        return place.before.fullmatch(self.text, start, span.start) is not None

    def _disabling(self, span: Span) -> Replacement:
        """Return the change that makes a comment of the line at a span."""
        whole = self._parsed.literal(span, Reference("any", "VALUE")).whole
        line = line_span(self.text, whole)
        key = _KEY.fullmatch(self.text, line.start, whole.start)
        if not (key and _REST_OF_LINE.fullmatch(self.text, whole.end, line.end)):
            raise RewriteRefused(
                f"{self._reader.name} reads this file before the environment, and the token's line cannot be made a "
                "comment; move the token by hand."
            )
        return Replacement(Span(key.start(1), key.start(1)), "# ")
