"""Rust: `std::env::var("NAME").unwrap()` replaces a string or a part of one, and keeps its type."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tokenward.language import said
from tokenward.model import Reference, Span
from tokenward.rewriting.code.code_syntax import CodeSyntax
from tokenward.rewriting.code.grammar import QUOTED, CodeGrammar, Quotes
from tokenward.rewriting.follow_up import FollowUp
from tokenward.rewriting.literal import Joint, Literal, Quoted, Replacement, refuse
from tokenward.rewriting.spelling import Form, Spelling
from tokenward.rewriting.syntax import Step, operator_of
from tokenward.rewriting.tree import Node

_ESCAPE = re.compile(r"\\(?:u\{[^}]*\}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
_AS_STR = ".as_str()"
_PIECES = ("[", "].concat()")
_OWNED = ("", "")
_BORROWED = ("", _AS_STR)
_LAZY = ("std::sync::LazyLock::new(|| ", ")")
_STATIC = (f"{{ static ONCE: std::sync::LazyLock<String> = {_LAZY[0]}", f"{_LAZY[1]}; ONCE{_AS_STR} }}")
"""Lives as long as the program, like a string in code, because its user may keep it."""
_CONVERSION = re.compile(r"_\s*\.to_(?:string|owned)\(\)|String::from\(_\)")

_FORMATS = frozenset(
    {"anyhow", "bail", "debug", "eprint", "eprintln", "error", "format", "info", "panic"}
) | frozenset({"print", "println", "trace", "warn", "write", "writeln"})
_CHECKS = frozenset(
    ["assert", "assert_eq", "assert_ne", "debug_assert", "debug_assert_eq", "debug_assert_ne"]
)
_VALUES = frozenset(["dbg", "json", "vec"])
_BEFORE_VALUE = frozenset(["(", "[", "{", ",", ":", "=", "==", "!="])
_AFTER_VALUE = frozenset([")", "]", "}", ",", ";", "==", "!="])
_OTHER_FILE = re.compile(r"^[ \t]*(?:pub\b[^;\r\n]{0,40})?\bmod\s+\w+\s*;", re.MULTILINE)
_ITEMS = {"const_item", "static_item"}
_STRING_TYPES = {"&str", "&'static str"}
_NO_EXPRESSIONS = {"attribute", "match_pattern", "shorthand_field_initializer", "use_declaration"}


class RustSyntax(CodeSyntax):
    """Reads the strings of Rust, and writes its lookups."""

    grammar = CodeGrammar(
        name="rust",
        files=r"[^/]*\.rs",
        ids="rust",
        comment="//",
        comments=frozenset({"line_comment", "block_comment"}),
        strings={
            "string_literal": (Quotes('"', '"', Form(_ESCAPE, "double", line_breaks=True)),),
            "raw_string_literal": (Quotes(r'r(#{0,8})"', r'"\1', Form(line_breaks=True)),),
        },
        parts=frozenset({"string_content", "escape_sequence"}),
        unparsed=frozenset({"token_tree"}),
        places=(
            "arguments array_expression assignment_expression.right binary_expression block closure_expression.body "
            "const_item.value field_expression.value field_initializer.value let_declaration.value match_arm.value "
            "parenthesized_expression reference_expression.value return_expression static_item.value token_tree "
            "tuple_expression"
        ),
        refused={
            "attribute": "an attribute, whose values are constants",
            "match_pattern": "a pattern, whose values are constants",
        },
        lookup='std::env::var("NAME").unwrap()',
        variants=(f'std::env::var("NAME").unwrap(){_AS_STR}',),
        readings=(
            rf"(?<!\w)env::(?:var|var_os)\s*\(\s*{QUOTED}",
            rf"(?<!\w)(?:option_)?env!\s*\(\s*{QUOTED}",
        ),
        glue=", ",
        names=(
            "assignment_expression.right:left const_item.value:name field_initializer.value:field "
            "let_declaration.value:pattern static_item.value:name"
        ),
        stops=frozenset({"arguments", "block", "closure_expression", "token_tree"}),
        sets=re.compile(r"(?:std::)?env::set_var"),
        eager=re.compile(r".*\.(?:map_or|unwrap_or)\s*", re.DOTALL),
    )

    def literal(self, span: Span, reference: Reference) -> Literal:
        """Return the literal; a token that fills it needs neither pieces nor a conversion to a String."""
        literal = super().literal(span, reference)
        if literal.joint is None or span != literal.content or not any(literal.joint.wrap):
            return literal
        before, after = literal.joint.wrap
        filling = (
            before.removesuffix(_PIECES[0])
            + literal.filling.removesuffix(_AS_STR)
            + after.removeprefix(_PIECES[1])
        )
        whole = self._conversion(self.path(literal.whole)) or literal.whole
        return replace(literal, zone=whole, whole=whole, filling=filling, joint=Joint())

    def adapted(self, path: Sequence[Step], literal: Literal) -> Literal:
        """Return a literal that gives a value of the same type."""
        if "#![no_std]" in self.text:
            raise refuse("code without the standard library")
        if literal.whole != self.span(path[-1].node):
            return literal
        before, after = self._wrap(path)
        wrap = (before + _PIECES[0], _PIECES[1] + after)
        return replace(literal, filling=literal.filling + _AS_STR, joint=Joint(", ", wrap))

    def preamble(self, uses: Sequence[Span], reference: Reference) -> list[Replacement]:  # noqa: ARG002
        """Return the changes that make each constant a static that is read at its first use."""
        items = {self.span(item): item for use in uses if (item := self._item(self.path(use)))}
        return [change for item in items.values() for change in self._as_static(item)]

    def after_move(self, spans: Sequence[Span], reference: Reference) -> tuple[str, FollowUp | None]:
        """Return what other modules need if one may read a constant that became a static."""
        if _OTHER_FILE.search(self.text) and any(self._item(self.path(span)) for span in spans):
            return said("Where another module uses the constant, write `.as_str()` after its name."), None
        return super().after_move(spans, reference)

    def quoted(self, span: Span, value: str) -> list[Quoted]:
        closing = '"' if self.text[span.start : span.end].endswith(_AS_STR) else '".to_string()'
        return [Quoted('"', Spelling("double").written(value), closing)]

    def assigned(self, span: Span) -> str | None:
        name = super().assigned(span)
        path = self.path(span)
        at = next((at for at, step in enumerate(path) if step.kind in self.grammar.strings), None)
        conversion = self._conversion(path[: at + 1]) if name is None and at else None
        return super().assigned(conversion) if conversion else name

    def _wrap(self, path: Sequence[Step]) -> tuple[str, str]:
        """Return the code that converts a String to the type that the place of a string needs."""
        parent = path[-2]
        if self._item(path):
            return _LAZY
        if _is_compile_time(path[:-1]):
            raise refuse("code that the compiler evaluates")
        if parent.kind == "token_tree":
            return self._wrap_in_macro(path)
        if operator_of(parent.node) in {"==", "!="}:
            return _BORROWED
        is_owned = self._conversion(path) or self._method(path) == "into"
        return _OWNED if is_owned else _STATIC

    def _wrap_in_macro(self, path: Sequence[Step]) -> tuple[str, str]:
        macro, tree, node = self._macro(path), path[-2].node, path[-1].node
        if self.text.startswith(_LAZY[0], self.span(node).start - len(_LAZY[0])):
            return _OWNED
        before, after = node.prev_sibling, node.next_sibling
        is_value = before and before.type in _BEFORE_VALUE and after and after.type in _AFTER_VALUE
        is_direct = path[-3].kind == "macro_invocation"
        is_first = not any(
            child.type in self.grammar.strings
            for child in tree.children
            if child.start_byte < node.start_byte
        )
        if is_value and (macro == "json" or self.text.startswith(_PIECES[1], self.span(tree).end - 1)):
            return _BORROWED
        if is_value and is_direct and macro in _VALUES:
            return _STATIC
        if is_value and is_direct and macro in (_CHECKS if is_first else _FORMATS):
            return _BORROWED
        raise refuse("a macro, where it may not be an expression")

    def _macro(self, path: Sequence[Step]) -> str:
        """Return the name of the outermost macro that a path calls; empty in the definition of one."""
        macro = next((step.node for step in path if step.kind == "macro_invocation"), None)
        name = macro.child_by_field_name("macro") if macro else None
        return self.source(name).rpartition("::")[2] if name else ""

    def _method(self, path: Sequence[Step]) -> str:
        """Return the method that is called on the string at the end of a path."""
        if path[-2].kind != "field_expression" or path[-3].kind != "call_expression":
            return ""
        field = path[-2].node.child_by_field_name("field")
        return self.source(field) if field else ""

    def _conversion(self, path: Sequence[Step]) -> Span | None:
        """Return the call that makes a String of the string at the end of a path alone."""
        if len(path) < 4 or path[-3].kind != "call_expression":
            return None
        whole, literal = self.span(path[-3].node), self.span(path[-1].node)
        before, after = self.text[whole.start : literal.start], self.text[literal.end : whole.end]
        return whole if _CONVERSION.fullmatch(f"{before}_{after}") else None

    def _item(self, path: Sequence[Step]) -> Node | None:
        """Return the constant or static whose whole value is the string at the end of a path.

        Raises:
            RewriteRefused: it must stay a constant.
        """
        at = next((at for at, step in enumerate(path) if step.kind in self.grammar.strings), 0)
        item = path[at - 1].node if at else None
        if item is None or item.type not in _ITEMS:
            return None
        kind, container = item.child_by_field_name("type"), item.parent.parent if item.parent else None
        children = {child.type for child in item.children}
        if "visibility_modifier" in children:
            raise refuse("a constant that other files may use")
        is_member = container is not None and container.type in {"impl_item", "trait_item"}
        if is_member or "mutable_specifier" in children or not kind or self.source(kind) not in _STRING_TYPES:
            raise refuse("a constant that cannot be read when the program runs")
        return item

    def _as_static(self, item: Node) -> Iterator[Replacement]:
        start, kind, name = (
            self.span(item).start,
            item.child_by_field_name("type"),
            item.child_by_field_name("name"),
        )
        if kind is None or name is None:
            return
        if item.type == "const_item":
            yield Replacement(Span(start, start + len("const")), "static", before="const")
        yield Replacement(self.span(kind), "std::sync::LazyLock<String>", before=self.source(kind))
        if f"{{{self.source(name)}}}" in self.text or f"{{{self.source(name)}:" in self.text:
            raise refuse("a constant that a format string names")
        for path in self.uses(name):
            if path[-1].kind != "identifier":
                continue
            if {step.kind for step in path} & _NO_EXPRESSIONS or _is_compile_time(path):
                raise refuse("a constant of a pattern or of another constant")
            if path[-2].kind == "token_tree" and self._macro(path) not in _FORMATS | _CHECKS | _VALUES:
                raise refuse("a constant that a macro uses")
            end = self.span(path[-1].node).end
            yield Replacement(Span(end, end), _AS_STR)


def _is_compile_time(path: Sequence[Step]) -> bool:
    """Return whether the compiler evaluates the end of a path."""
    for step in reversed(path):
        if step.kind == "closure_expression":
            return False
        if step.kind == "function_item":
            return any(
                child.type == "function_modifiers" and b"const" in (child.text or b"").split()
                for child in step.node.children
            )
        if step.kind in {*_ITEMS, "const_block", "array_type", "enum_variant"}:
            return True
    return False
