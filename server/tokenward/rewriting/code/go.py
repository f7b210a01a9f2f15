"""Go: `os.Getenv("NAME")` replaces a string or a part of one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from tokenward.model import Reference, Span
from tokenward.rewriting.code.code_syntax import CodeSyntax
from tokenward.rewriting.code.grammar import DOUBLE_ESCAPE, QUOTED, CodeGrammar, Constants, Quotes
from tokenward.rewriting.edits import Edit
from tokenward.rewriting.literal import COMMENT, Literal, Replacement, refuse
from tokenward.rewriting.spelling import Form
from tokenward.rewriting.syntax import Step, Syntax
from tokenward.rewriting.tree import Node
from tokenward.text import line_span, newline_of

_PACKAGE = "os"
_VARIABLE = "var"
_STRING_TYPES = {"string", "any", "interface{}"}


class GoSyntax(CodeSyntax):
    """Reads the strings of Go, and writes its lookups."""

    grammar = CodeGrammar(
        name="go",
        files=r"[^/]*\.go",
        ids="go",
        comment="//",
        strings={
            "interpreted_string_literal": (Quotes('"', '"', Form(DOUBLE_ESCAPE, "double")),),
            "raw_string_literal": (Quotes("`", "`", Form(line_breaks=True)),),
        },
        parts=frozenset(
            {"interpreted_string_literal_content", "raw_string_literal_content", "escape_sequence"}
        ),
        places=(
            "argument_list binary_expression expression_list index_expression literal_element parenthesized_expression "
            "range_clause.right send_statement.value slice_expression.operand type_conversion_expression.operand"
        ),
        refused={"array_type": "the length of an array"},
        lookup='os.Getenv("NAME")',
        readings=(rf"(?<!\w)os\s*\.\s*(?:Getenv|LookupEnv|ExpandEnv)\s*\(\s*{QUOTED}",),
        names=(
            "assignment_statement.right:left const_spec.value:name keyed_element.value:key "
            "short_var_declaration.right:left var_spec.value:name"
        ),
        stops=frozenset({"argument_list", "block", "func_literal"}),
        constants=Constants(keywords={"const_declaration": _VARIABLE}),
        root=_PACKAGE,
        root_kinds=frozenset({"identifier", "package_identifier"}),
        root_reads="selector_expression.operand qualified_type.package",
        sets=re.compile(r"os\.Setenv"),
    )

    def adapted(self, path: Sequence[Step], literal: Literal) -> Literal:
        """Refuse what the compiler would reject: a lookup as a constant, or as another type."""
        declared = next((step.node for step in path if step.kind in {"const_spec", "var_spec"}), None)
        kind = declared.child_by_field_name("type") if declared else None
        if kind and self.source(kind) not in _STRING_TYPES and path[-2].kind == "expression_list":
            raise refuse("a variable of a type other than string")
        declaration = _constants(path)
        if declaration is None:
            return literal
        specs, counts = _specs(declaration), re.search(r"\biota\b", self.source(declaration.node))
        if counts or not all(spec.child_by_field_name("value") for spec in specs):
            raise refuse("a block of constants that counts")
        spec = next(step.node for step in path if step.kind == "const_spec")
        for name in spec.children_by_field_name("name"):
            uses = list(self.uses(name))
            if any(_constants(use) or "array_type" in {step.kind for step in use} for use in uses):
                raise refuse("a constant that another constant or an array needs")
            if not uses and path[1].kind != "const_declaration":
                raise refuse("a constant that nothing uses")
        return literal

    def constant(self, path: Sequence[Step]) -> Replacement | None:
        declaration = _constants(path)
        is_single = declaration is not None and len(_specs(declaration)) == 1
        return super().constant(path) if is_single else None

    def preamble(self, uses: Sequence[Span], reference: Reference) -> list[Replacement]:
        changes = super().preamble(uses, reference)
        for path in map(self.path, uses):
            block = _constants(path)
            if block and len(_specs(block)) > 1:
                changes += split_constant(
                    self, block.node, next(step.node for step in path if step.kind == "const_spec")
                )
        return [*changes, *import_of_os(self, self._uses_package())] if uses else changes

    def lacks(self, inserted: str) -> bool:
        is_missing = _spec_of_os(self) is None
        return super().lacks(inserted) or (inserted != _VARIABLE and is_missing and self._uses_package())

    def epilogue(self, gone: Sequence[Span]) -> list[Edit]:
        """Return the removal of the import if nothing needs it now, because the compiler rejects an unused one."""
        uses = [self.span(path[-1].node) for path in self.words(_PACKAGE) if self.reads_root(path)]
        is_needed = any(not any(span.contains(use) for span in gone) for use in uses)
        return [] if is_needed or not uses else removed_import(self)

    def _uses_package(self) -> bool:
        return any(self.reads_root(path) for path in self.words(_PACKAGE))


def _specs(declaration: Step) -> list[Node]:
    return [node for node in declaration.node.named_children if node.type == "const_spec"]


def _constants(path: Sequence[Step]) -> Step | None:
    return next((step for step in path if step.kind == "const_declaration"), None)


_GAP = re.compile(r"(?:const\s{0,9}\()?\s{1,60}|\s{0,60}\)")


def split_constant(syntax: Syntax, block: Node, spec: Node) -> list[Replacement]:
    """Return the changes that end the block before the constant and start it again after.

    Raises:
        RewriteRefused: the block does not have one constant per line.
    """
    members = block.named_children
    first, last = _with_comments(members, members.index(spec))
    own = members[first : last + 1]
    line = line_span(syntax.text, syntax.span(block)).start
    indent = re.match(r"[ \t]*", syntax.text[line:])
    newline = newline_of(syntax.text) + (indent[0] if indent else "")
    starts, ends = [syntax.span(node).start for node in own], [syntax.span(node).end for node in own]
    before = syntax.span(members[first - 1]).end if first else syntax.span(block).start
    after = syntax.span(members[last + 1]).start if last + 1 < len(members) else syntax.span(block).end
    lead = f"{newline}){newline}{newline}" if first else ""
    tail = f"{newline}{newline}const ({newline}\t" if last + 1 < len(members) else ""
    gaps = [(Span(before, starts[0]), lead)]
    gaps += [(Span(end, start), newline) for (end, _), (_, start) in pairwise(zip(ends, starts, strict=True))]
    at = own.index(spec)
    gaps[at] = (gaps[at][0], gaps[at][1] + "var ")
    gaps = [*gaps[: at + 1], (Span(ends[-1], after), tail)]
    if any(not _GAP.fullmatch(syntax.text[span.start : span.end]) for span, _ in gaps):
        raise refuse("a block of constants")
    return [Replacement(span, text, before=syntax.text[span.start : span.end]) for span, text in gaps]


def _with_comments(members: Sequence[Node], at: int) -> tuple[int, int]:
    """Return the first and the last member of a constant, including the comments above and the one after it."""
    first = at
    while first and (comment := members[first - 1]).type == COMMENT:
        is_alone = first < 2 or members[first - 2].end_row < comment.start_row
        if not is_alone or comment.end_row + 1 != members[first].start_row:
            break
        first -= 1
    follows = at + 1 < len(members) and members[at + 1].start_row == members[at].end_row
    return first, at + 1 if follows and members[at + 1].type == COMMENT else at


_SPEC = f'"{_PACKAGE}"'
_LINE_BREAK = re.compile(r"\r\n|\n|\r")
_SEPARATOR = re.compile(r"[ \t]*;[ \t]*")
_LINE_END = re.compile(r"[^\S\r\n]*(?://[^\r\n]*)?(?=\r|\n|\Z)")


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
        if spec.start_row > last.end_row + 1:
            break
        if _path(syntax, spec) > _PACKAGE:
            return [_insertion(syntax.span(spec).start, _SPEC + separator)]
        last = spec
    return [_insertion(line_span(syntax.text, syntax.span(last)).end, separator + _SPEC)]


def _as_group(syntax: Syntax, spec: Node, newline: str) -> list[Replacement]:
    span = syntax.span(spec)
    if _path(syntax, spec) > _PACKAGE:
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
