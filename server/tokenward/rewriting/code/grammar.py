"""LanguageRow: a programming language as data; CodeGrammar, for CodeSyntax."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tokenward.rewriting.code.import_line import ImportLine
from tokenward.rewriting.literal import COMMENT
from tokenward.rewriting.spelling import Form

NAME = r"(?P<name>[A-Za-z_][A-Za-z0-9_]{0,127})"
QUOTED = rf"(?P<quote>[\"'`]){NAME}(?P=quote)"
"""The name of a variable in quotes, for `CodeGrammar.readings`."""

_NO_CUT = r"(?<!\w(?=\w))"
"""Matches anywhere but inside a word."""

DOUBLE_ESCAPE = re.compile(
    r"\\(?:\r\n|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|[0-7]{1,3}|.)", re.DOTALL
)
"""An escape, as most languages write it in double quotes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageRow:
    """A programming language.

    Attributes:
        name: the name of the language; of a CodeGrammar, also of its tree-sitter grammar.
        files: matches a file's name, with up to one folder before it.
        ids: LSP's names for it, with spaces between them.
        comment: starts a comment that runs to the end of its line.
        lookup: reads the variable `NAME`.
        readings: match every common way to read a variable; the group `name` is its name.
    """

    name: str
    files: str
    ids: str
    comment: str
    lookup: str
    readings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quotes:
    r"""How a kind of string is written.

    Attributes:
        opening: matches the opening delimiter.
        closing: a delimiter of the closing one's length; may refer to groups of `opening`.
        form: how characters are written between them.
        hole: encloses an expression inside the string, such as `#{` and `}`; None if that is impossible.
    """

    opening: str
    closing: str
    form: Form
    hole: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Constants:
    """The declarations of constants.

    Attributes:
        uses: the kinds of nodes that the compiler evaluates, so that they need one.
        keywords: by kind of declaration, what replaces its `const`; empty to remove it.
        in_order: the kinds of variables that are set in the order of the file, after all constants.
        later: the kinds of code that runs once they are set.
    """

    uses: frozenset[str] = frozenset()
    keywords: Mapping[str, str] = field(default_factory=dict)
    in_order: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeGrammar(LanguageRow):
    """A language. A place is `KIND` or `KIND.FIELD`: a kind of node, or the content of one of its fields.

    Attributes:
        comments: the kinds of comments.
        strings: by kind of node, the ways to write such a string, the longest delimiters first.
        parts: the kinds of nodes inside a string's text.
        unparsed: the kinds of nodes in which a lookup may not be a separate node.
        places: where any expression may be, with spaces between them.
        refused: the places in which a literal is refused, and the words for each.
        variants: further lookups that a subclass writes, each before any that it begins with.
        glue: joins strings, such as ` + `; None if the language cannot.
        chains: the kinds of nodes that contain adjacent strings without an operator.
        names: `KIND.VALUE:NAME`, the fields of a value and of its name, with spaces between them. Outside a field, a
        value is `None`, and a name is the kind of its node; `0` is the first child.
        stops: the kinds of nodes at which the search for an assignment ends.
        constants: the declarations that a lookup makes variables.
        root: the name that a lookup begins with, if code could redefine it.
        root_kinds: the kinds of nodes of such a name.
        root_reads: the places in which it has the meaning that the lookup needs.
        import_line: the line that the lookup needs at the top of the file.
        on_devices: matches an import for apps and pages, which run where no variable is set.
        sets: matches the text from the start of a node to the token's part if the code sets a variable.
        sets_alone: only a value that is no more than the string counts as set.
        calls_env: a function `env` falls back from the variable of its first argument to its second.
        eager: matches the same if a lookup there would fail even if its value is not needed.
    """

    strings: Mapping[str, tuple[Quotes, ...]]
    parts: frozenset[str]
    places: str
    names: str
    stops: frozenset[str]
    comments: frozenset[str] = frozenset({COMMENT})
    unparsed: frozenset[str] = frozenset()
    refused: Mapping[str, str] = field(default_factory=dict)
    variants: tuple[str, ...] = ()
    glue: str | None = " + "
    chains: frozenset[str] = frozenset()
    constants: Constants = Constants()
    root: str = ""
    root_kinds: frozenset[str] = frozenset({"identifier"})
    root_reads: str = ""
    import_line: ImportLine | None = None
    on_devices: re.Pattern[str] | None = None
    sets: re.Pattern[str] | None = None
    sets_alone: bool = False
    calls_env: bool = False
    eager: re.Pattern[str] | None = None

    def lookups(self, name: str) -> re.Pattern[str]:
        """Return a pattern for each lookup, as a move writes it, of variables whose names match a pattern."""
        forms = (_begun(re.escape(form)).replace("NAME", name) for form in (*self.variants, self.lookup))
        return re.compile("|".join(form + _NO_CUT for form in forms))


def _begun(form: str) -> str:
    """Return the pattern of a form that does not begin inside a word; with letters first, it is searched for faster."""
    word = re.match(r"(?!NAME)[A-Za-z]+", form)
    return f"{word[0]}(?<!\\w{word[0]}){form[word.end() :]}" if word else _NO_CUT + form
