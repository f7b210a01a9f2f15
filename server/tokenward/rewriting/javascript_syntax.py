"""JavaScript and TypeScript: `process.env.NAME` replaces a string or a part of one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tokenward.errors import RewriteRefused
from tokenward.language import phrase
from tokenward.model import Reference, Span
from tokenward.rewriting.fallbacks import fallback_of, refuse_fallback, refuse_setting
from tokenward.rewriting.literal import Joint, Literal, Replacement, refuse
from tokenward.rewriting.spelling import Form
from tokenward.rewriting.syntax import Step, Syntax, innermost, last_word, operator_of

_ESCAPE = re.compile(r"\\(?:\r\n|u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[0-7]{1,3}|.)", re.DOTALL)
_STRINGS = {'"': Form(_ESCAPE, "double"), "'": Form(_ESCAPE, "single")}
_TEMPLATE = Form(_ESCAPE, "backtick", line_breaks=True)
_ATTRIBUTE = Form(re.compile(r"&[^;\s&]{1,32};|[\\\r\n]"))

# Nodes in which any expression is allowed: in all fields, or in some.
_EXPRESSION_PARENTS = {
    "arguments", "array", "as_expression", "await_expression", "binary_expression",
    "computed_property_name", "jsx_attribute", "jsx_expression", "non_null_expression",
    "parenthesized_expression", "return_statement", "satisfies_expression", "sequence_expression",
    "template_substitution", "ternary_expression", "throw_statement", "type_assertion", "unary_expression",
    "yield_expression",
}  # fmt: skip
_EXPRESSION_FIELDS = {
    "arrow_function": {"body"},
    "assignment_expression": {"right"},
    "assignment_pattern": {"right"},
    "augmented_assignment_expression": {"right"},
    "export_statement": {"value"},
    "field_definition": {"value"},
    "for_in_statement": {"right"},
    "member_expression": {"object"},
    "object_assignment_pattern": {"right"},
    "optional_parameter": {"value"},
    "pair": {"value"},
    "public_field_definition": {"value"},
    "required_parameter": {"value"},
    "subscript_expression": {"object", "index"},
    "switch_case": {"value"},
    "variable_declarator": {"value"},
}
_FORBIDDEN_ANCESTORS = {
    "ambient_declaration": phrase("a declaration without a run time"),
    "enum_assignment": phrase("an enum, whose members are constants"),
    "import_attribute": phrase("an import"),
}
_BUNDLES = re.compile(
    r"(?:from|require\()\s{0,9}[\"'](?:vite|vitest/config|astro/config|esbuild|tsup|rolldown|@rspack/core|@rsbuild/core)[\"']"
)
"""Matches the configuration of a bundler whose entry `define` has code to copy."""
_BUNDLER_PLUGIN = re.compile(r"(?:[\w.]+\.)?(?:Define|Environment)Plugin")
_PART_OF_STRING = {"string_fragment", "escape_sequence", "html_character_reference"}
_TARGET = re.compile(r"\s{0,99}=(?![=>])")
_ENVIRONMENT = re.compile(r"process\.env(?:\.[\w$]+|\[.*\])", re.DOTALL)
_TRANSPARENT = {"parenthesized_expression", "ternary_expression"}
_FALLBACKS = {"||", "??", "||=", "??="}
_NAMES = {
    "assignment_expression": ("right", "left"),
    "assignment_pattern": ("right", "left"),
    "field_definition": ("value", "property"),
    "object_assignment_pattern": ("right", "left"),
    "optional_parameter": ("value", "pattern"),
    "pair": ("value", "key"),
    "public_field_definition": ("value", "name"),
    "required_parameter": ("value", "pattern"),
    "variable_declarator": ("value", "name"),
}


class JavaScriptSyntax(Syntax):
    """A JavaScript file."""

    asserts_value = ""
    tree_grammar = "javascript"

    def literal_at(self, path: list[Step], span: Span, reference: Reference) -> Literal:
        index = innermost(path, {"string", "template_string"}, _PART_OF_STRING)
        self._check_place(path[: index + 1])
        whole = self.span(path[index].node)
        content = Span(whole.start + 1, whole.end - 1)
        lookup = f"process.env.{reference.name}"
        if (around := self._fallback(path[: index + 1], span, reference.name)) is not None:
            form = _STRINGS.get(self.text[whole.start], _TEMPLATE)
            filling = lookup + self.asserts_value
            return Literal(around, around, content, form, filling, Joint(), in_environment=True)
        if path[index].kind == "template_string":
            if "template_substitution" in self.parts(path[index].node, span):
                raise refuse("a template together with an expression inside it")
            return Literal(whole, whole, content, _TEMPLATE, f"${{{lookup}}}", None, in_environment=True)
        form, joint = self._form_and_joint(path[: index + 1], whole, content)
        return Literal(whole, whole, content, form, lookup + self.asserts_value, joint, in_environment=True)

    def preamble(self, uses: Sequence[Span], reference: Reference) -> list[Replacement]:  # noqa: ARG002
        if uses and any(_binds(self, path) for path in self.words("process")):
            raise RewriteRefused(
                "The file uses the name process for something else; rename that, then move the token."
            )
        return []

    def lookups(self, name: str) -> Iterator[Span]:
        for match in re.finditer(rf"process\.env\.{re.escape(name)}(?![\w$])", self.text):
            span = Span(*match.span())
            last = self.path(span)[-1]
            if last.kind == "member_expression" and self.span(last.node) == span:
                if _TARGET.match(self.text, span.end):
                    continue
                asserted = bool(self.asserts_value) and re.match(
                    r"!(?!=[^=>])", self.text[span.end : span.end + 3]
                )
                yield Span(span.start, span.end + 1) if asserted else span

    def assigned(self, span: Span) -> str | None:
        if (variable := self.fallback(span)) is not None:
            return variable
        path = self.path(span)
        for parent, step in zip(path[-2::-1], path[:0:-1], strict=True):
            value_field, name_field = _NAMES.get(parent.kind, ("", ""))
            if step.field == value_field and (name := parent.node.child_by_field_name(name_field)):
                return last_word(self.source(name))
            if parent.kind == "jsx_attribute" and (attribute := parent.node.named_child(0)):
                return self.source(attribute)
            if parent.kind in {"arguments", "statement_block", "class_body", "arrow_function"}:
                return None
        return None

    def fallback(self, span: Span) -> str | None:
        path = self.path(span)
        strings = (at for at, step in enumerate(path) if step.kind in {"string", "template_string"})
        index = max(strings, default=0)
        around = self._fallback_span(path[: index + 1]) if index else None
        return fallback_of(self.text, around, span) if around else None

    def _fallback(self, path: Sequence[Step], span: Span, name: str) -> Span | None:
        """Return the span that a look-up of the variable replaces if the token is the whole fallback from it.

        Raises:
            RewriteRefused: a variable would get the text "undefined" if another is not set.
        """
        around = self._fallback_span(path)
        known = fallback_of(self.text, around, span) if around else None
        is_set = _sets_variable(self, path[-2])
        if known is None and is_set:
            raise refuse_setting()
        if known is not None and known != name and "assignment" in path[-2].kind and not is_set:
            raise refuse_fallback(known)
        return around if known == name else None

    def _fallback_span(self, path: Sequence[Step]) -> Span | None:
        """Return the operand before `||`, `??` or `=` with the literal after it; None for any other operation."""
        literal, parent = path[-1], path[-2]
        operator = operator_of(parent.node)
        if literal.field != "right" or not (operator in _FALLBACKS or _sets_variable(self, parent)):
            return None
        left = parent.node.child_by_field_name("left")
        while left and left.type == "binary_expression" and operator_of(left) == operator:
            left = left.child_by_field_name("right")
        return Span(self.span(left).start, self.span(literal.node).end) if left else None

    def _form_and_joint(self, path: Sequence[Step], whole: Span, content: Span) -> tuple[Form, Joint]:
        if path[-2].kind == "jsx_attribute":
            if _ATTRIBUTE.cuts(self.text, content):
                raise refuse("a JSX attribute with escapes")
            return _ATTRIBUTE, Joint(" + ", ("{", "}"), always_wrapped=True)
        return _STRINGS[self.text[whole.start]], Joint(" + ", ("(", ")"))

    def _is_bundled(self, step: Step) -> bool:
        """Return whether a bundler replaces names by the content of a node."""
        if step.kind == "new_expression" and (plugin := step.node.child_by_field_name("constructor")):
            return _BUNDLER_PLUGIN.fullmatch(self.source(plugin)) is not None
        key = step.node.child_by_field_name("key") if step.kind == "pair" else None
        return (
            key is not None
            and last_word(self.source(key)) == "define"
            and _BUNDLES.search(self.text) is not None
        )

    def _check_place(self, path: Sequence[Step]) -> None:
        for step in path:
            if step.kind in _FORBIDDEN_ANCESTORS:
                raise refuse(_FORBIDDEN_ANCESTORS[step.kind])
            if self._is_bundled(step):
                raise RewriteRefused(
                    "Bundlers copy this into the code that they build, where anyone can read the token, whatever its "
                    "source; keep the token on a server, and revoke this one."
                )
        parent, literal = path[-2], path[-1]
        is_allowed = literal.field in _EXPRESSION_FIELDS.get(parent.kind, ())
        if parent.kind not in _EXPRESSION_PARENTS and not is_allowed:
            raise refuse("a place where no expression is allowed")
        if parent.kind.startswith("augmented") and _sets_variable(self, parent):
            raise refuse_setting()
        if _is_constant(path):
            raise refuse("a constant assertion")
        # Otherwise, a parenthesis in the literal's place could continue the statement before it.
        statement = next((step for step in reversed(path) if step.kind == "expression_statement"), None)
        if statement is not None and statement.node.start_byte == literal.node.start_byte:
            raise refuse("the beginning of a statement")


class TypeScriptSyntax(JavaScriptSyntax):
    """A TypeScript file, where a variable may be undefined unless the code asserts that it is not."""

    asserts_value = "!"
    tree_grammar = "typescript"


class TsxSyntax(JavaScriptSyntax):
    """A TypeScript file with JSX."""

    asserts_value = "!"
    tree_grammar = "tsx"


def _sets_variable(syntax: Syntax, parent: Step) -> bool:
    """Return whether an assignment sets an environment variable in any case."""
    left = parent.node.child_by_field_name("left") if "assignment" in parent.kind else None
    is_set = left is not None and _ENVIRONMENT.fullmatch(syntax.source(left)) is not None
    return is_set and operator_of(parent.node) not in _FALLBACKS


def _is_constant(path: Sequence[Step]) -> bool:
    """Return whether `as const` makes the literal, or an expression around it, a type."""
    for parent, step in zip(path[-2::-1], path[:0:-1], strict=True):
        if parent.kind == "as_expression" and any(child.type == "const" for child in parent.node.children):
            return step.kind in {"string", "template_string", *_TRANSPARENT}
        if parent.kind == "type_assertion" and b"const" in (parent.node.children[0].text or b""):
            return True
        if parent.kind not in _TRANSPARENT:
            return False
    return False


def _binds(syntax: Syntax, path: Sequence[Step]) -> bool:
    leaf, parent = path[-1], path[-2] if len(path) > 1 else path[-1]
    if leaf.kind not in {"identifier", "shorthand_property_identifier_pattern"}:
        return False
    if (parent.kind, leaf.field) == ("member_expression", "object") or parent.kind in {
        "arguments",
        "binary_expression",
        "parenthesized_expression",
        "unary_expression",
    }:
        return False
    statement = next((step for step in reversed(path) if step.kind == "import_statement"), None)
    source = statement.node.child_by_field_name("source") if statement else None
    plain_import = parent.kind == "import_clause" and source is not None
    return not (plain_import and source and syntax.source(source)[1:-1] in {"process", "node:process"})
