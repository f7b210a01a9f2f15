"""Go: `os.Getenv("NAME")` replaces a string or a part of one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tokenward.errors import RewriteRefused
from tokenward.model import Reference, Span
from tokenward.rewriting.code.code_syntax import CodeSyntax
from tokenward.rewriting.code.grammar import DOUBLE_ESCAPE, QUOTED, CodeGrammar, Constants, Quotes
from tokenward.rewriting.edits import Edit
from tokenward.rewriting.literal import Literal, Replacement, refuse
from tokenward.rewriting.spelling import Form
from tokenward.rewriting.syntax import Step
from tokenward.rewriting.tree import Node
from tokenward.text import line_span, newline_of

_PACKAGE = "os"
_SPEC = f'"{_PACKAGE}"'
_HEADERS = {"package_clause", "import_declaration"}
_LINE_BREAK = re.compile(r"\r\n|\n|\r")
_LINE_END = re.compile(r"[^\S\r\n]*(?://[^\r\n]*)?(?=\r|\n|\Z)")
_CONSTANTS, _VARIABLE = "const_declaration", "var"
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
        constants=Constants(keywords={_CONSTANTS: _VARIABLE}),
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
        constants = next((step for step in path if step.kind == _CONSTANTS), None)
        if constants is None:
            return literal
        specs = [node for node in constants.node.named_children if node.type == "const_spec"]
        if len(specs) > 1:
            raise RewriteRefused(
                "A block of constants cannot hold a lookup; declare the token's own with var, then move it."
            )
        for name in specs[0].children_by_field_name("name"):
            uses = [{step.kind for step in use} for use in self.uses(name)]
            if any(kinds & {_CONSTANTS, "array_type"} for kinds in uses):
                raise refuse("a constant that another constant or an array needs")
            if not uses and path[1].kind != _CONSTANTS:
                raise refuse("a constant that nothing uses")
        return literal

    def preamble(self, uses: Sequence[Span], reference: Reference) -> list[Replacement]:
        changes = super().preamble(uses, reference)
        return [*changes, self._import()] if uses else changes

    def lacks(self, inserted: str) -> bool:
        is_missing = inserted != _VARIABLE and self._spec() is None
        return super().lacks(inserted) or (is_missing and self._uses_package())

    def epilogue(self, gone: Sequence[Span]) -> list[Edit]:
        """Return the removal of the import if nothing needs it now, because the compiler rejects an unused one."""
        uses = [self.span(path[-1].node) for path in self.words(_PACKAGE) if self.reads_root(path)]
        is_needed = any(not any(span.contains(use) for span in gone) for use in uses)
        spec = self._spec()
        if is_needed or not uses or spec is None:
            return []
        line = line_span(self.text, self.span(spec))
        is_alone = self.text[line.start : line.end].strip() in {_SPEC, f"import {_SPEC}"}
        end = _LINE_BREAK.match(self.text, line.end)
        return [Edit(Span(line.start, end.end() if end else line.end), "")] if is_alone else []

    def _uses_package(self) -> bool:
        return any(self.reads_root(path) for path in self.words(_PACKAGE))

    def _spec(self) -> Node | None:
        """Return the import of the package under its own name."""
        return next((spec for spec in _specs(self.root) if self.source(spec) == _SPEC), None)

    def _import(self) -> Replacement:
        """Return the import: the line that is there, one in a group of lines, or one below all imports.

        Raises:
            RewriteRefused: no line can be added there.
        """
        if (known := self._spec()) is not None:
            # Recorded unchanged, so that an import that was unused before the move is there again after a restore.
            return Replacement(self.span(known), _SPEC, before=_SPEC)
        above = [node for node in self.root.named_children if node.type in _HEADERS]
        newline, last = newline_of(self.text), self._above_in_group()
        if last is not None:
            start = self.span(last).start
            lead = newline + self.text[line_span(self.text, Span(start, start)).start : start]
        else:
            lead = newline * (2 if above and above[-1].type == "package_clause" else 1) + "import "
        node = last or (above[-1] if above else None)
        end = _LINE_END.match(self.text, self.span(node).end) if node else None
        if end is None:
            raise RewriteRefused("Import os on a line of its own below the package, then move the token.")
        return Replacement(Span(end.end(), end.end()), lead + _SPEC)

    def _above_in_group(self) -> Node | None:
        """Return the last import that comes before this one in the first lines of the first group."""
        found: Node | None = None
        for spec in _specs(self.root):
            path = spec.child_by_field_name("path")
            is_in_group = spec.parent is not None and spec.parent.type == "import_spec_list"
            is_apart = found is not None and spec.start_row != found.end_row + 1
            if not is_in_group or is_apart or path is None or self.source(path) > _SPEC:
                break
            found = spec
        return found


def _specs(root: Node) -> Iterator[Node]:
    """Yield each import in order."""
    for node in root.named_children:
        for child in node.named_children if node.type == "import_declaration" else ():
            found = child.named_children if child.type == "import_spec_list" else [child]
            yield from (spec for spec in found if spec.type == "import_spec")
