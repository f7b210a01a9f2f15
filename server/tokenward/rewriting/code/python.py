"""Python: `os.environ["NAME"]` replaces a string or a part of one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tokenward.errors import RewriteRefused
from tokenward.language import phrase
from tokenward.model import Reference, Span
from tokenward.rewriting.code.code_syntax import CodeSyntax
from tokenward.rewriting.code.grammar import QUOTED, CodeGrammar, Quotes
from tokenward.rewriting.literal import COMMENT, Literal, Quoted, Replacement, refuse
from tokenward.rewriting.spelling import PLAIN, Form, Spelling
from tokenward.rewriting.syntax import Step, Syntax, innermost
from tokenward.rewriting.tree import Node
from tokenward.text import newline_of

_ESCAPE = r"\\(?:\r\n|N\{[^}]*\}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|[0-7]{1,3}|.)"
_RAW_ESCAPE = r"\\."
_BRACES = r"|\{\{|\}\}"
_HOLE = ("{", "}")
_CODECS = {'"': "double", "'": "single"}
_BYTES = re.compile("[rR]?[bB]")


def _written(prefix: str, escape: str, hole: tuple[str, str] | None = None) -> list[Quotes]:
    """Return the ways to write a string with a prefix."""
    pattern = re.compile(escape + (_BRACES if hole else ""), re.DOTALL)
    return [
        Quotes(
            prefix + quote,
            quote,
            Form(pattern, PLAIN if escape == _RAW_ESCAPE else _CODECS[quote[0]], line_breaks=len(quote) == 3),
            hole,
        )
        for quote in ('"""', "'''", '"', "'")
    ]


