"""ParsedText and Literal: the text around a token, and how a reference can replace it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tokenward.errors import RewriteRefused
from tokenward.language import said
from tokenward.model import Reference, Span
from tokenward.rewriting.edits import Edit, apply_edits
from tokenward.rewriting.follow_up import FollowUp
from tokenward.rewriting.spelling import PLAINLY, Form, Spelling


@dataclass(frozen=True, slots=True)
class Joint:
    """How a literal is cut so that an expression can replace a part of it.

    Attributes:
        glue: joins the pieces, such as ` + `.
        wrap: encloses pieces that belong together.
        lead: joins the whole to a literal before it.
        tail: joins the whole to the literal after it.
        next_piece: the start of the literal after it.
        always_wrapped: a lone expression needs the wrap too.
    """

    glue: str = ""
    wrap: tuple[str, str] = ("", "")
    lead: str = ""
    tail: str = ""
    next_piece: int | None = None
    always_wrapped: bool = False


@dataclass(frozen=True, slots=True)
class Literal:
    """One literal or comment.

    Attributes:
        zone: the part that may change: the literal, or the whole concatenation around it.
        whole: the literal with its delimiters.
        content: the part between them.
        form: how characters are written in the content.
        filling: replaces the token.
        is_look_up: the filling looks up the variable; otherwise its place is left to what sets it from there.
        joint: how to cut the literal; None if the filling goes inside it.
        in_environment: the filling needs its variable in the environment file.
        inert: no program reads the literal, such as a comment.
    """

    zone: Span
    whole: Span
    content: Span
    form: Form
    filling: str
    joint: Joint | None = None
    in_environment: bool = False
    inert: bool = False
    is_look_up: bool = True


@dataclass(frozen=True, slots=True)
class Leaf:
    """The smallest unit of a parsed text."""

    kind: str
    span: Span


@dataclass(frozen=True, slots=True)
class Replacement:
    """A change, and how to undo it: `before`, the value (if there was one) and `after` replace `inserted`."""

    span: Span
    inserted: str
    before: str = ""
    after: str = ""
    spelling: Spelling = PLAINLY
    carries_value: bool = False


@dataclass(frozen=True, slots=True)
class Quoted:
    """A value as written, and the quotes around it."""

    opening: str
    written: str = field(repr=False)
    closing: str

    def __str__(self) -> str:
        return self.opening + self.written + self.closing


@dataclass(frozen=True, slots=True)
class UrlElsewhere:
    """Where the user's own configuration of a tool has a URL.

    Attributes:
        files: the names of TOML files beside the one with the token; the first that has the URL counts.
        keys: of the URL.
        refusal: why the token stays if none has it.
        before: what precedes the URL in what the tool asks for, unless the URL has a scheme of the tool's own.
    """

    files: tuple[str, ...]
    keys: tuple[str, ...]
    refusal: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class HelperLogin:
    """The URL and the user name for which a tool asks a credential helper.

    Attributes:
        elsewhere: where the URL is; None if it is known.
    """

    url: str
    user: str
    elsewhere: UrlElsewhere | None = None


COMMENT = "comment"
MAX_CHARACTERS = 2_000_000


class ParsedText(ABC):
    """A text, parsed once; the default methods are right for a data file."""

    def __init__(self, text: str) -> None:
        check_size(text)
        self.text = text

    @abstractmethod
    def literal(self, span: Span, reference: Reference) -> Literal:
        """Return the literal or comment around a span.

        Raises:
            RewriteRefused: nothing is there, or its place cannot contain a reference.
        """

    def edited(self, edits: Sequence[Edit]) -> tuple[ParsedText, Sequence[Span]]:
        """Return the text after edits, and the places in it that may be parsed differently."""
        after = type(self)(apply_edits(self.text, edits))
        return after, [Span(0, len(after.text))]

    @abstractmethod
    def is_inside(self, offset: int) -> bool:
        """Return whether an offset is inside a part of the text."""

    @abstractmethod
    def in_comment(self, span: Span) -> bool:
        """Return whether the span is within one comment."""

    @abstractmethod
    def leaves(self) -> Iterable[Leaf]:
        """Return every part of the text in order; comments have the kind `comment`."""

    def assigned(self, span: Span) -> str | None:  # noqa: ARG002
        """Return the key or variable whose value is the literal at the span, as written."""
        return None

    def keys(self, span: Span) -> tuple[str, ...]:
        """Return the keys from the top of the text to the value at the span; an item has the keys of its list."""
        name = self.assigned(span)
        return (name,) if name else ()

    def beside(self, span: Span, levels: int) -> Mapping[str, Span]:  # noqa: ARG002
        """Return the values of the mapping that is so many levels above the value at the span, by their keys."""
        return {}

    def trail(self, span: Span) -> tuple[str, ...]:
        """Return the keys and, if the format has them, the indices of items."""
        return self.keys(span)

    def whole_value(self, span: Span) -> Span:
        """Return the whole value around a span.

        Raises:
            RewriteRefused: it consists of several pieces.
        """
        return self.literal(span, Reference("any", "VALUE")).content

    def fitted(self, literal: Literal, span: Span, filling: str) -> Literal:  # noqa: ARG002
        """Return a literal with another filling for the token at the span, spelled for the literal."""
        return replace(literal, filling=Spelling(literal.form.codec).written(filling))

    def extent(self, span: Span) -> Span:
        """Return the text to store for the token at the span: more than the token if only a whole value can move.

        Raises:
            RewriteRefused: no variable is looked up there.
        """
        return span

    def after_move(
        self,
        spans: Sequence[Span],  # noqa: ARG002
        reference: Reference,  # noqa: ARG002
    ) -> tuple[str, FollowUp | None]:
        """Return the step left after the token at the spans has moved, empty for none, and if Tokenward can do it."""
        return "", None

    def variable(self, span: Span) -> str | None:  # noqa: ARG002
        """Return the only variable that can replace the token at the span; None for a free choice."""
        return None

    def asks_helper(self, spans: Sequence[Span]) -> bool:  # noqa: ARG002
        """Return whether a tool asks a credential helper for the value, once the token at the spans has moved."""
        return False

    def changes_again(self, login: HelperLogin) -> list[Replacement]:  # noqa: ARG002
        """Return the changes of a move without a reference, at their places in a text that the tool has rewritten."""
        return []

    def logins(self, spans: Sequence[Span]) -> tuple[HelperLogin, ...]:  # noqa: ARG002
        """Return what a tool asks a credential helper for, once the token at the spans has moved.

        Raises:
            RewriteRefused: it would ask for something that has no record.
        """
        return ()

    def fallback(self, span: Span) -> str | None:  # noqa: ARG002
        """Return the variable that has the token at the span as its fallback, if its lookup can replace both."""
        return None

    def errors(self) -> Sequence[Span]:
        """Return the places at which the text does not parse."""
        return []

    def preamble(self, uses: Sequence[Span], reference: Reference) -> list[Replacement]:  # noqa: ARG002
        """Return the further changes that fillings at these places need.

        Raises:
            RewriteRefused: the fillings do not work.
        """
        return []

    def epilogue(self, gone: Sequence[Span]) -> list[Edit]:  # noqa: ARG002
        """Return the further edits that the text needs if values replace these lookups."""
        return []

    def lookups(self, name: str) -> Iterable[Span]:  # noqa: ARG002
        """Return every place where code reads the environment variable like a filling."""
        return ()

    def quoted(self, span: Span, value: str) -> list[Quoted]:  # noqa: ARG002
        """Return the ways to write a value instead of a lookup, or of a reference that is a whole literal."""
        return [Quoted('"', Spelling("double").written(value), '"')]

    def lacks(self, inserted: str) -> bool:  # noqa: ARG002
        """Return whether the text needs something that a rewrite inserted but is gone."""
        return False


def check_size(text: str) -> None:
    """Refuse a text with more than MAX_CHARACTERS."""
    if len(text) > MAX_CHARACTERS:
        raise RewriteRefused(
            "The file has more than {max_characters} characters, too many to be rewritten safely; move "
            "the token by hand.",
            max_characters=f"{MAX_CHARACTERS:,}",
        )


def comment(span: Span, reference: Reference) -> Literal:
    """Return a comment as a literal; no value may begin at its first character, which makes it a comment."""
    return Literal(span, span, Span(span.start + 1, span.end), Form(), str(reference), inert=True)


def refuse(where: str) -> RewriteRefused:
    """Return the refusal of a token in a place, given in words."""
    return RewriteRefused(
        "The token is in {where}, which cannot contain a reference; move it by hand.", where=said(where)
    )
