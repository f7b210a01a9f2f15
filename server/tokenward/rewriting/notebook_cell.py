"""NotebookCell: a code cell of a notebook, parsed by the rules of its language."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache

from tokenward.errors import RewriteRefused
from tokenward.model import Reference, Span
from tokenward.rewriting.code.julia import JuliaSyntax
from tokenward.rewriting.code.python import PythonSyntax
from tokenward.rewriting.code.r import RSyntax
from tokenward.rewriting.code.shell import ShellSyntax
from tokenward.rewriting.edits import Edit, apply_edits
from tokenward.rewriting.line_syntax import EnvSyntax, LineSyntax
from tokenward.rewriting.literal import Leaf, Literal, ParsedText, Replacement
from tokenward.rewriting.readers.reader import Place, reader
from tokenward.rewriting.readers.reader_text import ReaderText
from tokenward.rewriting.spelling import Form

_CHARACTER = re.compile(r"\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|.)", re.DOTALL)
_MAGIC = re.compile(r"^[ \t]*[!%?][^\n]*", re.MULTILINE)
_COMMAND = re.compile(r"^[ \t]*(?:!(?!!)|%(?:set_)?env[ \t]+)([^\n]*)", re.MULTILINE)
_SET = reader("IPython", "dotenv", r"(?!)", Place("{__import__('os').environ['NAME']}"))
"""`%env NAME=value`, in whose value IPython fills in expressions in braces."""
_SETTING = re.compile(r"\w+=(?:[^\s\"'\\#{}$]|\{__import__\('os'\)\.environ\['\w+'\]\})+[ \t]*")
_SCRIPT = re.compile(r"\s*%%(?:bash|sh|script (?:ba|z|da)?sh)[ \t]*(?:\n|\Z)")
_OTHER_MAGIC = re.compile(r"\s*%%(?!(?:time|timeit|capture|prun)\b)")
_VARIABLE = re.compile(r"\$\{[A-Z_]\w*\}")

Parse = Callable[[str], ParsedText]
NOTEBOOK_LANGUAGES: Mapping[str, Parse] = {"python": PythonSyntax, "r": RSyntax, "julia": JuliaSyntax}
"""By their names in a notebook or in the first line of a chunk."""


class NotebookCell:
    """A code cell: its code, and where each character of it is in the file.

    Args:
        lines: the insides of the strings with its lines.
        make: parses its language; None for one that is not rewritten.
        known: the parsed code of each cell, also of the same notebook before an edit.
    """

    def __init__(
        self,
        text: str,
        lines: Sequence[Span],
        make: Parse | None,
        known: dict[tuple[Parse, str], ParsedText],
    ) -> None:
        self.span = Span(lines[0].start, lines[-1].end)
        self._text, self._lines = text, lines
        self._gap = text[lines[0].end : lines[1].start] if len(lines) > 1 else ""
        self._make, self._known = make, known
        self._commands: dict[Span, ParsedText] = {}

    @cached_property
    def code(self) -> str:
        """Return the code, in which a character of the file may be an escape."""
        lines = "".join(self._text[line.start : line.end] for line in self._lines)
        return _ESCAPE.sub(lambda escape: _decoded(escape[0]), lines)

    @cached_property
    def _places(self) -> list[Span]:
        found = (_CHARACTER.finditer(self._text, line.start, line.end) for line in self._lines)
        return [Span(*one.span()) for line in found for one in line]

    @cached_property
    def _starts(self) -> list[int]:
        return [place.start for place in self._places]

    @property
    def is_python(self) -> bool:
        """Return whether the cell is Python, with or without lines of magic commands."""
        return self._readable[0] is PythonSyntax

    @property
    def readable(self) -> str:
        """Return code of the same length without what its language cannot read."""
        return self._readable[1]

    @property
    def parsed(self) -> ParsedText:
        """Return the parsed code."""
        if self._readable not in self._known:
            make, code = self._readable
            self._known[self._readable] = make(code)
        return self._known[self._readable]

    @cached_property
    def _readable(self) -> tuple[Parse, str]:
        if script := _SCRIPT.match(self.code):
            return ShellSyntax, _blank(self.code[: script.end()]) + self.code[script.end() :]
        if self._make is None or _OTHER_MAGIC.match(self.code):
            return Unread, self.code
        if self._make is not PythonSyntax:
            return self._make, self.code
        return PythonSyntax, _MAGIC.sub(lambda line: _blank(line[0], "#"), self.code)

    def parse_after(self, before: NotebookCell, edits: Iterable[tuple[Edit, Span]]) -> list[Span]:
        """Parse the cell, given what it was before some edits and where each is now; return the places that differ."""
        places = ((before.place(edit.span), self.place(now)) for edit, now in edits)
        own = [Edit(place, self.readable[now.start : now.end]) for place, now in places]
        if before._readable[0] is not self._readable[0] or apply_edits(before.readable, own) != self.readable:
            return [self.span]
        self._known[self._readable], changed = before.parsed.edited(own)
        return [self.file_span(place) for place in changed]

    def parsed_at(self, place: Span) -> ParsedText:
        """Return the parsed code around a place; a line with `!` is a shell's, and one with `%env` sets a variable.

        Raises:
            RewriteRefused: the line is a magic command.
        """
        for line in _MAGIC.finditer(self.code) if self.is_python else ():
            if Span(*line.span()).contains(place):
                return self._command(Span(*line.span()))
        return self.parsed

    def all_parsed(self) -> Iterator[ParsedText]:
        """Yield the code, and each line of it that starts with `!` or `%env`."""
        yield self.parsed
        if self.is_python:
            yield from (self._command(Span(*line.span())) for line in _COMMAND.finditer(self.code))

    def _command(self, line: Span) -> ParsedText:
        if line not in self._commands:
            command = _COMMAND.fullmatch(self.code, line.start, line.end)
            before, words = (command.start(1), command[1]) if command else (line.end, "")
            # IPython itself replaces `{…}` and `$…`, but nothing in a line with a name that it does not know.
            is_plain = command is not None and not re.search("[{}$]", _VARIABLE.sub("", words))
            code = _blank(self.code[:before]) + words + _blank(self.code[line.end :])
            if "%" in self.code[line.start : before]:
                is_set = _SETTING.fullmatch(words)
                self._commands[line] = ReaderText(EnvSyntax(code), _SET) if is_set else Unread(code)
            else:
                self._commands[line] = ShellSyntax(code) if is_plain else Unread(code)
        return self._commands[line]

    def place(self, span: Span) -> Span:
        """Return the place in the code of a span of the file."""
        return Span(bisect_right(self._starts, span.start) - 1, bisect_right(self._starts, span.end - 1))

    def file_span(self, place: Span) -> Span:
        """Return the span of the file for a place in the code."""
        last = len(self._places)
        start = self._places[place.start].start if place.start < last else self.span.end
        return (
            Span(start, self._places[min(place.end, last) - 1].end)
            if len(place) and last
            else Span(start, start)
        )

    def in_file(self, literal: Literal) -> Literal:
        """Return a literal of the code as one of the file."""
        joint = literal.joint
        if joint:
            first, second = joint.wrap
            following = joint.next_piece
            joint = replace(
                joint,
                glue=in_json(joint.glue),
                wrap=(in_json(first), in_json(second)),
                next_piece=None if following is None else self.file_span(Span(following, following)).start,
            )
        return replace(
            literal,
            zone=self.file_span(literal.zone),
            whole=self.file_span(literal.whole),
            content=self.file_span(literal.content),
            form=Form(_ESCAPE, plain=literal.form.plain),
            filling=in_json(literal.filling),
            joint=joint,
        )

    def change(self, change: Replacement) -> Replacement:
        """Return a change of the code as one of the file; each line in a list of lines is a separate string."""
        inserted = in_json(change.inserted)
        if self._gap:
            inserted = inserted.replace("\\n", f"\\n{self._gap}")
        before, after = in_json(change.before), in_json(change.after)
        return replace(
            change, span=self.file_span(change.span), inserted=inserted, before=before, after=after
        )


class Unread(LineSyntax):
    """Code of a language that is not rewritten in notebooks."""

    def literal(self, span: Span, reference: Reference) -> Literal:  # noqa: ARG002
        raise RewriteRefused(
            "It is in a magic command, or the cell's language is not rewritten in notebooks; store the token with "
            "`tokenward put NAME`, and change the cell by hand."
        )

    def leaves(self) -> Iterator[Leaf]:
        return iter([Leaf("code", Span(0, len(self.text)))])


@lru_cache(256)
def _decoded(written: str) -> str:
    if len(written) == 1:
        return written
    try:
        decoded = json.loads(f'"{written}"')
    except ValueError:
        return "\ufffd"
    return str(decoded)


def in_json(text: str) -> str:
    """Return a text as it is inside a string of JSON."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _blank(text: str, first: str = " ") -> str:
    """Return spaces of the same length, with the same line breaks and perhaps another first character."""
    blank = re.sub(r"[^\n]", " ", text)
    indent = len(text) - len(text.lstrip(" \t"))
    return blank[:indent] + first + blank[indent + 1 :] if text.strip() else blank