class PythonSyntax(CodeSyntax):
    """A Python file or notebook cell."""

    grammar = CodeGrammar(
        name="python",
        files=r"[^/]*\.pyw?",
        ids="python",
        comment="#",
        strings={
            "string": (
                *_written("[uUbB]?", _ESCAPE),
                *_written("(?:[bB]?[rR]|[rR][bB])", _RAW_ESCAPE),
                *_written("[fF]", _ESCAPE, _HOLE),
                *_written("(?:[fF][rR]|[rR][fF])", _RAW_ESCAPE, _HOLE),
            )
        },
        parts=frozenset({"string_content", "escape_sequence", "escape_interpolation"}),
        places=(
            "argument_list as_pattern assert_statement assignment attribute augmented_assignment binary_operator "
            "boolean_operator comparison_operator conditional_expression default_parameter dictionary_comprehension "
            "elif_clause expression_list for_in_clause for_statement generator_expression if_clause if_statement "
            "interpolation keyword_argument lambda list list_comprehension list_splat named_expression not_operator "
            "pair parenthesized_expression return_statement set set_comprehension slice subscript tuple "
            "typed_default_parameter while_statement with_item yield"
        ),
        refused={
            "type": phrase("a type"),
            "case_pattern": phrase("a match pattern"),
            "format_specifier": phrase("a format specification"),
        },
        lookup='os.environ["NAME"]',
        variants=("os.environ['NAME'].encode()", 'os.environ["NAME"].encode()', "os.environ['NAME']"),
        readings=(
            rf"(?<!\w)(?:environb?\s*(?:\[|\.\s*(?:get|pop|setdefault)\s*\()|getenvb?\s*\()\s*b?{QUOTED}",
        ),
        names=(
            "assignment.right:left default_parameter.value:name keyword_argument.value:name "
            "named_expression.value:name pair.value:key typed_default_parameter.value:name"
        ),
        stops=frozenset({"argument_list", "block", "lambda", "module"}),
        chains=frozenset({"concatenated_string"}),
        sets=re.compile(r"(?:os\.)?environb?\[[^\]]*\]\s*[^\w\s=!<>]{0,3}=\s*"),
        sets_alone=True,
        eager=re.compile(r"(?:os\.)?(?:getenvb?|environb?\.(?:get|pop|setdefault))\s*"),
    )

    def __init__(self, text: str) -> None:
        super().__init__(text)
        if text.lstrip().startswith("%%"):
            raise RewriteRefused(
                "The cell starts with a cell magic, so it may not be Python; move the token by hand."
            )

    def special_literal(self, path: Sequence[Step], span: Span, reference: Reference) -> Literal | None:  # noqa: ARG002
        """Return a string that is a statement, which nobody reads; refuse a docstring."""
        index = innermost(path, self.grammar.strings, self.grammar.parts)
        outer = index - 1 if path[index - 1].kind in self.grammar.chains else index
        if path[outer - 1].kind != "expression_statement":
            return None
        statement, body = path[outer - 1].node, path[outer - 2].node
        first = next((child for child in body.named_children if child.type != COMMENT), None)
        if (
            body.type in {"module", "block"}
            and first is not None
            and first.start_byte == statement.start_byte
        ):
            raise refuse("a docstring")
        quotes, content = self._quotes(path[index])
        whole = self.span(path[index].node)
        return Literal(self.span(path[outer].node), whole, content, quotes.form, str(reference), inert=True)

    def filling(self, path: Sequence[Step], name: str) -> str:
        """Return the lookup, with other quotes than the f-strings around it, and as bytes where the string is."""
        free = self._free_quotes(path)
        if not free:
            raise refuse("an f-string inside another one with other quotes")
        is_bytes = _BYTES.match(self.source(path[-1].node)) is not None
        return f"os.environ[{free[0]}{name}{free[0]}]" + (".encode()" if is_bytes else "")

    def check_place(self, path: Sequence[Step]) -> None:
        for step in path:
            if step.kind == "interpolation" and any(child.type == "=" for child in step.node.children):
                raise refuse("an f-string that prints its own source")
        super().check_place(path)
        outer = path[-3] if path[-2].kind in self.grammar.chains else path[-2]
        value = outer.node.child_by_field_name("value") if outer.kind == "subscript" else None
        if value and self.source(value).split(".")[-1] == "Literal":
            raise refuse("a type")

    def preamble(self, uses: Sequence[Span], reference: Reference) -> list[Replacement]:  # noqa: ARG002
        return import_of_os(self, uses)

    def lacks(self, inserted: str) -> bool:
        """Return whether the file reads the name `os` but nowhere imports the module under it."""
        words = [*self.words("os")] if IMPORT in inserted else []
        return any(map(_reads, words)) and not any(map(_binds_module, words))

    def quoted(self, span: Span, value: str) -> list[Quoted]:
        prefix = "b" if self.text[: span.end].endswith(".encode()") else ""
        quotes = self._free_quotes(self.path(span))
        return [Quoted(prefix + quote, Spelling(_CODECS[quote]).written(value), quote) for quote in quotes]

    def extent(self, span: Span) -> Span:
        """Return the whole string if it is a fallback, which the variable replaces."""
        path = self.path(span)
        index = max((at for at, step in enumerate(path) if step.kind in self.grammar.strings), default=0)
        if (
            not index
            or path[index - 1].kind != "argument_list"
            or _BYTES.match(self.source(path[index].node))
        ):
            return span
        quotes, content = self._quotes(path[index])
        is_whole = quotes.hole is None and self._fallback_span(path[: index + 1], content) is not None
        return content if is_whole else span

    def fallback(self, span: Span) -> str | None:
        return super().fallback(self.extent(span))

    def _free_quotes(self, path: Sequence[Step]) -> list[str]:
        """Return the quotes that no f-string on a path has; before Python 3.12 none of its own may be inside."""
        starts = (step.node.children[0] for step in path if step.kind == "string" and step.node.children)
        taken = {self.source(start)[-1] for start in starts if "f" in self.source(start).lower()}
        return [quote for quote in ('"', "'") if quote not in taken]


IMPORT = "import os"

_LINE_BREAK = re.compile(r"\r\n|\n|\r")
_SCOPES = {"function_definition", "class_definition"}


