"""Reader: a program that reads a data file, and how it looks up a variable there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tokenward.language import said
from tokenward.model import TOKEN_NAME, Reference, Span, references_in
from tokenward.rewriting.follow_up import FOLLOW_UPS, FollowUp
from tokenward.rewriting.literal import HelperLogin, ParsedText, Replacement
from tokenward.rewriting.readers.helper_command import Helper
from tokenward.rewriting.readers.project import Project
from tokenward.rewriting.spelling import Form
from tokenward.text import newline_of

MOST_SEARCHED = 200_000
"""Characters of a file that are searched for signs of its reader."""

LONGEST_PATH = 1_000
"""The most characters of the keys to a value, because a row's pattern may take quadratic time."""

Keys = tuple[str, ...]
"""The keys from the top of a file down to a value."""

ANYTHING = re.compile(".*", re.DOTALL)


def outside(opening: str, closing: str) -> re.Pattern[str]:
    """Return a pattern for texts in which each `opening`, of two characters, is closed."""
    first, second, end = re.escape(opening[0]), re.escape(opening[1]), re.escape(closing)
    inside = rf"{first}{second}(?:(?!{end})[\s\S])*{end}"
    return re.compile(rf"(?:[^{first}]|{first}(?!{second})|{inside})*")


def as_variable_name(word: str) -> str:
    """Return a word of a configuration as it is in the name of a variable."""
    return word.upper().replace("-", "_")


@dataclass(frozen=True, slots=True)
class Place:
    """The places of a file in which a reader looks up a variable in one way.

    Attributes:
        look_up: replaces the token; NAME in it is the variable, REFERENCE the reference. Empty if the
        language's own lookup is right.
        keys: matches the whole path of keys to the value, joined by `/`.
        own_name: returns the reader's name for a variable; NAME in the lookup is that name.
        is_script: the value is a script, in which a shell looks up the variable.
        is_expression: the lookup replaces the whole value with its quotes.
        before: matches the part of the value before the token.
        token: matches the token.
        names: matches the names that variables can have there.
        variable: returns the variable that the reader itself uses for the value at a path of keys and indices.
        in_environment: the environment file gains the variable, unless the lookup is a reference itself.
        whole: the whole value is stored, because the variable replaces all of it.
        disabled: the value's line becomes a comment, because the file would win over the variable.
        untouched: the reader fills in the value before it parses the file, so nothing may need escapes.
        after: the step left after the move, with NAME, or OWN for the reader's name, or LOGIN_URL, and COMMANDS for
            those of `left`, or `start`; empty if the program works under `tokenward run`.
        left: the program in FOLLOW_UPS whose commands do the step; empty if a person must.
        start: the command that COMMANDS stands for if it only starts the program.
        further: returns the further changes that the place needs for a variable, given the parsed text, whose class is
            that of the row's language.
        form: how the value is written there; None for the language's own way.
        login: returns what the tool asks a credential helper for; the lookup may then be empty, and stay out of the
            file.
        helper: the command of a credential helper that the lookup is a part of.
        again: returns the changes of a move at their places in a text that the tool has rewritten since.
        unaided: the file itself starts `tokenward run` then.
        refusal: why a token in this place stays; empty if it can move.
        along: it stays only unless the token on the next line moves, and becomes a part of what that leaves.
        named: the last key names the token.
    """

    look_up: str
    keys: re.Pattern[str] = ANYTHING
    own_name: Callable[[str], str] = str
    is_script: bool = False
    is_expression: bool = False
    before: re.Pattern[str] = ANYTHING
    token: re.Pattern[str] = ANYTHING
    names: re.Pattern[str] = TOKEN_NAME
    variable: Callable[[Keys], str] | None = None
    in_environment: bool = True
    whole: bool = False
    disabled: bool = False
    untouched: bool = False
    after: str = ""
    left: str = ""
    start: str = ""
    further: Callable[[Any, Span, str], list[Replacement]] | None = None
    form: Form | None = None
    login: Callable[[ParsedText, Span], HelperLogin] | None = None
    helper: Helper | None = None
    again: Callable[[str, HelperLogin], list[Replacement]] | None = None
    unaided: bool = False
    refusal: str = ""
    along: bool = False
    named: bool = True

    def filling(self, reference: Reference) -> str:
        """Return the text that replaces the token."""
        words = {"REFERENCE": str(reference), "NAME": self.own_name(reference.name)}
        return re.sub("|".join(words), lambda word: words[word[0]], self.look_up)

    @property
    def needs_environment(self) -> bool:
        """Return whether the environment file gains the variable."""
        return self.in_environment and "REFERENCE" not in self.look_up

    @property
    def is_look_up(self) -> bool:
        """Return whether what replaces the token looks up the variable, rather than leave its place to it."""
        return self.look_up != _SET_BY

    def left_to_do(self, reference: Reference, login: HelperLogin | None) -> tuple[str, FollowUp | None]:
        """Return the step left after the move in words, and as what Tokenward can start."""
        step = FollowUp(self.left, reference, self.own_name(reference.name), login.url if login else "")
        return step.filled(self.sentence()), step if self.left else None

    def sentence(self) -> str:
        """Return the step left after a move of any token."""
        return said(self.after).replace("COMMANDS", f"`{self.start or FOLLOW_UPS.get(self.left)}`")

    def found_in(self, text: str) -> Iterator[tuple[Span, str]]:
        """Yield each lookup of this kind in a text with its variable; none if the lookup is a bare name."""
        if "REFERENCE" in self.look_up:
            yield from ((span, reference.name) for span, reference in references_in(text))
        elif self.look_up not in {"", "NAME"}:
            pattern = re.escape(self.look_up).replace("NAME", f"({TOKEN_NAME.pattern})")
            yield from ((Span(*match.span()), match[1]) for match in re.finditer(pattern, text))


