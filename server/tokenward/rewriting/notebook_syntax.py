"""A Jupyter notebook: each code cell is rewritten by the rules of its language."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tree_sitter import Node

from tokenward.errors import RewriteRefused
from tokenward.language import phrase
from tokenward.model import Reference, Span
from tokenward.rewriting.code.julia import JuliaSyntax
from tokenward.rewriting.data_syntax import JsonSyntax
from tokenward.rewriting.edits import Edit, apply_edits
from tokenward.rewriting.literal import Leaf, Literal, ParsedText, Quoted, Replacement
from tokenward.rewriting.python_syntax import PythonSyntax
from tokenward.rewriting.r_syntax import RSyntax
from tokenward.rewriting.replacements import replace_tokens
from tokenward.rewriting.shell_syntax import ShellSyntax
from tokenward.rewriting.spelling import Form

if TYPE_CHECKING:
    from typing import Self

_LANGUAGES: Mapping[str, Callable[[str], ParsedText]] = {
    "python": PythonSyntax,
    "r": RSyntax,
    "julia": JuliaSyntax,
}
"""By the name of a kernel's language."""
_CHARACTER = re.compile(r"\\u[0-9a-fA-F]{4}|\\.|[^\\]", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|.)", re.DOTALL)
_MAGIC = re.compile(r"^[ \t]*[!%?][^\n]*", re.MULTILINE)
_COMMAND = re.compile(r"^[ \t]*!(?!!)([^\n]*)", re.MULTILINE)
_SCRIPT = re.compile(r"\s*%%(?:bash|sh|script (?:ba|z|da)?sh)[ \t]*(?:\n|\Z)")
_OTHER_MAGIC = re.compile(r"\s*%%(?!(?:time|timeit|capture|prun)\b)")
_VARIABLE = re.compile(r"\$\{[A-Z_]\w*\}")
_IMPORT = re.compile(r"^import os$", re.MULTILINE)


