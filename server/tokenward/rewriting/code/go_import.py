"""import_of_os: the import that a rewritten Go file needs, in the style of the file's imports."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tree_sitter import Node

from tokenward.model import Span
from tokenward.rewriting.edits import Edit
from tokenward.rewriting.literal import Replacement, refuse
from tokenward.rewriting.syntax import Syntax
from tokenward.text import line_span, newline_of

PACKAGE = "os"

_SPEC = f'"{PACKAGE}"'
_LINE_BREAK = re.compile(r"\r\n|\n|\r")
_SEPARATOR = re.compile(r"[ \t]*;[ \t]*")
_LINE_END = re.compile(r"[^\S\r\n]*(?://[^\r\n]*)?(?=\r|\n|\Z)")


def imports_os(syntax: Syntax) -> bool:
    """Return whether a file imports the package under its own name."""
    return _spec_of_os(syntax) is not None


def import_of_os(syntax: Syntax, is_used: bool) -> list[Replacement]:
    """Return the import if the file lacks it: a new declaration, or a part of an existing one.

    Raises:
        RewriteRefused: the file has no package, so it is not complete.
    """
    known = _spec_of_os(syntax)
    if known is not None:
        # Recorded unchanged, so that an import that was unused before the move is there again after a restore.
        return [] if is_used else [Replacement(syntax.span(known[1]), _SPEC, before=_SPEC)]
    imports = [(node, spec) for node, spec in _imports(syntax) if syntax.source(spec) != '"C"']
    newline = newline_of(syntax.text)
    groups = [
        (node, spec) for node, spec in imports if spec.parent and spec.parent.type == "import_spec_list"
    ]
    if groups:
        return _into_group(syntax, [spec for node, spec in groups if node == groups[0][0]], newline)
    if len(imports) == 1:
        return _as_group(syntax, imports[0][1], newline)
    if imports:
        return [_line_after(syntax, imports[-1][0], newline)]
    clause = next((node for node in syntax.root.named_children if node.type == "package_clause"), None)
    if clause is None:
        raise refuse("a file without a package")
    of_c = [node for node, _ in _imports(syntax)]
    return [_line_after(syntax, of_c[-1] if of_c else clause, newline * 2)]


def removed_import(syntax: Syntax) -> list[Edit]:
    """Return the edit that removes the import, with its line if it is alone there."""
    known = _spec_of_os(syntax)
    if known is None:
        return []
    declaration, spec = known
    is_last = sum(other == declaration for other, _ in _imports(syntax)) == 1
    span = syntax.span(declaration if is_last else spec)
    line = line_span(syntax.text, span)
    if syntax.text[line.start : line.end].strip() == syntax.text[span.start : span.end]:
        line_break = _LINE_BREAK.match(syntax.text, line.end)
        return [Edit(Span(line.start, line_break.end() if line_break else line.end), "")]
    separator = _SEPARATOR.match(syntax.text, span.end)
    return [Edit(Span(span.start, separator.end() if separator else span.end), "")]


def _imports(syntax: Syntax) -> Iterator[tuple[Node, Node]]:
    """Yield each import in order, after the declaration that it belongs to."""
    for node in syntax.root.named_children:
        if node.type == "import_declaration":
            for child in node.named_children:
                specs = child.named_children if child.type == "import_spec_list" else [child]
                yield from ((node, spec) for spec in specs if spec.type == "import_spec")


def _spec_of_os(syntax: Syntax) -> tuple[Node, Node] | None:
    """Return the declaration and the import of the package under its own name."""
    return next((pair for pair in _imports(syntax) if syntax.source(pair[1]) == _SPEC), None)


def _path(syntax: Syntax, spec: Node) -> str:
    path = spec.child_by_field_name("path")
    return syntax.source(path)[1:-1] if path else ""


def _into_group(syntax: Syntax, specs: Sequence[Node], newline: str) -> list[Replacement]:
    """Return the import at its alphabetical place in the first run of lines."""
    first = syntax.span(specs[0])
    line = line_span(syntax.text, first)
    if syntax.text[line.start : first.start].strip():
        return [_insertion(first.start, f"{_SPEC}; ")]
    separator = newline + syntax.text[line.start : first.start]
    last = specs[0]
    for spec in specs:
        if spec.start_point.row > last.end_point.row + 1:
            break
        if _path(syntax, spec) > PACKAGE:
            return [_insertion(syntax.span(spec).start, _SPEC + separator)]
        last = spec
    return [_insertion(line_span(syntax.text, syntax.span(last)).end, separator + _SPEC)]


def _as_group(syntax: Syntax, spec: Node, newline: str) -> list[Replacement]:
    span = syntax.span(spec)
    if _path(syntax, spec) > PACKAGE:
        opening, closing = f"({newline}\t{_SPEC}{newline}\t", f"{newline})"
    else:
        opening, closing = f"({newline}\t", f"{newline}\t{_SPEC}{newline})"
    return [_insertion(span.start, opening), _insertion(span.end, closing)]


def _line_after(syntax: Syntax, node: Node, newline: str) -> Replacement:
    end = syntax.span(node).end
    rest = _LINE_END.match(syntax.text, end)
    return (
        _insertion(rest.end(), f"{newline}import {_SPEC}") if rest else _insertion(end, f"; import {_SPEC}")
    )


def _insertion(at: int, text: str) -> Replacement:
    return Replacement(Span(at, at), text)
