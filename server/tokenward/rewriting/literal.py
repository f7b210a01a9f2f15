"""ParsedText and Literal: the text around a token, and how a reference can take the token's place."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tokenward.errors import RewriteRefused
from tokenward.model import Reference, Span
from tokenward.rewriting.edits import Edit
from tokenward.rewriting.spelling import PLAINLY, Form, Spelling


@dataclass(frozen=True, slots=True)
class Joint:
    """How a literal is cut so that an expression can take a part of its place.

    Attributes:
        glue: joins the pieces, such as ` + `.
        wrap: goes around pieces that belong together.
        lead: joins the whole to a literal that is concatenated before it.
        tail: joins it to the one after it.
        next_piece: the start of the literal that is concatenated after it.
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
        zone: the part that may change: the literal, or the whole concatenation that it is in.
        whole: the literal with its delimiters.
        content: the part between them.
        form: how characters are written there.
        filling: takes the token's place.
        joint: how to cut the literal; None where the filling goes inside it.
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


@dataclass(frozen=True, slots=True)
class Leaf:
    """A smallest part of a parsed text."""

    kind: str
    span: Span


@dataclass(frozen=True, slots=True)
class Replacement:
    """One change, and how to undo it: `before`, the value if there was one, and `after` replace `inserted`."""

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
class HelperLogin:
    """The URL and the user name for which a tool asks a credential helper."""

    url: str
    user: str


COMMENT = "comment"


class ParsedText(ABC):
    """A text, parsed once; the methods with a body fit a data file."""

    text: str

    @abstractmethod
    def literal(self, span: Span, reference: Reference) -> Literal:
        """Return the literal or comment around a span.

        Raises:
            RewriteRefused: there is none, or its place cannot hold a reference.
        """

    @abstractmethod
    def edited(self, edits: Sequence[Edit]) -> tuple[ParsedText, Sequence[Span]]:
        """Return the text after edits, and the places in it that may be parsed differently from before."""

    @abstractmethod
    def is_inside(self, offset: int) -> bool:
        """Return whether one part of the text continues over an offset."""

    @abstractmethod
    def in_comment(self, span: Span) -> bool:
        """Return whether the span is within one comment."""

    @abstractmethod
    def leaves(self) -> Iterable[Leaf]:
        """Return every part of the text in order; comments have the kind `comment`."""

    @abstractmethod
    def assigned(self, span: Span) -> str | None:
        """Return the key or variable whose value is the literal at the span, as written."""

    def keys(self, span: Span) -> tuple[str, ...]:
        """Return the keys from the top of the text down to the value at the span; an item has the keys of its list."""
        name = self.assigned(span)
        return (name,) if name else ()

    def beside(self, span: Span, levels: int) -> Mapping[str, Span]:  # noqa: ARG002
        """Return the values of the mapping that is so many levels above the value at the span, by their keys."""
        return {}

    def trail(self, span: Span) -> tuple[str, ...]:
        """Return the keys and, where the format counts them, the indices of items."""
        return self.keys(span)

    def whole_value(self, span: Span) -> Span:
        """Return the whole value around a span.

        Raises:
            RewriteRefused: it is in several pieces.
        """
        return self.literal(span, Reference("any", "VALUE")).content

    def fitted(self, literal: Literal, span: Span, filling: str) -> Literal:  # noqa: ARG002
        """Return a literal with another filling for the token at the span, spelled as the literal needs it."""
        return replace(literal, filling=Spelling(literal.form.codec).written(filling))

    def extent(self, span: Span) -> Span:
        """Return the text to store for the token at the span: more than the token where only a whole value can move.

        Raises:
            RewriteRefused: nothing looks up a variable there.
        """
        return span

    def after_move(self, spans: Sequence[Span], reference: Reference) -> str:  # noqa: ARG002
        """Return what is left to do once the token at the spans has moved; empty if nothing is."""
        return ""

    def variable(self, span: Span) -> str | None:  # noqa: ARG002
        """Return the only variable that can take the place of the token at the span; None for a free choice."""
        return None

    def asks_helper(self, spans: Sequence[Span]) -> bool:  # noqa: ARG002
        """Return whether a tool asks a credential helper for the value, once the token at the spans has moved."""
        return False

    def logins(self, spans: Sequence[Span]) -> tuple[HelperLogin, ...]:  # noqa: ARG002
        """Return what a tool asks a credential helper for, once the token at the spans has moved.

        Raises:
            RewriteRefused: it would ask for something that has no record.
        """
        return ()

    def fallback(self, span: Span) -> str | None:  # noqa: ARG002
        """Return the variable that code falls back from to the token at the span, if its look-up can replace both."""
        return None

    def errors(self) -> Sequence[Span]:
        """Return the places at which the text does not parse."""
        return []

    def preamble(self, uses: Sequence[Span], reference: Reference) -> list[Replacement]:  # noqa: ARG002
        """Return the further changes that fillings at these places need.

        Raises:
            RewriteRefused: the fillings cannot work.
        """
        return []

    def epilogue(self, gone: Sequence[Span]) -> list[Edit]:  # noqa: ARG002
        """Return the further edits that the text needs when values take the place of these look-ups."""
        return []

    def lookups(self, name: str) -> Iterable[Span]:  # noqa: ARG002
        """Return every place where code reads the environment variable as a filling does."""
        return ()

    def quoted(self, span: Span, value: str) -> list[Quoted]:  # noqa: ARG002
        """Return the ways to write a value in place of a look-up, or of a reference that is a whole literal."""
        return [Quoted('"', Spelling("double").written(value), '"')]

    def lacks(self, inserted: str) -> bool:  # noqa: ARG002
        """Return whether the text needs something that a rewrite inserted and that is gone."""
        return False


def comment(span: Span, reference: Reference) -> Literal:
    """Return a comment as a literal; its first character makes it one, so no value may begin there."""
    return Literal(span, span, Span(span.start + 1, span.end), Form(), str(reference), inert=True)


def refuse(where: str) -> RewriteRefused:
    return RewriteRefused(f"The token is in {where}, which cannot hold a reference; move it by hand.")