class NotebookSyntax(ParsedText):
    """The file of a notebook."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._json = JsonSyntax(text)
        data = _object(
            self._json.root.named_children[0] if self._json.root.named_children else None, self._json
        )
        make = _LANGUAGES.get(_language(data.get("metadata"), text, self._json))
        cells = data.get("cells")
        self._cells = [
            _Cell(text, lines, make)
            for cell in (cells.named_children if cells else ())
            if (lines := _lines(_object(cell, self._json), self._json))
        ]
        self._starts = [cell.span.start for cell in self._cells]

    def literal(self, span: Span, reference: Reference) -> Literal:
        cell = self._cell(span)
        if cell is None:
            words = self._json.keys(span)
            raise RewriteRefused(
                phrase(
                    "It is in a cell's output; clear the outputs, for example by `jupyter nbconvert --clear-output`."
                )
                if "outputs" in words
                else phrase("It is in the notebook's text, not in its code; delete it there, and revoke it.")
            )
        place = cell.place(span)
        parsed = cell.parsed_at(place)
        literal = parsed.literal(place, reference)
        replace_tokens(cell.code, literal, [place])
        return cell.in_file(literal)

    def preamble(self, uses: Sequence[Span], reference: Reference) -> list[Replacement]:
        changes: list[Replacement] = []
        for at, cell in enumerate(self._cells):
            own = [cell.place(use) for use in uses if cell.span.contains(use)]
            in_code = [place for place in own if cell.parsed_at(place) is cell.parsed]
            is_ready = isinstance(cell.parsed, PythonSyntax) and any(
                _IMPORT.search(before.code) for before in self._cells[:at]
            )
            if in_code and not is_ready:
                changes += map(cell.change, cell.parsed.preamble(in_code, reference))
        return changes

    def lacks(self, inserted: str) -> bool:
        code = "\n".join(cell.parsed.text for cell in self._cells if isinstance(cell.parsed, PythonSyntax))
        return bool(code) and PythonSyntax(code).lacks(inserted)

    def lookups(self, name: str) -> Iterator[Span]:
        for cell in self._cells:
            for parsed in cell.all_parsed():
                yield from map(cell.file_span, parsed.lookups(name))

    def quoted(self, span: Span, value: str) -> list[Quoted]:
        cell = self._cell(span)
        if cell is None:
            return []
        place = cell.place(span)
        written = cell.parsed_at(place).quoted(place, value)
        return [
            Quoted(_in_json(one.opening), _in_json(one.written), _in_json(one.closing)) for one in written
        ]

    def edited(self, edits: Sequence[Edit]) -> tuple[Self, list[Span]]:
        after = type(self)(apply_edits(self.text, edits))
        return after, [Span(0, len(after.text))]

    def is_inside(self, offset: int) -> bool:
        return self._json.is_inside(offset)

    def in_comment(self, span: Span) -> bool:
        cell = self._cell(span)
        return cell is not None and cell.parsed_at(place := cell.place(span)).in_comment(place)

    def leaves(self) -> Iterator[Leaf]:
        """Return the parts of the file outside the code, and those of the code."""
        outside = (leaf for leaf in self._json.leaves() if self._cell(leaf.span) is None)
        inside = (
            Leaf(leaf.kind, cell.file_span(leaf.span))
            for cell in self._cells
            for leaf in cell.parsed.leaves()
        )
        return iter(sorted([*outside, *inside], key=lambda leaf: leaf.span))

    def errors(self) -> list[Span]:
        inside = (cell.file_span(error) for cell in self._cells for error in cell.parsed.errors())
        return [*self._json.errors(), *inside]

    def assigned(self, span: Span) -> str | None:
        cell = self._cell(span)
        return cell.parsed_at(place := cell.place(span)).assigned(place) if cell else None

    def fallback(self, span: Span) -> str | None:
        cell = self._cell(span)
        return cell.parsed_at(place := cell.place(span)).fallback(place) if cell else None

    def _cell(self, span: Span) -> _Cell | None:
        """Return the code cell that contains a span."""
        at = bisect_right(self._starts, span.start) - 1
        return self._cells[at] if at >= 0 and self._cells[at].span.contains(span) else None


class _Cell:
    """A code cell: its code, and where each character of it is in the file."""

    def __init__(self, text: str, lines: Sequence[Span], make: Callable[[str], ParsedText] | None) -> None:
        self.span = Span(lines[0].start, lines[-1].end)
        self._gap = text[lines[0].end : lines[1].start] if len(lines) > 1 else ""
        found = [one for line in lines for one in _CHARACTER.finditer(text, line.start, line.end)]
        self._places = [Span(*one.span()) for one in found]
        self._starts = [place.start for place in self._places]
        self.code = "".join(_decoded(one[0]) for one in found)
        self._make = make
        self._commands: dict[Span, ParsedText] = {}
        self.parsed = self._parse()

    def _parse(self) -> ParsedText:
        if script := _SCRIPT.match(self.code):
            return ShellSyntax(_blank(self.code[: script.end()]) + self.code[script.end() :])
        if self._make is None or _OTHER_MAGIC.match(self.code):
            return _Unread(self.code)
        if self._make is not PythonSyntax:
            return self._make(self.code)
        return PythonSyntax(_MAGIC.sub(lambda line: _blank(line[0], "#"), self.code))

    def parsed_at(self, place: Span) -> ParsedText:
        """Return the parsed code around a place; a line that starts with `!` is a shell's.

        Raises:
            RewriteRefused: the line is a magic command.
        """
        if not isinstance(self.parsed, PythonSyntax):
            return self.parsed
        for line in _MAGIC.finditer(self.code):
            if Span(*line.span()).contains(place):
                return self._command(Span(*line.span()))
        return self.parsed

    def all_parsed(self) -> Iterator[ParsedText]:
        """Yield the code, and each line of it that starts with `!`."""
        yield self.parsed
        if isinstance(self.parsed, PythonSyntax):
            yield from (self._command(Span(*line.span())) for line in _COMMAND.finditer(self.code))

    def _command(self, line: Span) -> ParsedText:
        if line not in self._commands:
            command = _COMMAND.fullmatch(self.code, line.start, line.end)
            before, words = (command.start(1), command[1]) if command else (line.end, "")
            # IPython itself replaces `{…}` and `$…`, but nothing in a line with a name that it does not know.
            is_plain = command is not None and not re.search("[{}$]", _VARIABLE.sub("", words))
            code = _blank(self.code[:before]) + words + _blank(self.code[line.end :])
            self._commands[line] = ShellSyntax(code) if is_plain else _Unread(code)
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
                glue=_in_json(joint.glue),
                wrap=(_in_json(first), _in_json(second)),
                next_piece=None if following is None else self.file_span(Span(following, following)).start,
            )
        return replace(
            literal,
            zone=self.file_span(literal.zone),
            whole=self.file_span(literal.whole),
            content=self.file_span(literal.content),
            form=Form(_ESCAPE, plain=literal.form.plain),
            filling=_in_json(literal.filling),
            joint=joint,
        )

    def change(self, change: Replacement) -> Replacement:
        """Return a change of the code as one of the file; each line in a list of lines is a separate string."""
        inserted = _in_json(change.inserted)
        if self._gap:
            inserted = inserted.replace("\\n", f"\\n{self._gap}")
        before, after = _in_json(change.before), _in_json(change.after)
        return replace(
            change, span=self.file_span(change.span), inserted=inserted, before=before, after=after
        )


class _Unread(ParsedText):
    """Code of a language that is not rewritten in notebooks."""

    def __init__(self, text: str) -> None:
        self.text = text

    def literal(self, span: Span, reference: Reference) -> Literal:  # noqa: ARG002
        raise RewriteRefused(
            "It is in a magic command, or the cell's language is not rewritten in notebooks; store the token with "
            "`tokenward put NAME`, and change the cell by hand."
        )

    def edited(self, edits: Sequence[Edit]) -> tuple[Self, list[Span]]:
        return type(self)(apply_edits(self.text, edits)), []

    def is_inside(self, offset: int) -> bool:
        return 0 < offset < len(self.text)

    def in_comment(self, span: Span) -> bool:  # noqa: ARG002
        return False

    def leaves(self) -> Iterator[Leaf]:
        return iter([Leaf("code", Span(0, len(self.text)))])

    def assigned(self, span: Span) -> str | None:  # noqa: ARG002
        return None


def _object(node: Node | None, syntax: JsonSyntax) -> dict[str, Node]:
    pairs = [pair for pair in node.named_children if pair.type == "pair"] if node else []
    found = [(pair.child_by_field_name("key"), pair.child_by_field_name("value")) for pair in pairs]
    return {syntax.source(key).strip('"'): value for key, value in found if key and value}


def _language(metadata: Node | None, text: str, syntax: JsonSyntax) -> str:
    """Return the name of the kernel's language in lower case, or Python."""
    found = _object(metadata, syntax)
    for holder, key in (("language_info", "name"), ("kernelspec", "language")):
        if name := _object(found.get(holder), syntax).get(key):
            return syntax.source(name).strip('"').lower()
    return "python" if text else ""


def _lines(cell: Mapping[str, Node], syntax: JsonSyntax) -> list[Span]:
    """Return the insides of the strings with a code cell's lines; none for other cells."""
    kind, source = cell.get("cell_type"), cell.get("source")
    if not (kind and source and syntax.source(kind) == '"code"'):
        return []
    strings = (
        [source]
        if source.type == "string"
        else [one for one in source.named_children if one.type == "string"]
    )
    spans = map(syntax.span, strings)
    return [Span(span.start + 1, span.end - 1) for span in spans]


def _decoded(written: str) -> str:
    if len(written) == 1:
        return written
    try:
        decoded = json.loads(f'"{written}"')
    except ValueError:
        return "\ufffd"
    return str(decoded)


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _blank(text: str, first: str = " ") -> str:
    """Return spaces of the same length, with the same line breaks and perhaps another first character."""
    blank = re.sub(r"[^\n]", " ", text)
    indent = len(text) - len(text.lstrip(" \t"))
    return blank[:indent] + first + blank[indent + 1 :] if text.strip() else blank
