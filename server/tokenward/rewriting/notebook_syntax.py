"""A Jupyter notebook: each code cell is rewritten by the rules of its language."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from typing import Self

from tokenward.errors import RewriteRefused
from tokenward.language import phrase
from tokenward.model import Reference, Span
from tokenward.rewriting.code.python import PythonSyntax
from tokenward.rewriting.data_syntax import JsonSyntax
from tokenward.rewriting.edits import Edit, moved_spans
from tokenward.rewriting.literal import Leaf, Literal, ParsedText, Quoted, Replacement
from tokenward.rewriting.notebook_cell import NOTEBOOK_LANGUAGES, NotebookCell, Parse, in_json
from tokenward.rewriting.replacements import replace_tokens
from tokenward.rewriting.tree import Node

_IMPORT = re.compile(r"^import os$", re.MULTILINE)


class NotebookSyntax(ParsedText):
    """The file of a notebook."""

    def __init__(self, text: str) -> None:
        self._known: dict[tuple[Parse, str], ParsedText] = {}
        self._read(JsonSyntax(text))

    def _read(self, json: JsonSyntax) -> None:
        self._json, self.text = json, json.text
        data = json.entries(next(iter(json.root.named_children), None))
        make = NOTEBOOK_LANGUAGES.get(_language(data.get("metadata"), json))
        cells = data.get("cells")
        self._cells = [
            NotebookCell(json.text, lines, make, self._known)
            for cell in (cells.named_children if cells else ())
            if (lines := _lines(json.entries(cell), json))
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
        holders = [self._cell(use) for use in uses]
        for at, cell in enumerate(self._cells):
            own = [cell.place(use) for use, holder in zip(uses, holders, strict=True) if holder is cell]
            if not own:
                continue
            in_code = [place for place in own if cell.parsed_at(place) is cell.parsed]
            is_ready = cell.is_python and any(_IMPORT.search(before.code) for before in self._cells[:at])
            if in_code and not is_ready:
                changes += map(cell.change, cell.parsed.preamble(in_code, reference))
        return changes

    def lacks(self, inserted: str) -> bool:
        code = "\n".join(cell.readable for cell in self._cells if cell.is_python)
        return bool(code) and PythonSyntax(code).lacks(inserted)

    def lookups(self, name: str) -> Iterator[Span]:
        for cell in (one for one in self._cells if name in one.code):
            for parsed in cell.all_parsed():
                yield from map(cell.file_span, parsed.lookups(name))

    def quoted(self, span: Span, value: str) -> list[Quoted]:
        cell = self._cell(span)
        if cell is None:
            return []
        place = cell.place(span)
        written = cell.parsed_at(place).quoted(place, value)
        return [Quoted(in_json(one.opening), in_json(one.written), in_json(one.closing)) for one in written]

    def edited(self, edits: Sequence[Edit]) -> tuple[Self, list[Span]]:
        after = copy(self)
        return after, after.read_again(*self._json.edited(edits), edits)

    def read_again(self, json: JsonSyntax, changed: Sequence[Span], edits: Sequence[Edit]) -> list[Span]:
        """Read the text after edits, given its JSON and where that has changed; return the places that differ."""
        old, places = self._cells, moved_spans([edit.span for edit in edits], edits)
        spans = moved_spans([cell.span for cell in old], edits)
        self._read(json)
        if [cell.span for cell in self._cells] != spans:
            return [Span(0, len(self.text))]
        # Where the strings of a cell begin and end shows in its code.
        differ = [part for part in changed if not any(span.contains(part) for span in spans)]
        for before, cell in zip(old, self._cells, strict=True):
            if own := [pair for pair in zip(edits, places, strict=True) if cell.span.contains(pair[1])]:
                differ += cell.parse_after(before, own)
        return differ

    def is_inside(self, offset: int) -> bool:
        cell = self._cell(Span(offset, offset))
        if cell is None:
            return self._json.is_inside(offset)
        return cell.parsed.is_inside(cell.place(Span(offset, offset)).start)

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

    def _cell(self, span: Span) -> NotebookCell | None:
        """Return the code cell that contains a span."""
        at = bisect_right(self._starts, span.start) - 1
        return self._cells[at] if at >= 0 and self._cells[at].span.contains(span) else None


def _language(metadata: Node | None, syntax: JsonSyntax) -> str:
    """Return the name of the kernel's language in lower case, or Python."""
    found = syntax.entries(metadata)
    for holder, key in (("language_info", "name"), ("kernelspec", "language")):
        if name := syntax.entries(found.get(holder)).get(key):
            return syntax.source(name).strip('"').lower()
    return "python"


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
