"""Helper: how a file names a credential helper. HelperCommand: one that replaces a token and the text around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from tokenward.errors import RewriteRefused
from tokenward.model import Reference, Span
from tokenward.rewriting.edits import Edit
from tokenward.rewriting.literal import ParsedText, Replacement
from tokenward.text import newline_of

_BY_HAND = re.compile(r"tokenward[\"', ]{1,9}credential\b[^\r\n]*\Z")
_LONGEST_BY_HAND = 1_000
"""Characters before a reference that may belong to the command with it."""


class Helper(Protocol):
    """The command of a credential helper, and its place beside a token."""

    def fits(self, parsed: ParsedText, span: Span) -> bool:
        """Return whether the text around a token can name the command."""
        return bool(self.changes(parsed, span, Reference("any", "NAME")))

    def zone(self, parsed: ParsedText, span: Span) -> Span:
        """Return the part of the text around a token, which it fits, that may change."""

    def changes(self, parsed: ParsedText, span: Span, reference: Reference) -> list[Replacement]:
        """Return the changes around a token that name the command."""

    def taken_back(self, parsed: ParsedText, span: Span) -> list[Edit]:
        """Return the edits that name it no longer for a reference; none if it is not named."""


@dataclass(frozen=True, slots=True)
class CommandPart:
    """A part of the text beside a token.

    Attributes:
        pattern: matches it in the file; without groups.
        command: replaces it; None if it stays, as a part of the command.
        usual: replaces `command` where no record says what was there.
        rewritten: matches `command` as the tool writes it when it changes its file.
    """

    pattern: str
    command: str | None = None
    usual: str = ""
    rewritten: str = "(?!)"


@dataclass(frozen=True, slots=True)
class HelperCommand:
    """The parts before and after a token, in order.

    Attributes:
        before: end where the token begins.
        after: begin where it ends.
        unless: keys of the same mapping with which the tool would not run the command, or fail.
        needs: keys of it without which it is not known for what the tool would ask.
        levels: how far that mapping is above the token.
        longest: the most characters on each side of a token that are searched.
        example: shows people what the file has afterwards, where the parts do not.
    """

    before: tuple[CommandPart, ...]
    after: tuple[CommandPart, ...] = ()
    unless: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    levels: int = 1
    longest: int = 2_000
    example: str = ""

    def __str__(self) -> str:
        if self.example:
            return self.example
        before, after = (
            "".join("…" if part.command is None else part.command for part in parts)
            for parts in (self.before, self.after)
        )
        return f"{before}REFERENCE{after}"

    def fits(self, parsed: ParsedText, span: Span) -> bool:
        """Return whether the text around a token can become the command."""
        if next(self._found(parsed.text, span, back=False), None) is None:
            return False
        beside = parsed.beside(span, self.levels) if self.unless or self.needs else {}
        return self.unless.isdisjoint(beside) and self.needs <= beside.keys()

    def zone(self, parsed: ParsedText, span: Span) -> Span:
        """Return the span of the command and of what it replaces, around a token that it fits."""
        places = [place for _, place in self._found(parsed.text, span, back=False)]
        return Span(places[0].start, max(span.end, places[-1].end))

    def changes(self, parsed: ParsedText, span: Span, reference: Reference) -> list[Replacement]:  # noqa: ARG002
        """Return the changes around a token that make it a command."""
        return [
            Replacement(place, part.command, parsed.text[place.start : place.end])
            for part, place in self._found(parsed.text, span, back=False)
            if part.command is not None and len(part.command) + len(place)
        ]

    def taken_back(self, parsed: ParsedText, span: Span) -> list[Edit]:
        """Return the edits around a reference that make the command what it usually was; none if it is no command."""
        text = parsed.text
        return [
            Edit(place, part.usual.replace("\n", newline_of(text)))
            for part, place in self._found(text, span, back=True)
            if part.command is not None and len(part.usual) + len(place)
        ]

    def _found(self, text: str, span: Span, *, back: bool) -> Iterator[tuple[CommandPart, Span]]:
        start, end = max(0, span.start - self.longest), min(len(text), span.end + self.longest)
        before = re.compile(rf"(?<![\w\"'-]){_joined(self.before, back=back)}\Z").search(
            text, start, span.start
        )
        after = re.compile(_joined(self.after, back=back)).match(text, span.end, end)
        if before and after:
            for parts, match in ((self.before, before), (self.after, after)):
                for number, part in enumerate(parts, 1):
                    yield part, Span(*match.span(number))


def _joined(parts: tuple[CommandPart, ...], *, back: bool) -> str:
    return "".join(
        f"({re.escape(part.command)}|{part.rewritten})"
        if back and part.command is not None
        else f"({part.pattern})"
        for part in parts
    )


def require_no_command(parsed: ParsedText, span: Span) -> None:
    """Raise if a reference seems to be in a command of Tokenward's, which would show the value.

    Raises:
        RewriteRefused: it is, and no move has written the command.
    """
    # A plugin of kubectl, in whatever style it is written.
    is_plugins = "exec" in parsed.keys(span)
    if is_plugins or _BY_HAND.search(parsed.text, max(0, span.start - _LONGEST_BY_HAND), span.start):
        raise RewriteRefused(
            "The reference is in a command that no move has written; put the value back by hand."
        )
