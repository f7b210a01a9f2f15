"""Literal: what stands around a token, and how its place can be filled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tokenward.errors import RewriteRefused
from tokenward.model import Reference, Span
from tokenward.rewriting.edits import Edit
from tokenward.rewriting.spelling import PLAINLY, Form, Spelling


@dataclass(frozen=True, slots=True)
class Joint:
    """How a literal is cut so that an expression can take a part of its place.

    Attributes:
        glue: what joins the pieces, such as ` + `.
        wrap: what goes round pieces that belong together.
        lead: what joins the whole to a literal that is concatenated before it.
        tail: what joins it to the one after it.
        next_piece: where the literal begins that is concatenated after it.
        always_wrapped: the wrap is needed round a lone expression too.
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
        zone: what may change; a whole concatenation where the literal is a part of one.
        whole: the literal with its delimiters.
        content: what stands between them.
        form: how characters are written there.
        filling: what takes the token's place.
        joint: how to cut the literal; None where the filling goes inside it.
        in_environment: the filling reads the environment, so it is no reference itself.
    """

    zone: Span
    whole: Span
    content: Span
    form: Form
    filling: str
    joint: Joint | None = None
    in_environment: bool = False


@dataclass(frozen=True, slots=True)
class Leaf:
    """One smallest part of a parsed text."""

    kind: str
    span: Span


@dataclass(frozen=True, slots=True)
class Replacement:
    """One change, with what is needed to undo it: `before`, the value, `after` stood where `inserted` stands."""

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


COMMENT = "comment"


class Reader(Protocol):
    """A text, parsed once."""

    @property
    def text(self) -> str: ...

    def literal(self, span: Span, reference: Reference) -> Literal:
        """The literal or comment round a span.

        Raises:
            RewriteRefused: there is none, or its place cannot hold a reference.
        """

    def preamble(self, uses: Sequence[Span], reference: Reference) -> list[Replacement]:
        """What else must change so that fillings at these places work.

        Raises:
            RewriteRefused: they could not work.
        """

    def edited(self, edits: Sequence[Edit]) -> tuple[Reader, Sequence[Span]]:
        """The text after edits, and the places in it that may be parsed otherwise than before."""

    def is_inside(self, offset: int) -> bool:
        """Whether one part of the text goes on over an offset."""

    def in_comment(self, span: Span) -> bool:
        """Whether the span lies within one comment."""

    def leaves(self) -> Iterable[Leaf]:
        """Every part of the text in order; comments have the kind `comment`."""

    def errors(self) -> Sequence[Span]:
        """Where the text does not parse."""

    def lookups(self, name: str) -> Iterable[Span]:
        """Every place where code reads the environment variable in the way that a filling does."""

    def quoted(self, span: Span, value: str) -> list[Quoted]:
        """The ways to write a value in place of a lookup or of a reference that is all of a literal."""

    def lacks(self, inserted: str) -> bool:
        """Whether the text could not do without something that a rewrite inserted, now that it is gone."""

    def assigned(self, span: Span) -> str | None:
        """The key or variable that the literal at the span is the value of, as written."""


def comment(span: Span, reference: Reference) -> Literal:
    """A comment; its first character is what makes it one, so no value may begin there."""
    return Literal(span, span, Span(span.start + 1, span.end), Form(), str(reference))


def refuse(where: str) -> RewriteRefused:
    return RewriteRefused(f"The token stands in {where}, which cannot take a reference; move it by hand.")
