"""ReaderText: a text in which a token is replaced by a lookup of the text's reader.

A shell script that is the content of another literal, such as a YAML value, is a Script.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import product

from tokenward.errors import MovesAlong, RewriteRefused
from tokenward.language import phrase, said
from tokenward.model import TOKEN_NAME, Reference, Span
from tokenward.rewriting.code.shell import ShellSyntax
from tokenward.rewriting.edits import Edit
from tokenward.rewriting.follow_up import FollowUp
from tokenward.rewriting.literal import HelperLogin, Joint, Leaf, Literal, ParsedText, Quoted, Replacement
from tokenward.rewriting.readers.helper_command import Helper, require_no_command
from tokenward.rewriting.readers.reader import ANYTHING, LONGEST_PATH, Keys, Place, Reader
from tokenward.rewriting.spelling import Form, Spelling
from tokenward.rewriting.variables import is_dangerous
from tokenward.text import line_span

_BLOCK_HEADER = re.compile(r"[|>][-+0-9]*[ \t]*(?=[#\r\n])[^\r\n]*")
_ESCAPED_CHARACTERS = {"\\\\", '\\"', "\\'", "\\$", "''"}
_VARIABLE = re.compile(r"\$\{\w+\}")
_KEY = re.compile(
    r"[ \t]*((?:(?:export|ARG|ENV)[ \t]+)?[\w.\"'-]+)[ \t]*[=:][ \t]*|[ \t]*(set(?:[ \t]+-\w+)*[ \t]+\w+)[ \t]+"
)
_REST_OF_LINE = re.compile(r"[ \t]*,?[ \t]*(?:(?:#|//)[^\r\n]*)?")
_JSON_KEY = re.compile(r"\"(?=[^\"\\\r\n]{1,200}\"[ \t]*:[ \t]*\Z)")
_COMMENTS = {"json": "//", "jsonc": "// "}
"""What disables an entry if it is not a number sign; JSON has no comments, and nobody reads a key that begins so."""
_OTHER_QUOTES = str.maketrans("'\"", "\"'")


class ReaderText(ParsedText):
    """A text in which a token is replaced by a lookup of the text's reader."""

    def __init__(self, parsed: ParsedText, reader: Reader) -> None:
        self.text = parsed.text
        self._parsed = parsed
        self._reader = reader
        self._scripts: dict[Span, Script] = {}
        self._places: dict[Span, Place | None] = {}

    def literal(self, span: Span, reference: Reference) -> Literal:
        plain, place = self._parsed.literal(span, reference), self._place(span)
        if place and place.refusal:
            raise RewriteRefused(
                "{name} takes no reference there; put the value back by hand.", name=self._reader.name
            )
        if place is None:
            form = self._commented_form(span)
            return replace(plain, form=form) if form else plain
        if not (place.look_up or place.login):
            return plain
        if place.form:
            plain = replace(plain, form=place.form)
        if not place.names.fullmatch(reference.name):
            raise RewriteRefused(
                "{program} looks up no variable called {name}; choose another name.",
                program=self._reader.name,
                name=reference.name,
            )
        filling = place.filling(reference)
        if place.is_script:
            filling = self._script(plain).quoted(span, reference, filling)
        if place.is_expression:
            literal = replace(plain, filling=filling, joint=Joint())
        elif place.untouched:
            literal = self._untouched(plain, span, filling)
        else:
            literal = self._parsed.fitted(plain, span, filling)
        zone = line_span(self.text, literal.zone) if place.disabled else literal.zone
        if place.helper:
            zone = place.helper.zone(self._parsed, self.extent(span))
        return replace(
            literal, zone=zone, in_environment=place.needs_environment, is_look_up=place.is_look_up
        )

    def extent(self, span: Span) -> Span:
        place = self._place(span)
        if place is None and self._parsed.in_comment(span):
            return span
        if place is None or place.refusal:
            reason = (place.refusal if place else "") or self._broken() or self._reader.refusal
            reason = reason or said("{program} looks up no variable in that place", program=self._reader.name)
            by_hand = phrase("{reason}; store the token and change the file by hand.")
            refused = MovesAlong if place and place.along else RewriteRefused
            raise refused("{reason}" if reason.endswith(".") else by_hand, reason=said(reason))
        extent = self._parsed.whole_value(span) if place.whole else span
        special = self._reader.special
        if special and special.search(self.text, extent.start, extent.end):
            raise RewriteRefused(
                "{name} does not take the value literally; store the token with `tokenward put NAME` and "
                "change the file by hand.",
                name=self._reader.name,
            )
        return extent

    def _broken(self) -> str:
        """Return why no place of the text is known, if a command without quotes is no YAML."""
        ends = [error.end for error in self._parsed.errors()] if self._reader.language == "yaml" else []
        broken = next((end for end in ends if self.text.startswith(": ", end)), None)
        if broken is None:
            return ""
        return said(
            "YAML takes the `: ` in line {line} for the end of a key, so {program} cannot read this file; write the "
            "command on a line of its own below `|`, then move the token.",
            line=self.text.count("\n", 0, broken) + 1,
            program=self._reader.name,
        )

    def variable(self, span: Span) -> str | None:
        place = self._place(span)
        if place is None or place.variable is None:
            return None
        name = place.variable(self._parsed.trail(span))
        if not TOKEN_NAME.fullmatch(name) or is_dangerous(name):
            raise RewriteRefused(
                "{name} would read this value from a variable whose name Tokenward does not set; move the "
                "token by hand.",
                name=self._reader.name,
            )
        return name

    def after_move(self, spans: Sequence[Span], reference: Reference) -> tuple[str, FollowUp | None]:
        left = dict(
            place.left_to_do(reference, place.login(self._parsed, span) if place.login else None)
            for span in spans
            if (place := self._place(span)) and place.after
        )
        return " ".join(left), next(iter(left.values())) if len(left) == 1 else None

    def asks_helper(self, spans: Sequence[Span]) -> bool:
        return all((place := self._place(span)) and (place.helper or place.unaided) for span in spans)

    def logins(self, spans: Sequence[Span]) -> tuple[HelperLogin, ...]:
        found = [(span, place.login) for span in spans if (place := self._place(span)) and place.login]
        return tuple(dict.fromkeys(login(self._parsed, span) for span, login in found))

    def changes_again(self, login: HelperLogin) -> list[Replacement]:
        again = {place.again: None for place in self._reader.places if place.again}
        return [change for changes in again for change in changes(self.text, login)]

    def preamble(self, uses: Sequence[Span], reference: Reference) -> list[Replacement]:
        # A reader's own lookup needs no import.
        by_language = [span for span in uses if not ((place := self._place(span)) and place.look_up)]
        changes = self._parsed.preamble(by_language, reference) if by_language else []
        further = [change for span in uses for change in self._further(span, reference)]
        disabled = [self._disabling(span) for span in uses if (place := self._place(span)) and place.disabled]
        return [*changes, *dict.fromkeys([*further, *disabled])]

    def lacks(self, inserted: str) -> bool:
        """Return whether a lookup in the text lacks a further change that inserts a text."""
        return self._parsed.lacks(inserted) or any(
            self._place(span) is place and self._misses(span, name, inserted)
            for place in self._reader.places
            if place.further
            for span, name in place.found_in(self.text)
        )

    def epilogue(self, gone: Sequence[Span]) -> list[Edit]:
        helpers = [place.helper for place in self._reader.places if place.helper]
        back: dict[Edit, None] = {}
        for span in gone if helpers else ():
            # Two places may have the same command.
            edits = dict.fromkeys(edit for one in helpers for edit in one.taken_back(self._parsed, span))
            if not edits:
                require_no_command(self._parsed, span)
            back |= edits
        return [*self._parsed.epilogue(gone), *back]

    def lookups(self, name: str) -> Iterator[Span]:
        known = [*self._parsed.lookups(name)]
        yield from known
        if not self._reader.looks_up:
            return
        sought, disables = Reference("any", name), any(place.disabled for place in self._reader.places)
        owners: dict[str, set[str]] = {}
        for place in self._reader.places:
            filling = place.filling(sought)
            forms = [filling, filling.translate(_OTHER_QUOTES)] if place.untouched else [filling]
            forms = [*quotings(filling)] if place.is_script else forms
            for form, codec in product(forms, ("plain", "doubled", "double", "single", "dollar")):
                if "NAME" in place.look_up:
                    owners.setdefault(Spelling(codec).written(form), set()).add(place.look_up)
        words = "|".join(
            re.escape(one) + (r"(?!\w)" if one[-1].isalnum() or one[-1] == "_" else "")
            for one in sorted(owners, key=len, reverse=True)
        )
        for match in re.finditer(words, self.text) if words else ():
            span = Span(*match.span())
            is_disabled = disables and self._parsed.in_comment(span)
            if span not in known and (is_disabled or self._is_look_up(span, owners[match[0]])):
                yield span

    def quoted(self, span: Span, value: str) -> list[Quoted]:
        if not self._reader.looks_up:
            return self._parsed.quoted(span, value)
        if self._parsed.in_comment(span) or self._enabled_keys(span) != self._parsed.keys(span):
            return []
        try:
            form = self._parsed.literal(span, Reference("any", "VALUE")).form
        except RewriteRefused:
            return self._parsed.quoted(span, value)
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

    def fallback(self, span: Span) -> str | None:
        return self._parsed.fallback(span)

    def keys(self, span: Span) -> Keys:
        return self._parsed.keys(span) if self._is_named(span) else ()

    def trail(self, span: Span) -> Keys:
        return self._parsed.trail(span)

    def whole_value(self, span: Span) -> Span:
        return self._parsed.whole_value(span)

    def errors(self) -> Sequence[Span]:
        return self._parsed.errors()

    def _script(self, literal: Literal) -> Script:
        if literal.content not in self._scripts:
            self._scripts[literal.content] = Script(self.text, literal)
        return self._scripts[literal.content]

    def _further(self, span: Span, reference: Reference) -> list[Replacement]:
        place = self._place(span)
        changes = (
            place.further(self._parsed, span, place.own_name(reference.name))
            if place and place.further
            else []
        )
        helped = place.helper.changes(self._parsed, span, reference) if place and place.helper else []
        return [*changes, *helped]

    def _misses(self, span: Span, name: str, inserted: str) -> bool:
        try:
            return any(one.inserted == inserted for one in self._further(span, Reference("any", name)))
        except RewriteRefused:
            return False

    def _is_look_up(self, span: Span, owners: set[str]) -> bool:
        """Return whether a span holds the lookup of its place, which is one of the owners of its text."""
        place = self._place(span)
        if place is None:
            # The keys of an expression may differ from those of the literal that it replaced.
            return any(one.is_expression for one in self._reader.places) and not self._parsed.in_comment(span)
        if place.look_up not in owners:
            return False
        if place.is_expression or not place.whole:
            return True
        try:
            return self._parsed.whole_value(span) == span
        except RewriteRefused:
            return False

    def _untouched(self, literal: Literal, span: Span, filling: str) -> Literal:
        fitted = self._parsed.fitted(literal, span, filling)
        if fitted.filling != filling:
            filling = filling.translate(_OTHER_QUOTES)
            fitted = self._parsed.fitted(literal, span, filling)
        escape = fitted.form.escape
        has_escapes = escape is not None and escape.search(self.text, span.start, span.end)
        if fitted.filling != filling or has_escapes:
            raise RewriteRefused("The token is in a value with escapes; write it plainly, then move it.")
        return fitted

    def _is_named(self, span: Span) -> bool:
        place = self._place(span)
        return place is None or place.named

    def _place(self, span: Span) -> Place | None:
        """Return the place around a span; None in a comment, or where the reader looks up nothing."""
        if span not in self._places:
            self._places[span] = self._found_place(span)
        return self._places[span]

    def _found_place(self, span: Span) -> Place | None:
        if self._parsed.in_comment(span):
            return None
        path = "/".join(self._enabled_keys(span))
        if len(path) > LONGEST_PATH:
            return None
        return next(
            (
                place
                for place in self._reader.places
                if place.keys.fullmatch(path)
                and (place.before is ANYTHING or self._follows(span, place))
                and (place.token is ANYTHING or place.token.fullmatch(self.text, span.start, span.end))
                and (place.helper is None or self._fits(span, place, place.helper))
            ),
            None,
        )

    def _commented_form(self, span: Span) -> Form | None:
        """Return how a value was written in a line that a helper's command has made a comment."""
        return next(
            (
                place.form
                for place in self._reader.places
                if place.form and place.helper and place.helper.taken_back(self._parsed, span)
            ),
            None,
        )

    def _fits(self, span: Span, place: Place, helper: Helper) -> bool:
        try:
            return helper.fits(self._parsed, self._parsed.whole_value(span) if place.whole else span)
        except RewriteRefused:
            return False

    def _follows(self, span: Span, place: Place) -> bool:
        start = self._parsed.literal(span, Reference("any", "VALUE")).content.start
        return place.before.fullmatch(self.text, start, span.start) is not None

    def _disabling(self, span: Span) -> Replacement:
        """Return the change that turns the line at a span into a comment, or the key of JSON into nobody's."""
        whole = self._parsed.literal(span, Reference("any", "VALUE")).whole
        line = line_span(self.text, whole)
        is_json = self._reader.language == "json"
        pattern = _JSON_KEY.search if is_json else _KEY.fullmatch
        key = pattern(self.text, line.start, whole.start)
        if not (key and (is_json or _REST_OF_LINE.fullmatch(self.text, whole.end, line.end))):
            raise RewriteRefused(
                "{name} reads this file before the environment, and the token's line cannot be made a "
                "comment; move the token by hand.",
                name=self._reader.name,
            )
        start = key.end() if is_json else key.start(key.lastindex or 1)
        return Replacement(Span(start, start), _COMMENTS.get(self._reader.language, "# "))

    def _enabled_keys(self, span: Span) -> Keys:
        """Return the keys of the value at a span as they are when it counts."""
        keys = self._parsed.keys(span)
        return tuple(key.removeprefix("//") for key in keys) if self._reader.language == "json" else keys


