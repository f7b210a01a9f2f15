"""C: `getenv("NAME")` replaces a string at run time; a pointer that is set before becomes a macro."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tokenward.model import Reference, Span
from tokenward.rewriting.code.grammar import DOUBLE_ESCAPE, QUOTED, CodeGrammar, Quotes
from tokenward.rewriting.code.import_line import ImportLine
from tokenward.rewriting.code.macro_syntax import MACRO, MacroSyntax
from tokenward.rewriting.literal import Literal, Replacement, refuse
from tokenward.rewriting.spelling import Form
from tokenward.rewriting.syntax import Step

_POINTER = re.compile(
    r"(static[ \t]+(?:const[ \t]+)?char[ \t]*(?:const[ \t]*)?\*[ \t]*(?:const[ \t]+)?)\w+([ \t]*=[ \t]*)"
)
_LINE_END = re.compile(r"([ \t]*;)[ \t]*(?:\r?\n|\Z)")


class CSyntax(MacroSyntax):
    """Reads the strings of C, and writes its lookups."""

    grammar = CodeGrammar(
        name="c",
        files=r"[^/]*\.[ch]",
        ids="c",
        comment="//",
        strings={"string_literal": (Quotes('"', '"', Form(DOUBLE_ESCAPE, "double")),)},
        parts=frozenset({"string_content", "escape_sequence"}),
        unparsed=frozenset({MACRO}),
        places=(
            "argument_list assignment_expression.right binary_expression cast_expression.value comma_expression "
            "conditional_expression init_declarator.value parenthesized_expression return_statement "
            "subscript_expression.argument"
        ),
        refused={"sizeof_expression": "a size"},
        lookup='getenv("NAME")',
        readings=(rf"(?<!\w)(?:secure_)?getenv\s*\(\s*{QUOTED}",),
        names=(
            "assignment_expression.right:left init_declarator.value:declarator initializer_pair.value:designator "
            "preproc_def.value:name"
        ),
        stops=frozenset({"argument_list", "compound_statement"}),
        glue=None,
        root="getenv",
        root_reads="call_expression.function",
        import_line=ImportLine(
            "#include <stdlib.h>",
            re.compile(r"#\s*include\s*<stdlib\.h>.*"),
            frozenset({"preproc_include"}),
        ),
        sets=re.compile(r"(?:setenv|putenv)"),
    )

    def adapted(self, path: Sequence[Step], literal: Literal) -> Literal:
        """Refuse a variable that is set before the program runs, and cannot be a macro, and an array of characters."""
        declaration = next((step.node for step in reversed(path) if step.kind == "declaration"), None)
        if declaration is None:
            return literal
        in_function = any(step.kind == "compound_statement" for step in path)
        if self._pointer(path):
            self._check_pointer(path, literal)
        elif not in_function or any(
            child.text in {b"static", b"constexpr"} for child in declaration.children
        ):
            raise refuse("a variable that is set before the program runs")
        declarator = next(step.node for step in reversed(path) if step.kind == "init_declarator")
        name = declarator.child_by_field_name("declarator")
        if path[-2].kind == "init_declarator" and name and name.type == "array_declarator":
            raise refuse("an array of characters")
        return literal

    def preamble(self, uses: Sequence[Span], reference: Reference) -> list[Replacement]:
        """Make the pointers macros, because nothing can look up a variable before the program runs."""
        changes = super().preamble(uses, reference)
        for path in map(self.path, uses):
            if found := self._pointer(path):
                head, end = found
                starts = [*map(head.start, (1, 2)), end.start(1)]
                for start, inserted, before in zip(
                    starts, ("#define ", " ", ""), (head[1], head[2], end[1]), strict=True
                ):
                    changes.append(Replacement(Span(start, start + len(before)), inserted, before=before))
        return changes

    def _pointer(self, path: Sequence[Step]) -> tuple[re.Match[str], re.Match[str]] | None:
        """Return the code before and after the string at the end of a path, if a pointer of this file alone has it."""
        string = next((step.node for step in path if step.kind in self.grammar.strings), None)
        if string is None or path[1].kind != "declaration":
            return None
        start, value = self.span(path[1].node).start, self.span(string)
        head = _POINTER.fullmatch(self.text, start, value.start)
        end = _LINE_END.match(self.text, value.end)
        is_first = not self.text[:start].rpartition("\n")[2].strip()
        return (head, end) if head and end and is_first else None

    def _check_pointer(self, path: Sequence[Step], literal: Literal) -> None:
        """Return if a macro may have the place of a pointer.

        Raises:
            RewriteRefused: the name is used otherwise, or not in this file.
        """
        name = next(step.node for step in path if step.kind == "init_declarator").child_by_field_name(
            "declarator"
        )
        while name is not None and name.type == "pointer_declarator":
            name = name.child_by_field_name("declarator")
        uses = list(self.uses(name)) if name is not None else []
        if not uses:
            raise refuse("a variable that is set before the program runs")
        for use in uses:
            self.check_place(use)
            self.adapted(use, literal)
