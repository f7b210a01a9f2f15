"""CodeSyntax: a lookup of a variable replaces a string, in any language that has a CodeGrammar."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import ClassVar

from tokenward.errors import RewriteRefused
from tokenward.model import Reference, Span
from tokenward.rewriting.code.grammar import CodeGrammar, Quotes
from tokenward.rewriting.fallbacks import fallback_of, refuse_fallback, refuse_setting, set_variable
from tokenward.rewriting.literal import Joint, Literal, Quoted, Replacement, refuse
from tokenward.rewriting.spelling import Form, Spelling
from tokenward.rewriting.syntax import Step, Syntax, innermost, last_word, operator_of
from tokenward.rewriting.tree import Node

_MAX_FALLBACK_DEPTH = 6
_PIECES = re.compile("additive|binary|chain|concat|interpol|operator")
"""In the kinds of nodes whose value is only partly that of a string in them."""
_BODY = re.compile("block|body|closure|lambda")
"""In the kinds of nodes that contain statements."""
_TARGET = re.compile(r"\s*(?:\|\||//|\?\?|[.+])?=(?![=~>])")
"""After a lookup, makes it the target of an assignment."""
_HEREDOC = re.compile(r"<<(?P<indent>[~-]?)[ \t]*(?P<quote>[\"'`]?)(?P<name>\w+)")
_MAX_LEAD = 200
"""Characters of code before an argument or an operand that are compared with a pattern."""


class CodeSyntax(Syntax):
    """A file of a language with a row of data; a subclass adds what a row cannot express."""

    grammar: ClassVar[CodeGrammar]

    def __init__(self, text: str) -> None:
        self.tree_grammar, self.comment_kinds = self.grammar.name, self.grammar.comments
        super().__init__(text)
        on_devices = self.grammar.on_devices
        self._is_on_devices = on_devices is not None and on_devices.search(text) is not None

    def literal_at(self, path: list[Step], span: Span, reference: Reference) -> Literal:
        special = self.special_literal(path, span, reference)
        if special is not None:
            return special
        if self._is_on_devices:
            raise RewriteRefused(
                "The code runs on its users' devices, where no variable is set and no token stays secret; revoke it, "
                "and keep its successor on a server."
            )
        self._check_refused(path)
        index = innermost(path, self.grammar.strings, self.grammar.parts)
        path = path[: index + 1]
        if set(self.parts(path[-1].node, span)) - self.grammar.parts:
            raise refuse("a string together with an expression inside it")
        lookup = self.filling(path, reference.name)
        quotes, content = self._quotes(path[-1])
        self.check_place(path)
        if self._sets(path) and self._set_variable(path, span, content) is None:
            raise refuse_setting()
        if (around := self._fallback(path, content, span, reference.name)) is not None:
            literal = Literal(around, around, content, quotes.form, lookup, Joint(), in_environment=True)
        else:
            literal = self._in_place(path, content, quotes, span, lookup)
        return self.adapted(path, literal)

    def special_literal(self, path: Sequence[Step], span: Span, reference: Reference) -> Literal | None:  # noqa: ARG002
        """Return the literal at the end of a path if the row cannot describe it."""
        return None

    def filling(self, path: Sequence[Step], name: str) -> str:  # noqa: ARG002
        """Return the lookup that replaces the string at the end of a path."""
        return self.grammar.lookup.replace("NAME", name)

    def constant(self, path: Sequence[Step]) -> Replacement | None:
        """Return the change of the keyword that makes the declaration at the end of a path a constant."""
        declaration = self._declaration(path)
        parts = declaration.children if declaration else []
        words = [*parts, *(word for part in parts if part.type == "modifiers" for word in part.children)]
        word = next((word for word in words if word.text == b"const"), None)
        if declaration is None or word is None:
            return None
        start, inserted = self.span(word).start, self.grammar.constants.keywords[declaration.type]
        before = "const" if inserted else "const "
        return Replacement(Span(start, start + len(before)), inserted, before=before)

    def adapted(self, path: Sequence[Step], literal: Literal) -> Literal:
        """Return a literal in the form that its place needs.

        Raises:
            RewriteRefused: no form works there, or it is the value of a constant that must stay one.
        """
        declaration, change = self._declaration(path), self.constant(path)
        if declaration is None or change is None:
            return literal
        if self.text[change.span.start : change.span.end] != change.before:
            raise refuse("a constant")
        variables = next(node for node in declaration.children if node.type == "variable_declaration")
        members = variables.named_children
        names = [name for one in members if (name := one.child_by_field_name("name"))]
        for name in names or members[:1]:
            self.check_uses(name)
        return literal

    def preamble(self, uses: Sequence[Span], reference: Reference) -> list[Replacement]:  # noqa: ARG002
        for path in self.words(self.grammar.root) if uses and self.grammar.root else ():
            if path[-1].kind in self.grammar.root_kinds and not self.reads_root(path):
                raise RewriteRefused(
                    "The file uses the name {root} for something else; rename that, then move the token.",
                    root=self.grammar.root,
                )
        keywords = {change.span: change for use in uses if (change := self.constant(self.path(use)))}
        line = self.grammar.import_line
        # Code with a lookup but without the line gets the lookup's name in another way.
        is_known = line is None or not uses or any(True for _ in self.find_lookups(r"\w+"))
        return [*([] if line is None or is_known else line.missing(self)), *keywords.values()]

    def lacks(self, inserted: str) -> bool:
        keywords = (self.constant(self.path(span)) for span in self.find_lookups(r"\w+"))
        if any(change is not None and change.inserted == inserted for change in keywords):
            return True
        line = self.grammar.import_line
        is_missing = line is not None and line.line in inserted and not line.is_in(self)
        return is_missing and any(True for _ in self.find_lookups(r"\w+"))

    def reads_root(self, path: Sequence[Step]) -> bool:
        """Return whether the name at the end of a path means the one that lookups need."""
        return len(path) > 1 and _is_in(self.grammar.root_reads.split(), path[-2], path[-1])

    def check_place(self, path: Sequence[Step]) -> None:
        """Return if an expression may be at the end of a path.

        Raises:
            RewriteRefused: an expression is not allowed there.
        """
        self._check_refused(path)
        outer = path[:-1] if path[-2].kind in self.grammar.chains else path
        if not _is_in(self.grammar.places.split(), outer[-2], outer[-1]):
            raise refuse("a place where no expression is allowed")

    def uses(self, name: Node) -> Iterator[list[Step]]:
        """Yield the path to each place of a declared name except the declaration."""
        return (path for path in self.words(self.source(name)) if path[-1].node != name)

    def check_uses(self, name: Node) -> None:
        """Return if the declaration of this name need not be a constant.

        Raises:
            RewriteRefused: something needs the value before the program can read it.
        """
        constants = self.grammar.constants
        for path in self.uses(name):
            kinds = {step.kind for step in path}
            if kinds & constants.uses or self.constant(path):
                raise refuse("a constant that the compiler needs")
            is_above = path[-1].node.start_byte < name.start_byte
            if is_above and kinds & constants.in_order and not kinds & constants.later:
                raise refuse("a constant that a variable above it needs")

    def lookups(self, name: str) -> Iterator[Span]:
        return self.find_lookups(re.escape(name))

    def find_lookups(self, names: str) -> Iterator[Span]:
        """Yield each lookup of the variables whose name a pattern matches."""
        for match in self.grammar.lookups(names).finditer(self.text):
            span = Span(*match.span())
            last = self.path(span)[-1]
            if self.grammar.sets and _TARGET.match(self.text, span.end, span.end + _MAX_LEAD):
                continue
            if last.kind in self.grammar.unparsed or (
                last.kind not in self.grammar.parts and self.span(last.node) == span
            ):
                yield span

    def quoted(self, span: Span, value: str) -> list[Quoted]:  # noqa: ARG002
        found = (quotes for kind in self.grammar.strings.values() for quotes in kind)
        return [
            Quoted(quotes.closing, Spelling(quotes.form.codec).written(value), quotes.closing)
            for quotes in found
            if len(quotes.closing) == 1 and re.fullmatch(quotes.opening, quotes.closing)
        ]

    def assigned(self, span: Span) -> str | None:
        if (variable := self.fallback(span)) is not None:
            return variable
        path = self.path(span)
        names = dict(row.split(":") for row in self.grammar.names.split())
        for parent, step in zip(path[-2::-1], path[:0:-1], strict=True):
            name_field = names.get(f"{parent.kind}.{step.field}")
            if name_field and (name := self._name(parent.node, name_field, step.node, span)):
                return last_word(name)
            if parent.kind in self.grammar.stops:
                return None
        return None

    def fallback(self, span: Span) -> str | None:
        path = self.path(span)
        index = max((at for at, step in enumerate(path) if step.kind in self.grammar.strings), default=0)
        if not index:
            return None
        path = path[: index + 1]
        if found := self._fallback_span(path, span):
            return found[1]
        try:
            content = self._quotes(path[-1])[1]
        except RewriteRefused:
            return None
        return self._set_variable(path, span, content)

    def _heredoc(self, body: Node, form: Form, filling: str) -> Literal:
        """Return a here-document, which follows the line with its opening."""
        end = next(child for child in body.children if child.type == "heredoc_end")
        whole = Span(self.span(body).start, self.span(end).start)
        openings = _HEREDOC.finditer(self.text, 0, whole.start)
        begins = [found for found in openings if found["name"] == self.source(end)]
        if not begins or begins[-1]["quote"] not in {"", '"'}:
            raise refuse("a here-document without interpolation")
        form = replace(form, line_breaks=begins[-1]["indent"] != "~")
        return Literal(whole, whole, whole, form, filling, None, in_environment=True)

    def _declaration(self, path: Sequence[Step]) -> Node | None:
        """Return the innermost declaration on a path that may have a keyword to change."""
        keywords = self.grammar.constants.keywords
        return next((step.node for step in reversed(path) if step.kind in keywords), None)

    def _quotes(self, step: Step) -> tuple[Quotes, Span]:
        whole = self.span(step.node)
        for quotes in self.grammar.strings[step.kind]:
            if opening := re.compile(quotes.opening).match(self.text, whole.start, whole.end):
                closing = len(opening.expand(quotes.closing))
                return quotes, Span(opening.end(), whole.end - closing)
        raise refuse("a string of this kind")

    def _in_place(
        self, path: Sequence[Step], content: Span, quotes: Quotes, span: Span, lookup: str
    ) -> Literal:
        whole = self.span(path[-1].node)
        chained = path[-2].kind in self.grammar.chains
        if quotes.hole and (chained or span != content):
            filling = lookup.join(quotes.hole)
            return Literal(whole, whole, content, quotes.form, filling, None, in_environment=True)
        if self.grammar.glue is None:
            if span != content or chained:
                raise refuse("a part of a string")
            return Literal(whole, whole, content, quotes.form, lookup, Joint(), in_environment=True)
        zone = self.span(path[-2].node) if chained else whole
        joint = self.joint(path[-1].node if chained else None, self.grammar.glue)
        return Literal(zone, whole, content, quotes.form, lookup, joint, in_environment=True)

    def _check_refused(self, path: Sequence[Step]) -> None:
        refused = self.grammar.refused
        for parent, step in pairwise(path):
            if words := refused.get(step.kind) or refused.get(f"{parent.kind}.{step.field}"):
                raise refuse(words)

    def _lead(self, parent: Step, step: Step) -> str:
        start, end = parent.node.start_byte, step.node.start_byte
        return (
            self.text[self.span(parent.node).start : self.span(step.node).start]
            if end - start < _MAX_LEAD
            else ""
        )

    def _sets(self, path: Sequence[Step]) -> int:
        """Return the index of the step at which the code sets a variable to what is there; 0 if it does not."""
        pattern = self.grammar.sets
        if pattern is None:
            return 0
        if self.grammar.sets_alone:
            first = len(path) - (2 if path[-2].kind in self.grammar.chains else 1)
            steps = [(first, (path[first - 1], path[first]))]
        else:
            first = max((at for at, step in enumerate(path[:-1], 1) if _BODY.search(step.kind)), default=1)
            steps = [*enumerate(pairwise(path[first - 1 :]), first)]
        return next((at for at, pair in steps if pattern.fullmatch(self._lead(*pair))), 0)

    def _set_variable(self, path: Sequence[Step], span: Span, content: Span) -> str | None:
        """Return the variable that the code sets to the whole string at the end of a path."""
        index = self._sets(path)
        inside = [step for step in path[index:-1] if len(step.node.named_children) > 1]
        if not index or span != content or any(_PIECES.search(step.kind) for step in inside):
            return None
        start, end = self.span(path[index - 1].node).start, self.span(path[-1].node).start
        return set_variable(self.text[max(start, end - _MAX_LEAD) : end])

    def _fallback(self, path: Sequence[Step], content: Span, span: Span, name: str) -> Span | None:
        """Return the span that a lookup of the variable replaces if the token is the whole fallback from it.

        Raises:
            RewriteRefused: any other lookup would be evaluated, and could fail, when the token is not needed.
        """
        found = self._fallback_span(path, content) if span == content else None
        if found and found[1] == name:
            return found[0]
        if self.grammar.eager and any(
            self.grammar.eager.fullmatch(self._lead(parent, step)) for parent, step in pairwise(path)
        ):
            raise refuse_fallback(found[1] if found else None)
        return None

    def _fallback_span(self, path: Sequence[Step], content: Span) -> tuple[Span, str] | None:
        """Return the lookup that has a literal's content as its fallback, and its variable."""
        for parent in path[-2 : -2 - _MAX_FALLBACK_DEPTH : -1]:
            around = self.span(parent.node)
            left = parent.node.child_by_field_name("left")
            while left and left.type == parent.kind and operator_of(left) == operator_of(parent.node):
                left = left.child_by_field_name("right")
            start = self.span(left).start if left else around.start
            whole, calls_env = Span(start, around.end), self.grammar.calls_env
            if start < content.start and (
                name := fallback_of(self.text, whole, content, calls_env=calls_env)
            ):
                return whole, name
        return None

    def _name(self, node: Node, name_field: str, value: Node, span: Span) -> str | None:
        """Return the source of the name that a value is assigned to; in a list, the name at the same position."""
        first = node.named_children[:1] if name_field == "0" else node.children_by_field_name(name_field)
        names = [name for name in first if name.is_named and name != value] or [
            child.named_children[0] if child.named_children else child
            for child in node.named_children
            if child.type == name_field
        ]
        is_list = len(names) == 1 and names[0].type not in self.grammar.strings
        if is_list and (names[0].type == value.type or names[0].type.endswith("_list")):
            inner = [name for name in names[0].named_children if name.type != "attribute"]
            names = inner or names
        values = value.named_children if len(names) > 1 else []
        at = next((at for at, child in enumerate(values) if self.span(child).contains(span)), 0)
        return self.source(names[at]) if at < len(names) else None


def _is_in(places: Sequence[str], parent: Step, step: Step) -> bool:
    return parent.kind in places or f"{parent.kind}.{step.field}" in places