def quotings(look_up: str) -> tuple[str, str, str]:
    """Return a lookup in every way in which a script quotes it."""
    return look_up, f'"{look_up}"', f"'\"{look_up}\"'"


class Script:
    """A parsed script.

    Raises:
        RewriteRefused: its form hides how a shell reads it.
    """

    def __init__(self, text: str, literal: Literal) -> None:
        self._text = text
        self._start = literal.content.start
        self._cuts = _cuts(text, literal)
        starts = [literal.content.start, *(cut.end for cut in self._cuts)]
        ends = [*(cut.start for cut in self._cuts), literal.content.end]
        self._shell = ShellSyntax("".join(text[start:end] for start, end in zip(starts, ends, strict=True)))

    def quoted(self, span: Span, reference: Reference, look_up: str) -> str:
        """Return the replacement for a token at a span of the whole text.

        Raises:
            RewriteRefused: the shell looks up no variable there.
        """
        start = span.start - self._start - sum(len(cut) for cut in self._cuts if cut.end <= span.start)
        place = Span(start, start + len(span))
        literal = self._shell.literal(place, reference)
        if literal.inert:
            return str(reference)
        if _VARIABLE.fullmatch(look_up):
            self._shell.preamble([place], reference)
        written = self._shell.text[place.start : place.end]
        if written != self._text[span.start : span.end] or literal.form.read(written)[0] != written:
            raise RewriteRefused("The token is written with escapes; write it plainly, then move it.")
        plain, quoted, quoted_again = quotings(look_up)
        if not literal.filling.startswith('"'):
            return plain
        return quoted_again if literal.joint else quoted


def _cuts(text: str, literal: Literal) -> list[Span]:
    """Return the parts of a literal that do not belong to the script in it, in order."""
    content, indent = literal.content, literal.form.indent
    header = _BLOCK_HEADER.match(text, content.start, content.end) if literal.whole == content else None
    cuts = [Span(*header.span())] if header else []
    if indent:
        lines = re.compile(rf"(?<=\n){indent}").finditer(text, content.start, content.end)
        cuts += [Span(*line.span()) for line in lines]
    for escape in literal.form.cuts(text, content):
        if text[escape.start : escape.end] not in _ESCAPED_CHARACTERS:
            raise RewriteRefused(
                "The script is written with escapes; write it over several lines, then move the token."
            )
        cuts.append(Span(escape.start, escape.start + 1))
    return cuts
