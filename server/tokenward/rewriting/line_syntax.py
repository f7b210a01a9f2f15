"""Files that are read line by line: `.env`, INI and properties."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property

from tokenward.errors import NameClash, RewriteRefused
from tokenward.model import Reference, Span
from tokenward.rewriting.edits import Edit, apply_edits, moved_spans
from tokenward.rewriting.env_file import EnvAssignment, parse_env
from tokenward.rewriting.literal import (
    COMMENT,
    Leaf,
    Literal,
    ParsedText,
    Quoted,
    Replacement,
    comment,
    refuse,
)
from tokenward.rewriting.spelling import Form
from tokenward.text import content_length, line_span, split_lines

_NEVER = re.compile("(?!)")
_ENV_FORMS = {
    "": Form(),
    "'": Form(re.compile(r"\\[\\']"), "bare-single", line_breaks=True),
    '"': Form(re.compile(r"\\[\\'\"abfnrtv]"), "double", line_breaks=True),
    "`": Form(line_breaks=True),
}
_ENV_COMMENT = re.compile(r"[^\S\r\n]*#[^\r\n]*")
_INI_KEY = re.compile(r"[ \t\f]*([^=:\s\[](?:[^=:\r\n]*[^=: \t\r\n])?)[ \t]*(?:=|:(?!//))[ \t]*")
_INI_COMMENT = re.compile(r"[ \t\f]*[#;]")
_BREAK = re.compile(r"\r\n|\r|\n")
_CONTENT = re.compile(r"[^\r\n]+")
_INI_SECTION = re.compile(r"^[ \t]*\[([^\]\r\n]+)\]", re.MULTILINE)
_PROPERTIES_KEY = re.compile(r"[ \t\f]*((?:\\.|[^\\=:\s])+)(?:[ \t\f]*[=:]|[ \t\f])[ \t\f]*")
_PROPERTIES_COMMENT = re.compile(r"[ \t\f]*[#!]")
_PROPERTIES_FORM = Form(re.compile(r"\\(?:u[0-9a-fA-F]{4}|.)"))


class LineSyntax(ParsedText):
    """A text of lines, in which a reference is written unchanged."""

    comment_start = re.compile(r"\s*#")
    """Matches the start of a line that is a comment as a whole."""
    setting = _NEVER
    """Matches a command that sets the variable of its group `name` to that of its group `value`."""

    def literal(self, span: Span, reference: Reference) -> Literal:
        line = self.line(span)
        if self.comment_start.match(self.text, line.start, line.end):
            return comment(line, reference)
        return self.literal_in(line, span, reference)

    def literal_in(self, line: Span, span: Span, reference: Reference) -> Literal:  # noqa: ARG002
        """Return the literal around a span of a line that is no comment.

        Raises:
            RewriteRefused: its place cannot contain a reference.
        """
        return Literal(line, line, line, Form(), str(reference))

    def preamble(self, uses: Sequence[Span], reference: Reference) -> list[Replacement]:
        """Return no changes.

        Raises:
            RewriteRefused: a command sets the variable to something other than a use.
        """
        name = re.compile(re.escape(reference.name), self.setting.flags & re.IGNORECASE)
        for found in self.setting.finditer(self.text) if uses else ():
            if name.fullmatch(found["name"]) and not any(self._fills(found, use) for use in uses):
                raise refuse_clash(reference.name)
        return []

    def assigned(self, span: Span) -> str | None:
        line = line_span(self.text, span)
        settings = self.setting.finditer(self.text, line.start, line.end)
        return next((found["name"] for found in settings if found.end() >= span.end), None)

    def is_inside(self, offset: int) -> bool:
        leaf = self._leaf_from(offset - 1)
        return leaf is not None and offset < leaf.span.end

    def in_comment(self, span: Span) -> bool:
        leaf = self._leaf_from(span.start)
        return leaf is not None and leaf.kind == COMMENT and leaf.span.contains(span)

    def leaves(self) -> Iterator[Leaf]:
        for line in _CONTENT.finditer(self.text):
            yield Leaf(COMMENT if self.comment_start.match(line[0]) else "line", Span(*line.span()))

    def _fills(self, found: re.Match[str], use: Span) -> bool:
        """Return whether the value that a command sets is a use, apart from quotes and blanks."""
        start, end = found.span("value")
        around = self.text[start : use.start] + self.text[use.end : end]
        return Span(start, end).contains(use) and not around.strip("\"' \t")

    def _leaf_from(self, offset: int) -> Leaf | None:
        """Return the last leaf that starts at an offset or before it."""
        leaves, starts = self._parts
        index = bisect_right(starts, offset)
        return leaves[index - 1] if index else None

    @cached_property
    def _parts(self) -> tuple[Sequence[Leaf], Sequence[int]]:
        leaves = [*self.leaves()]
        return leaves, [leaf.span.start for leaf in leaves]

    def line(self, span: Span) -> Span:
        """Return the line that contains the span, without its ending."""
        if re.search(r"[\r\n]", self.text[span.start : span.end]):
            raise refuse("more than one line")
        return line_span(self.text, span)


class IniSyntax(LineSyntax):
    """An INI file as configparser reads it; quotes are part of values."""

    key = _INI_KEY
    comment_start = _INI_COMMENT
    form = Form()
    blanks = " \t"
    """Characters at the end of a value that do not belong to it."""

    def literal_in(self, line: Span, span: Span, reference: Reference) -> Literal:
        start = self._value_start(line)
        if start is None or start > span.start:
            raise refuse("a key or a section's name")
        value = Span(start, line.end)
        return Literal(value, value, value, self.form, str(reference))

    def quoted(self, span: Span, value: str) -> list[Quoted]:  # noqa: ARG002
        return []

    def assigned(self, span: Span) -> str | None:
        keys = self.keys(span)
        return re.split(r"[./:]", keys[-1])[-1] if keys else None

    def keys(self, span: Span) -> tuple[str, ...]:
        """Return the section, if there is one, and the key."""
        line = self.line(span)
        key = self.key.match(self.text, line.start, span.start)
        sections = _INI_SECTION.findall(self.text, 0, line.start)
        return (*sections[-1:], *([key[1]] if key else ()))

    def beside(self, span: Span, levels: int) -> dict[str, Span]:
        """Return the values of the section around a span, by their keys in lower case; nothing is above a section."""
        if levels > 1:
            return {}
        start = self.text.rfind("\n[", 0, span.start) + 1
        end = self.text.find("\n[", span.end)
        found: dict[str, Span] = {}
        for line in split_lines(self.text[start : end if end > 0 else len(self.text)]):
            key = self.key.match(line)
            if key and not self.comment_start.match(line):
                found[key[1].lower()] = Span(start + key.end(), start + content_length(line))
            start += len(line)
        return found

    def whole_value(self, span: Span) -> Span:
        value = self.literal(span, Reference("any", "VALUE")).content
        after = _BREAK.match(self.text, value.end)
        following = Span(after.end(), after.end()) if after else value
        if self.continues(self.line(value)) or (following != value and self.continues(self.line(following))):
            raise refuse("a value of several lines")
        return Span(value.start, value.start + len(self.text[value.start : value.end].rstrip(self.blanks)))

    def _value_start(self, line: Span) -> int | None:
        key = self.key.match(self.text, line.start, line.end)
        if key:
            return key.end()
        return line.start + 1 if self.continues(line) else None

    def continues(self, line: Span) -> bool:
        """Return whether a line belongs to the value before it: it is indented."""
        return len(line) > 0 and line.start > 0 and self.text[line.start] in " \t"


class PropertiesSyntax(IniSyntax):
    """A Java properties file."""

    key = _PROPERTIES_KEY
    comment_start = _PROPERTIES_COMMENT
    form = _PROPERTIES_FORM
    blanks = ""

    def keys(self, span: Span) -> tuple[str, ...]:
        key = self.key.match(self.text, self.line(span).start, span.start)
        return tuple(key[1].split(".")) if key else ()

    def _value_start(self, line: Span) -> int | None:
        if self.continues(line):
            return line.start
        key = self.key.match(self.text, line.start, line.end)
        return key.end() if key else None

    def continues(self, line: Span) -> bool:
        """Return whether a line belongs to the value before it, which ends in an odd number of backslashes."""
        if line.start < 1:
            return False
        end = line.start - (2 if self.text[line.start - 2 : line.start] == "\r\n" else 1)
        before = self.line(Span(end, end))
        content = self.text[before.start : before.end]
        return (len(content) - len(content.rstrip("\\"))) % 2 == 1


class PlainSyntax(LineSyntax):
    """A file whose lines only its reader understands; `#` starts a comment line."""

    def quoted(self, span: Span, value: str) -> list[Quoted]:  # noqa: ARG002
        return []


class MarkupSyntax(PlainSyntax):
    """A file of elements and of code in them."""

    comment_start = _NEVER


class KeySyntax(PlainSyntax):
    """A file that is one key."""

    def literal(self, span: Span, reference: Reference) -> Literal:
        if (self.text[: span.start] + self.text[span.end :]).strip():
            raise RewriteRefused("This file is more than a key; store the token, and delete it here.")
        everything = Span(0, len(self.text))
        form = Form(line_breaks=True)
        return Literal(everything, everything, everything, form, str(reference))

    def leaves(self) -> Iterator[Leaf]:
        return iter([Leaf("key", Span(0, len(self.text)))] if self.text else [])


class UnitSyntax(LineSyntax):
    """A text of which only comments, strings and the like are known."""

    units: re.Pattern[str]
    """Matches each unit; the name of the outer group is its kind."""

    def leaves(self) -> Iterator[Leaf]:
        return (Leaf(found.lastgroup or "", Span(*found.span())) for found in self.units.finditer(self.text))


class EnvSyntax(LineSyntax):
    """A `.env` file."""

    comment_start = re.compile("\ufeff*\\s*#")

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.assignments = parse_env(text)
        self._starts = [assignment.key_span.start for assignment in self.assignments]

    def literal(self, span: Span, reference: Reference) -> Literal:
        assignment = self._assignment(span)
        if assignment and assignment.value_span.contains(span):
            value, width = assignment.value_span, len(assignment.quote)
            whole = Span(value.start - width, value.end + width)
            return Literal(whole, whole, value, _ENV_FORMS[assignment.quote], str(reference))
        line = self.line(span)
        start = (
            max(line.start, assignment.value_span.end + len(assignment.quote)) if assignment else line.start
        )
        if not _ENV_COMMENT.fullmatch(self.text[start : span.start].lstrip("\ufeff")):
            raise RewriteRefused(
                "The token is not in a value of this .env file; correct the line, then move it."
            )
        return comment(line, reference)

    def leaves(self) -> Iterator[Leaf]:
        """Return keys, values and comment lines; a line inside a value is not a comment."""
        inside = (
            Leaf(kind, span)
            for assignment in self.assignments
            for kind, span in (("key", assignment.key_span), ("value", assignment.value_span))
            if len(span)
        )
        comments = (
            leaf
            for leaf in super().leaves()
            if leaf.kind == COMMENT
            and not ((one := self._assignment(leaf.span)) and one.value_span.overlaps(leaf.span))
        )
        return iter(sorted([*inside, *comments], key=lambda leaf: leaf.span))

    def edited(self, edits: Sequence[Edit]) -> tuple[EnvSyntax, Sequence[Span]]:
        """Return the text after edits, and each leaf there that is not one of before in its new place, or is gone."""
        after, leaves = type(self)(apply_edits(self.text, edits)), [*self.leaves()]
        moved = zip(leaves, moved_spans([leaf.span for leaf in leaves], edits), strict=True)
        changed = {(leaf.kind, span) for leaf, span in moved} ^ {
            (leaf.kind, leaf.span) for leaf in after.leaves()
        }
        return after, sorted(span for _, span in changed)

    def assigned(self, span: Span) -> str | None:
        assignment = self._assignment(span)
        return assignment.key if assignment and assignment.value_span.contains(span) else None

    def _assignment(self, span: Span) -> EnvAssignment | None:
        index = bisect_right(self._starts, span.start)
        return self.assignments[index - 1] if index else None


def refuse_clash(name: str) -> NameClash:
    """Return the refusal of a name that a script has for a variable of its own."""
    return NameClash("The file sets {name} to something else; move the token under another name.", name=name)