def import_of_os(syntax: Syntax, uses: Sequence[Span]) -> list[Replacement]:
    """Return the import that the uses still need, if any.

    Raises:
        RewriteRefused: `os` is, or may be, something other than the module there.
    """
    if not uses:
        return []
    words = list(syntax.words("os"))
    imports = [path for path in words if _binds_module(path)]
    if not imports and any(map(_reads, words)):
        raise RewriteRefused("The file uses os without importing it; add `import os`, then move the token.")
    # Each use is checked, because an import in a function may be refused.
    covered = [any(_covers(syntax, path, use) for path in imports) for use in uses]
    return [] if all(covered) else [_insertion(syntax)]


def _binds_module(path: Sequence[Step]) -> bool:
    """Return whether the word is the `os` of a plain `import os`.

    Raises:
        RewriteRefused: it uses the name `os` for something else.
    """
    if path[-1].kind != "identifier" or _reads(path) or _is_elsewhere(path):
        return False
    if path[-2].kind == "dotted_name" and path[-3].kind == "import_statement":
        return True
    raise RewriteRefused("The file uses the name os for something else; rename that, then move the token.")


def _reads(path: Sequence[Step]) -> bool:
    if path[-1].kind != "identifier":
        return False
    place = (path[-2].kind, path[-1].field)
    return place in {("attribute", "object"), ("argument_list", None), ("keyword_argument", "value")}


def _is_elsewhere(path: Sequence[Step]) -> bool:
    """Return whether the word is an attribute, a keyword, or a part of an import that binds another name."""
    place = (path[-2].kind, path[-1].field)
    if place in {("attribute", "attribute"), ("keyword_argument", "name")}:
        return True
    if path[-2].kind != "dotted_name":
        return False
    if path[-1].node.start_byte != path[-2].node.start_byte or path[-3].kind == "aliased_import":
        return True
    return path[-3].kind == "import_from_statement" and path[-2].field == "module_name"


def _covers(syntax: Syntax, path: Sequence[Step], use: Span) -> bool:
    """Return whether the import has always run before the use.

    Raises:
        RewriteRefused: it makes `os` a local name that may not be set yet.
    """
    statement = syntax.span(path[-3].node)
    scope = next((step.node for step in reversed(path) if step.kind in _SCOPES), None)
    if scope is None:
        return len(path) == 4 and statement.end <= use.start
    if not syntax.span(scope).contains(use):
        return False
    direct = path[-5].node.start_byte == scope.start_byte and path[-5].kind == "function_definition"
    if direct and statement.end <= use.start:
        return True
    raise RewriteRefused(
        "A function imports os locally; import it at the top of the file, then move the token."
    )


def _insertion(syntax: Syntax) -> Replacement:
    header, first = _header(syntax)
    text, newline = syntax.text, newline_of(syntax.text)
    if header is None:
        start = syntax.span(first).start if first else 0
        return Replacement(Span(start, start), IMPORT + newline)
    end = syntax.span(header).end
    following = _LINE_BREAK.search(text, end)
    rest = text[end : following.start() if following else len(text)].strip()
    if following is None or (rest and not rest.startswith("#")):
        return Replacement(Span(end, end), f"; {IMPORT}")
    return Replacement(Span(following.end(), following.end()), IMPORT + newline)


def _header(syntax: Syntax) -> tuple[Node | None, Node | None]:
    """Return the last statement that must stay before any import, and the next one."""
    header: Node | None = None
    # A long file has many statements, and only the first few count.
    node = next((one for one in syntax.root.children_from(-1) if one.is_named), None)
    while node is not None:
        if node.type != COMMENT:
            is_alone = node.type == "expression_statement" and len(node.named_children) == 1
            child = node.named_children[0] if is_alone else None
            is_docstring = child is not None and child.type in {"string", "concatenated_string"}
            if node.type != "future_import_statement" and (header or not is_docstring):
                break
            header = node
        node = node.next_named_sibling
    return header, node