_SET_BY = "set by NAME"
"""Takes the place of a value that a variable replaces."""


def set_by(
    keys: str, variable: str | Callable[[Keys], str], *, after: str = "", disabled: bool = False
) -> Place:
    """Return the places whose whole value a variable replaces; `disabled` if the file would win."""
    name = (lambda _: variable) if isinstance(variable, str) else variable
    pattern = re.compile(keys)
    return Place(_SET_BY, pattern, variable=name, whole=True, disabled=disabled, after=after)


def filled(command: str, otherwise: str = ", with this file as FILE.") -> Place:
    """Return the place of a token in a file that `tokenward run` fills for a command."""
    start = f"tokenward run -- {command}"
    return Place("REFERENCE", after=f"Run COMMANDS{otherwise}", start=start)


def declared(line: str) -> Callable[[ParsedText, Span, str], list[Replacement]]:
    """Return the further change that a lookup needs: a line at the top of the file, with NAME, if it is not there."""

    def changes(parsed: ParsedText, span: Span, name: str) -> list[Replacement]:  # noqa: ARG001
        own = line.replace("NAME", name)
        known = re.search(rf"^{re.escape(own)}[ \t]*\r?$", parsed.text, re.MULTILINE)
        return [] if known else [Replacement(Span(0, 0), f"{own}{newline_of(parsed.text)}")]

    return changes


@dataclass(frozen=True, slots=True)
class Reader:
    """A row of the table.

    Attributes:
        name: for people, such as `GitHub Actions`.
        language: the name of the syntax that it reads.
        files: matches the end of a file's path, whole names only.
        places: the first whose keys match decides; a token in none of them stays in the file.
        content: must be found in the text; None if the path is enough.
        built: says whether the files by which the project is built are enough without the content.
        words: one of them must be in the text, if there are any.
        unless: none of them may be in it.
        refusal: why a token in no place stays; a whole sentence if it also says what to do instead.
        bundled: it reads only files that browsers or an app's users get, as the project's files say.
        special: text that the reader treats differently in a variable, so that a value with it stays.
        profiles: matches the names of files beside it that set the same entries for other environments, if it reads
            variables named like its entries.
    """

    name: str
    language: str
    files: re.Pattern[str]
    places: tuple[Place, ...]
    content: re.Pattern[str] | None = None
    words: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    refusal: str = ""
    bundled: bool = False
    special: re.Pattern[str] | None = None
    profiles: re.Pattern[str] | None = None
    built: Callable[[Mapping[str, str]], bool] | None = None

    @property
    def looks_up(self) -> bool:
        """Return whether it has its own lookup, rather than its language's or none."""
        return any(place.look_up for place in self.places)

    def reads(self, path: str, text: str, project: Project) -> bool:
        """Return whether it reads a file; the path has `/` between its parts."""
        if not self.files.fullmatch(path):
            return False
        start = text[:MOST_SEARCHED]
        if self.words and not any(word in start for word in self.words):
            return False
        if any(word in start for word in self.unless):
            return False
        has_content = self.content is None or self.content.search(start) is not None
        has_content = has_content or (self.built is not None and self.built(project.builds()))
        return has_content and (not self.bundled or project.is_bundled())


def reader(
    name: str,
    language: str,
    files: str,
    *places: Place,
    content: str = "",
    words: tuple[str, ...] = (),
    unless: tuple[str, ...] = (),
    refusal: str = "",
    bundled: bool = False,
    special: str = "",
    profiles: str = "",
    built: Callable[[Mapping[str, str]], bool] | None = None,
) -> Reader:
    """Return a row; `files`, `content` and `special` are patterns."""
    return Reader(
        name,
        language,
        re.compile(rf"(?:.*/)?(?:{files})", re.IGNORECASE | re.DOTALL),
        places,
        re.compile(content, re.MULTILINE) if content else None,
        words,
        unless,
        refusal,
        bundled,
        re.compile(special) if special else None,
        re.compile(profiles, re.IGNORECASE) if profiles else None,
        built,
    )


def literally(name: str, language: str, files: str, instead: str, content: str = "") -> Reader:
    """Return the row of a file that is uploaded, or read without a lookup."""
    return reader(
        name,
        language,
        files,
        content=content,
        refusal=f"{name.partition(' with')[0]} reads this text as it is; {instead}",
    )
