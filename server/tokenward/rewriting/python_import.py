"""import_of_os: the import that makes `os` the module wherever a rewritten Python file uses it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tree_sitter import Node

from tokenward.errors import RewriteRefused
from tokenward.model import Span
from tokenward.rewriting.literal import COMMENT, Replacement
from tokenward.rewriting.syntax import Step, Syntax
from tokenward.text import newline_of

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


def uses_os_unimported(syntax: Syntax) -> bool:
    """Return whether a file reads the name `os` but nowhere imports the module under it."""
    words = list(syntax.words("os"))
    return any(map(_reads, words)) and not any(map(_binds_module, words))


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
    node: Node | None = syntax.root.named_child(0)
    while node is not None:
        if node.type != COMMENT:
            if node.type != "future_import_statement" and (header or not _is_docstring(node)):
                break
            header = node
        node = node.next_named_sibling
    return header, node


def _is_docstring(node: Node) -> bool:
    if node.type != "expression_statement" or node.named_child_count != 1:
        return False
    child = node.named_child(0)
    return child is not None and child.type in {"string", "concatenated_string"}
